"""What an agent who leaves hands over, and to whom (R44)."""

from collections.abc import Iterable
from datetime import datetime

from pfinbox.domain.model import Agent
from pfinbox.errors import Refused
from pfinbox.i18n import _
from pfinbox.record import record


@record
class Handover:
    """What an agent leaves behind, as numbers; ``to`` gets it, None: it becomes unassigned."""

    to: Agent | None
    open: int
    snoozed: int
    drafts: int
    # Scheduled comments; they will be held for a person to look at.
    scheduled: int
    # Conversations of a personal account that nobody else sees; they need a ``to``.
    private: int


@record
class LeftTask:
    """An open or snoozed task that nobody has when the agent goes."""

    id: int
    private_to_id: int | None
    snoozed_until: datetime | None


@record
class LeftDraft:
    id: int
    task_id: int
    mode: str
    text: str


@record
class LeftDelivery:
    """A scheduled delivery of a comment in a task."""

    id: int
    comment_id: int
    root_id: int


@record
class LeftBehind:
    """Everything that waits for the agent."""

    tasks: tuple[LeftTask, ...]
    drafts: tuple[LeftDraft, ...]
    scheduled: tuple[LeftDelivery, ...]


def handover(left: LeftBehind, agent: Agent, to: Agent | None, now: datetime) -> Handover:
    """What goes to ``to``, as numbers."""
    snoozed = [
        one for one in left.tasks if one.snoozed_until is not None and one.snoozed_until > now
    ]
    return Handover(
        to=to,
        open=len(left.tasks) - len(snoozed),
        snoozed=len(snoozed),
        drafts=len(left.drafts),
        scheduled=len({one.comment_id for one in left.scheduled}),
        private=sum(1 for one in left.tasks if one.private_to_id == agent.id),
    )


def must_leave_cleanly(agent: Agent, done: Handover) -> None:
    """Refused where the agent has left already, or somebody's conversations would be nobody's."""
    if not agent.active:
        raise Refused(_("agent {login} is deactivated already").format(login=agent.login))
    if done.private and done.to is None:
        raise Refused(
            _(
                "{n} conversations of a personal account are seen by {login} only; "
                "name a deputy to take them over"
            ).format(n=done.private, login=agent.login)
        )


def joined(
    drafts: Iterable[LeftDraft], own: Iterable[LeftDraft]
) -> tuple[list[int], dict[int, tuple[int, str]]]:
    """The drafts that change hands, and those whose text goes below the new owner's ``own`` one.

    An agent has one draft a task: of the second ones, by their ids, the own one's id and text.
    """
    known = {(one.task_id, one.mode): one for one in own}
    moved, below = [], {}
    for one in drafts:
        same = known.get((one.task_id, one.mode))
        if same is None:
            moved.append(one.id)
        else:
            below[one.id] = (same.id, f"{same.text}\n\n{one.text}")
    return moved, below
