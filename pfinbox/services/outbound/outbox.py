"""What an agent does to deliveries: retry, stop, reschedule, edit, mark (R18, R24)."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from pfinbox.domain.actor import AgentActor
from pfinbox.domain.contract.reason import Reason
from pfinbox.domain.events.comments import (
    CommentChanged,
    DeliveryDismissed,
    DeliveryMarkedSent,
    DeliveryRetried,
    DeliveryWithdrawn,
)
from pfinbox.domain.model import Task
from pfinbox.domain.outbound.delivery import MOVES, WAITING, PartState, State, Step
from pfinbox.domain.outbound.planning.routes import goes_on
from pfinbox.domain.outbound.queueing import edited
from pfinbox.domain.state_words import delivery_state
from pfinbox.domain.text.cleaning import clean
from pfinbox.errors import Refused, UsageError
from pfinbox.i18n import _
from pfinbox.services import access
from pfinbox.services.events import reactions
from pfinbox.services.outbound import delivery_failure, send_recovery, shared_parts
from pfinbox.store import files, load, snapshots, write
from pfinbox.store.uow import UnitOfWork


async def _delivery(
    uow: UnitOfWork,
    actor: AgentActor,
    delivery_id: int,
    step: Step,
    refusal: str,
    *,
    sends: bool = False,
) -> load.outbox.Queued:
    """The delivery, if it may take the step; ``refusal`` says why not."""
    allowed = [state for state in State if state in MOVES[step].sources]
    task = await access.task_of_delivery(uow, actor, delivery_id)
    row = await load.outbox.queued(uow, delivery_id)
    if row.state not in allowed:
        raise Refused(
            refusal.format(
                id=delivery_id,
                state=delivery_state(row.state),
                allowed=", ".join(delivery_state(state) for state in allowed),
            )
        )
    if sends:
        await _goes_on_here(uow, actor, task, row.chat_id)
        await write.accounts.try_sending(uow, row.account_id)
    return row


async def _goes_on_here(
    uow: UnitOfWork, actor: AgentActor, task: Task, chat_id: int | None
) -> None:
    """Refused where the chat's newer task is open: that one shows all that it was told (R4)."""
    for chat in task.chats:
        reason = goes_on(task, chat, _("the client")) if chat.id == chat_id else None
        if reason is not None:
            shown = await access.without_hidden_tasks(uow, actor, reason)
            raise Refused(shown.sentence())


async def move(uow: UnitOfWork, step: Step, ids: Collection[int], **values: Any) -> None:
    """Move deliveries that this transaction has locked."""
    if await write.deliveries.move(uow, step, ids, **values) != set(ids):
        raise Refused(_("it has changed meanwhile; look again"))


async def retry(uow: UnitOfWork, actor: AgentActor, delivery_id: int) -> None:
    """Try a delivery again now. A part that went to others as well is sent again to this one alone.

    The parts keep their source ids: a receiver can recognise the repeat.
    """
    row = await _delivery(
        uow,
        actor,
        delivery_id,
        Step.RETRIED,
        _("delivery {id} is {state}; only {allowed} can be retried"),
        sends=True,
    )
    await shared_parts.leave(uow, delivery_id)
    contents = await load.outbox.parts_of_delivery(uow, delivery_id)
    unsent = [one for one in contents if one.state != PartState.SENT]
    # A notice has none.
    attached = [i for one in unsent for i in one.content.get("files", ())]
    await files.must_all_be_here(uow, attached)
    parts = await load.deliveries.parts(uow, delivery_id)
    await write.deliveries.move_parts(uow, Step.RETRIED, parts)
    await move(
        uow,
        Step.RETRIED,
        [delivery_id],
        due_at=uow.now,
        first_tried_at=None,
        attempts=0,
        error=None,
        dismissed_at=None,
    )
    await reactions.follow(uow, row.task_id, DeliveryRetried(delivery=delivery_id), actor.id)


async def dismiss(uow: UnitOfWork, actor: AgentActor, delivery_id: int) -> None:
    """Dismiss a failed delivery: it stays failed and is counted no longer."""
    row = await _delivery(
        uow,
        actor,
        delivery_id,
        Step.DISMISSED,
        _("delivery {id} is {state}; only {allowed} can be dismissed"),
    )
    await move(uow, Step.DISMISSED, [delivery_id], dismissed_at=uow.now)
    await reactions.follow(uow, row.task_id, DeliveryDismissed(delivery=delivery_id), actor.id)


async def mark_sent(uow: UnitOfWork, actor: AgentActor, delivery_id: int) -> None:
    """Mark a delivery of unknown fate as sent: a person knows that it arrived."""
    row = await _delivery(
        uow,
        actor,
        delivery_id,
        Step.MARKED_SENT,
        _("delivery {id} is {state}; only {allowed} can be marked as sent"),
    )
    await move(uow, Step.MARKED_SENT, [delivery_id], sent_at=uow.now, dismissed_at=None)
    await send_recovery.went(uow, [delivery_id])
    await reactions.follow(uow, row.task_id, DeliveryMarkedSent(delivery=delivery_id), actor.id)


async def withdraw(uow: UnitOfWork, actor: AgentActor, delivery_id: int) -> None:
    """Withdraw a delivery: it never goes out; one that may have arrived becomes unknown."""
    row = await _delivery(
        uow,
        actor,
        delivery_id,
        Step.WITHDRAWN,
        _("delivery {id} is {state}; only {allowed} can be withdrawn"),
    )
    if row.doubted and row.state in WAITING:
        await delivery_failure.stop(uow, delivery_id, Reason("outcome_unknown", {"detail": ""}))
        return
    await move(uow, Step.WITHDRAWN, [delivery_id], dismissed_at=None)
    await reactions.follow(uow, row.task_id, DeliveryWithdrawn(delivery=delivery_id), actor.id)


async def send_now(uow: UnitOfWork, actor: AgentActor, delivery_id: int) -> None:
    """Send a delivery now: neither its moment nor a reason to hold it is waited for."""
    await _delivery(
        uow,
        actor,
        delivery_id,
        Step.SENT_NOW,
        _("delivery {id} is {state}; only {allowed} can be sent now"),
        sends=True,
    )
    await move(uow, Step.SENT_NOW, [delivery_id], due_at=uow.now, error=None)


async def reschedule(
    uow: UnitOfWork,
    actor: AgentActor,
    delivery_id: int,
    when: datetime,
    *,
    anyway: bool | None = None,
) -> None:
    """Give a delivery another moment; it never goes out at its old one.

    ``anyway``: even if the client writes before (R18); None: as its author had chosen.
    """
    row = await _delivery(
        uow,
        actor,
        delivery_id,
        Step.RESCHEDULED,
        _("delivery {id} is {state}; only {allowed} can be rescheduled"),
        sends=True,
    )
    if when <= uow.now:
        raise Refused(_("{when} has passed already").format(when=when.isoformat(" ", "minutes")))
    await move(uow, Step.RESCHEDULED, [delivery_id], due_at=when, error=None)
    values: dict[str, object] = {"due_at": when}
    if anyway is not None:
        values["send_anyway"] = anyway
    if row.state == State.HELD:
        # The agent has seen why the delivery was held: it is not held for that again.
        values["looked_at_id"] = await load.comments.highest_id(uow)
    await write.outgoing.change_comment(uow, row.comment_id, **values)


async def edit(uow: UnitOfWork, actor: AgentActor, delivery_id: int, text: str) -> None:
    """Another text for a comment that nobody outside has yet: all its deliveries get it."""
    row = await _delivery(
        uow,
        actor,
        delivery_id,
        Step.RESCHEDULED,
        _("delivery {id} is {state}; only {allowed} can be edited"),
    )
    text = clean(text).strip("\n")
    if not text.strip():
        raise UsageError(_("a comment needs a text"))
    others = set((await load.outbox.of_comment(uow, row.comment_id)).values())
    gone = await load.outbox.may_have_arrived(uow, row.comment_id)
    if gone or not others <= {*WAITING, State.WITHDRAWN}:
        raise Refused(_("a part of this comment has left already"))
    parts = await load.outbox.parts_of_comment(uow, row.comment_id)
    await write.outgoing.change_contents(uow, edited(parts, text))
    await write.outgoing.change_comment(uow, row.comment_id, text=text)
    root_id = await snapshots.task_root(uow, row.task_id)
    await reactions.follow(uow, root_id, CommentChanged(row.comment_id), actor.id)
