"""Whether tasks may be joined, and what the survivor takes from the others: what it lacks (R32)."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from pfinbox.domain.merging.reading import Reader, joined
from pfinbox.domain.merging.tree import Change, Merge
from pfinbox.domain.model import Account, Binding, Chat, Contact, Task
from pfinbox.errors import Refused
from pfinbox.i18n import _
from pfinbox.record import record


@record
class Terms:
    """What a task is under: whose it is, which account's rules and eyes it has."""

    contact_id: int | None
    account_id: int | None
    private_to_id: int | None


def adopted(survivor_id: int, survivor: Terms, other: Terms) -> list[Change]:
    """What changes in the survivor once ``other`` is merged in.

    The terms are the tasks' own, not those of roots: a card may be unmerged later.
    """
    now = adopt(survivor, other)
    return [
        Change("task", survivor_id, column, getattr(survivor, column), getattr(now, column))
        for column in ("contact_id", "account_id", "private_to_id")
        if getattr(survivor, column) != getattr(now, column)
    ]


def adopt(survivor: Terms, other: Terms) -> Terms:
    """The survivor's terms once ``other`` is merged in: its own, else the other's.

    Who sees either sees both.
    """
    alike = survivor.private_to_id == other.private_to_id
    return Terms(
        survivor.contact_id or other.contact_id,
        survivor.account_id or other.account_id,
        survivor.private_to_id if alike else None,
    )


def join(
    survivor: Task,
    others: Sequence[Task],
    contacts: Mapping[int, Contact],
    accounts: Mapping[int, Account],
    *,
    reply_via: str | None = None,
    force: bool = False,
) -> str:
    """Whether ``others`` may be merged into ``survivor``; its reply channel afterwards (R16).

    All are roots and living. ``contacts`` and ``accounts`` are those of the tasks, by id.
    Refused says what to do instead.
    """
    if not force:
        _one_contact(survivor, others, contacts)
        _one_audience(survivor, others)
    return _reply_channel(survivor, others, accounts, reply_via)


def _one_contact(survivor: Task, others: Sequence[Task], contacts: Mapping[int, Contact]) -> None:
    """Refuse to join tasks of different contacts without ``force``."""
    known = [task for task in (survivor, *others) if task.contact_id is not None]
    first = known[0] if known else survivor
    for task in known:
        if task.contact_id != first.contact_id and first.contact_id and task.contact_id:
            raise Refused(
                _(
                    "tasks #{first} ({mine}) and #{other} ({theirs}) are of different contacts; "
                    "merged, a comment to the client would go to {mine}: force it if you mean that"
                ).format(
                    first=first.id,
                    mine=contacts[first.contact_id].name,
                    other=task.id,
                    theirs=contacts[task.contact_id].name,
                )
            )


def _one_audience(survivor: Task, others: Sequence[Task]) -> None:
    """Refuse to show a personal account's task to colleagues without ``force`` (R10)."""
    for task in others:
        if task.private_to_id != survivor.private_to_id:
            hidden = task if task.private_to_id is not None else survivor
            raise Refused(
                _(
                    "task #{id} is seen by its owner only; merged, colleagues would see it: "
                    "force it if you mean that"
                ).format(id=hidden.id)
            )


def ways(*tasks: Task) -> list[Chat]:
    """The chats by which these tasks, made one, could answer their client."""
    # A side conversation is no way to the client, nor is a chat that only agents have used.
    return [chat for task in tasks for chat in task.chats if not (chat.outside or chat.aside)]


def _reply_channel(
    survivor: Task,
    others: Sequence[Task],
    accounts: Mapping[int, Account],
    reply_via: str | None,
) -> str:
    """The survivor's own channel, else the only one that comes with the others, else a choice."""
    choices = sorted({accounts[chat.account_id].name for chat in ways(survivor, *others)})
    if reply_via is not None:
        if reply_via not in choices:
            raise Refused(
                _("{via} is no channel of these tasks; choose one of: {choices}").format(
                    via=reply_via, choices=", ".join(choices) or "-"
                )
            )
        return reply_via
    has_own = any(chat.own and not chat.outside for chat in survivor.chats)
    if not has_own and survivor.reply_via == "own" and len(choices) > 1:
        raise Refused(
            _("task #{id} has no channel of its own; choose one to answer by: {choices}").format(
                id=survivor.id, choices=", ".join(choices)
            )
        )
    return survivor.reply_via


@record
class Around:
    """What a merge of two root tasks looks at besides the tasks themselves."""

    terms: Mapping[int, Terms]
    # Those of both tasks.
    bindings: Collection[Binding]
    readers: Collection[Reader]
    # The merges into the survivor that stand, oldest first.
    earlier: Sequence[Merge]
    # The highest comment.
    mark: int
    now: datetime


def merge(survivor: Task, other: Task, reply_via: str, around: Around) -> Merge:
    """What merging ``other`` into ``survivor`` changes, as it is written down; without an id."""
    changes = adopted(survivor.id, around.terms[survivor.id], around.terms[other.id])
    if survivor.reply_via != reply_via:
        changes.append(Change("task", survivor.id, "reply_via", survivor.reply_via, reply_via))
    notable = {task.id: task.last_notable_id for task in (survivor, other)}
    marks, read = joined(around.readers, survivor.id, notable)
    earlier = around.earlier
    return Merge(
        0,
        other.id,
        survivor.id,
        around.now,
        around.mark,
        changes=(*changes, *marks),
        chats=leaving_chats(around.bindings, survivor.id, other.id),
        active_at=survivor.last_activity_at,
        # Merges are undone in any order.
        own_active_at=earlier[0].own_active_at if earlier else survivor.last_activity_at,
        notable=survivor.last_notable_id,
        read=read,
    )


def active_at(survivor: Task, other: Task) -> datetime | None:
    """When the two, made one, were active last."""
    moments = (survivor.last_activity_at, other.last_activity_at)
    return max((at for at in moments if at is not None), default=None)


def leaving_chats(bindings: Collection[Binding], survivor_id: int, other_id: int) -> frozenset[int]:
    """The other's chats, but for one that both have had and that the survivor has now."""
    theirs = {one.chat_id for one in bindings if one.root_id == other_id}
    mine = {one.chat_id for one in bindings if one.root_id == survivor_id}
    now = {one.chat_id: one.root_id for one in bindings if one.current}
    return frozenset(chat for chat in theirs if chat not in mine or now.get(chat) == other_id)


@record
class Client:
    """The client of a task that was merged into another one."""

    task_id: int
    # The card, as the task names it, and its root.
    contact_id: int
    root_card_id: int


def guests(survivor: Task, clients: Sequence[Client]) -> list[Client]:
    """The clients of merged tasks who are to take part in the survivor.

    Without that nobody could answer them: a comment goes only to people of the task.
    """
    here = {survivor.contact_id, *(w.id for w in survivor.participants if w.kind == "contact")}
    found = []
    for client in clients:
        if client.root_card_id not in here:
            here.add(client.root_card_id)
            found.append(client)
    return found
