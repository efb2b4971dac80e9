"""One reply to many tasks: to each client as a comment of its own, by the service of a single one.

Every rule of a single reply holds for each of them (R13-R18); a key per task makes a repeat after
a crash or a stop harmless. What cannot go out is left out and named; the others go.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta

from pfinbox.domain.actor import AgentActor
from pfinbox.domain.contract.files import File
from pfinbox.domain.model import Notify, Who
from pfinbox.domain.recipients.bulk import BulkRow
from pfinbox.domain.recipients.picker import with_client
from pfinbox.domain.text.canned import fill, person_values
from pfinbox.errors import PfinboxError, StoreError
from pfinbox.i18n import _
from pfinbox.record import record
from pfinbox.services import access
from pfinbox.services.comments import comments, planning
from pfinbox.services.comments.comments import ClientWrote, CommentRequest, Saved
from pfinbox.services.inbox import Inbox
from pfinbox.services.outbound import undo_send
from pfinbox.services.tasks import drafts
from pfinbox.store import load, locks, snapshots
from pfinbox.store.read import visibility
from pfinbox.store.uow import UnitOfWork

# Tasks planned, or comments taken back, in one transaction.
BATCH = 20
# Tasks read in one statement.
BATCH_READ = 500
# Seconds that storing one comment takes, roughly: all comments leave at one moment.
A_SAVE = 0.05


@record
class BulkReply:
    """``text`` has places such as ``{{client.first_name|there}}``; ``key`` is made once."""

    text: str
    key: str
    attachments: tuple[File, ...] = ()
    # Seconds in which all comments can be taken back (R18).
    undo_seconds: float = 0


@dataclass(slots=True)
class Outcome:
    """What became of a bulk reply."""

    # Comments by task.
    saved: dict[int, Saved] = field(default_factory=dict)
    # What was left out, with the reason in the reader's language.
    left_out: list[tuple[BulkRow, str]] = field(default_factory=list)
    # Tasks not tried: the agent stopped the reply, or the database was lost.
    not_tried: tuple[BulkRow, ...] = ()
    # What the database said when it was lost.
    broken: str = ""


async def plan(uow: UnitOfWork, actor: AgentActor, task_ids: Iterable[int]) -> tuple[BulkRow, ...]:
    """To whom and by what each task's reply would go; nothing is stored."""
    return tuple([await _row(uow, actor, number) for number in task_ids])


async def plan_all(
    inbox: Inbox, task_ids: Sequence[int], told: Callable[[int], None]
) -> tuple[BulkRow, ...]:
    """The plan of many tasks in short reads; ``told`` hears how many were looked at."""
    rows: list[BulkRow] = []
    for start in range(0, len(task_ids), BATCH):
        rows += await inbox.read(plan, task_ids[start : start + BATCH])
        told(len(rows))
    return tuple(rows)


async def check(
    uow: UnitOfWork, actor: AgentActor, rows: Sequence[BulkRow], key: str
) -> tuple[BulkRow, ...]:
    """The rows read again: which clients wrote since, and which tasks have the reply of ``key``.

    A task that is not the agent's to see any more is not found (R46). Few statements for many
    tasks; any other change is found when the reply is sent.
    """
    who = await visibility.viewer(uow, actor)
    found: list[BulkRow] = []
    for start in range(0, len(rows), BATCH_READ):
        some = rows[start : start + BATCH_READ]
        keys = {_key(key, row.task_id): row.task_id for row in some}
        has = {keys[one] for one in await load.comments.by_key(uow, keys)}
        wrote = await load.comments.client_wrote_after(uow, {r.task_id: r.seen for r in some})
        ids = [row.task_id for row in some]
        trashed = await load.tasks.trashed(uow, ids)
        seen = await visibility.visible_among(uow, who, ids)
        for row in some:
            if row.task_id not in seen:
                gone = _("there is no task #{id}").format(id=row.task_id)
                found.append(BulkRow(row.task_id, why=gone))
            elif row.task_id in has:
                found.append(replace(row, has_it=True, why=""))
            elif row.goes and row.task_id in trashed:
                found.append(replace(row, why=_("it is in the trash")))
            elif row.goes and row.task_id in wrote:
                found.append(replace(row, why=_("the client has written meanwhile")))
            else:
                found.append(row)
    return tuple(found)


async def send(
    inbox: Inbox,
    reply: BulkReply,
    rows: Sequence[BulkRow],
    *,
    told: Callable[[int], None] = lambda _done: None,
    stopped: Callable[[], bool] = lambda: False,
) -> Outcome:
    """One transaction a task. ``told`` hears how many are done; ``stopped`` is asked between two.

    UsageError, before anything is stored, where the text has a place that means nothing.
    """
    outcome = Outcome(left_out=[(row, row.why) for row in rows if row.why])
    going = [row for row in rows if row.goes]
    leaves = inbox.store.clock() + timedelta(seconds=reply.undo_seconds + A_SAVE * len(going))
    fill(reply.text, {})
    for done, row in enumerate(going):
        if stopped():
            outcome.not_tried = tuple(going[done:])
            break
        # All comments leave at one moment, so the first can be taken back while the last is stored.
        wait = max(reply.undo_seconds, (leaves - inbox.store.clock()).total_seconds())
        try:
            outcome.saved[row.task_id] = await inbox.write(_one, reply, row, wait)
        except ClientWrote:
            words = _("the client has written meanwhile; the reply waits there as a draft")
            outcome.left_out.append((row, words))
            await inbox.write(_keep, reply, row)
        except StoreError as error:
            outcome.not_tried, outcome.broken = tuple(going[done:]), str(error)
            break
        except PfinboxError as error:
            outcome.left_out.append((row, str(error)))
        told(done + 1)
    return outcome


async def take_back(
    inbox: Inbox, comment_ids: Sequence[int]
) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Undo send for all that has not left: the comments taken back, and those that had left."""
    back: list[int] = []
    gone: list[int] = []

    async def some(
        uow: UnitOfWork, actor: AgentActor, ids: Sequence[int]
    ) -> tuple[list[int], list[int]]:
        good: list[int] = []
        late: list[int] = []
        await locks.tasks(uow, await load.comments.tasks_of(uow, ids))
        for comment_id in ids:
            try:
                await undo_send.unsay(uow, actor, comment_id)
            except StoreError:
                raise
            except PfinboxError:
                late.append(comment_id)
            else:
                good.append(comment_id)
        return good, late

    for start in range(0, len(comment_ids), BATCH):
        ids = comment_ids[start : start + BATCH]
        good, late = await inbox.write(some, ids)
        back += good
        gone += late
    return tuple(back), tuple(gone)


async def _row(uow: UnitOfWork, actor: AgentActor, number: int) -> BulkRow:
    try:
        task = await access.the_task(uow, actor, number)
    except PfinboxError as error:
        return BulkRow(number, why=str(error))
    last, answered = await load.comments.last_words(uow, task.id)
    row = BulkRow(task.id, task.title, seen=last)
    contact_id = answered or task.contact_id
    if contact_id is None:
        return replace(row, why=_("it has no client"))
    contact = (await snapshots.contacts(uow, [contact_id]))[contact_id]
    row = replace(row, name=contact.name, contact_id=contact_id)
    everyone = with_client(task, _notify(row)).contacts
    row = replace(row, also=tuple(one for one in everyone if one != contact_id))
    if not task.living:
        return replace(row, why=_("it is in the trash"))
    found = await planning.plan(uow, actor, task.id, _notify(row))
    channels = tuple(dict.fromkeys(r.account.channel for r in found.rows if r.account))
    warnings = [*found.warnings, *(one for r in found.rows for one in r.warnings)]
    return replace(
        row,
        channels=channels,
        why=next((error.sentence() for error in found.errors), ""),
        warnings=tuple(dict.fromkeys(one.sentence() for one in warnings)),
    )


def _notify(row: BulkRow) -> Notify:
    people = (row.contact_id, *row.also) if row.contact_id is not None else ()
    return Notify(tuple(Who("contact", contact_id) for contact_id in people))


def _key(key: str, task_id: int) -> str:
    return f"{key}:{task_id}"


async def _one(
    uow: UnitOfWork, actor: AgentActor, reply: BulkReply, row: BulkRow, wait: float
) -> Saved:
    return await comments.add_comment(
        uow,
        actor,
        CommentRequest(
            row.task_id,
            await _text(uow, actor, reply, row),
            _notify(row),
            attachments=reply.attachments,
            seen=row.seen,
            client_key=_key(reply.key, row.task_id),
            undo_seconds=wait if reply.undo_seconds > 0 else 0,
            keep_draft=True,
        ),
    )


async def _text(uow: UnitOfWork, actor: AgentActor, reply: BulkReply, row: BulkRow) -> str:
    agent = (await snapshots.agents(uow, [actor.id]))[actor.id]
    values = {"task.title": row.title, "task.number": f"#{row.task_id}"}
    values |= person_values("client", row.name) | person_values("agent", agent.name)
    return fill(reply.text, values)


async def _keep(uow: UnitOfWork, actor: AgentActor, reply: BulkReply, row: BulkRow) -> None:
    """Keep the text as a draft of the task, unless the task has a draft already."""
    if await drafts.load(uow, actor, row.task_id, "reply") is None:
        who = [[one.kind, one.id] for one in _notify(row).who]
        text = await _text(uow, actor, reply, row)
        await drafts.save(uow, actor, row.task_id, "reply", text, {"who": who})
