"""One task with everything in it; merges are resolved here and nowhere above (R32)."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import bindparam, select

from pfinbox.domain import naming
from pfinbox.domain.actor import AgentActor
from pfinbox.domain.text.cleaning import clean_line
from pfinbox.store import tables as t
from pfinbox.store.read import commentrows
from pfinbox.store.read.ids import IDS
from pfinbox.store.read.lists import taskrows
from pfinbox.store.read.names import COLUMNS, agent_person, join_person, person_of
from pfinbox.store.read.visibility import Viewer, viewer, visible_among, visible_root
from pfinbox.store.rows import ActivityRow, ChatRow, Conversation, Person
from pfinbox.store.uow import UnitOfWork

# Every step through the list opens a task, so the statement is built once.
_PARTICIPANTS = (
    select(t.task.c.root_id, *COLUMNS)
    .select_from(
        join_person(
            t.participant.join(t.task, t.task.c.id == t.participant.c.task_id), t.participant
        )
    )
    .where(t.task.c.root_id.in_(IDS))
    .order_by(t.participant.c.id)
)
_CHATS = (
    select(
        t.task.c.root_id,
        t.task.c.id.label("task_id"),
        t.chat,
        t.binding.c.current,
        t.account.c.name,
        t.account.c.channel,
        t.contact.c.root_id.label("card_id"),
    )
    .join(t.binding, t.binding.c.task_id == t.task.c.id)
    .join(t.chat, t.chat.c.id == t.binding.c.chat_id)
    .join(t.account, t.account.c.id == t.chat.c.account_id)
    .join(t.contact, t.contact.c.id == t.chat.c.contact_id)
    .where(t.task.c.root_id.in_(IDS))
    .order_by(t.binding.c.id)
)
_ACTIVITIES = (
    select(t.activity, t.agent.c.name, t.agent.c.login)
    .join(t.task, t.task.c.id == t.activity.c.task_id)
    .outerjoin(t.agent, t.agent.c.id == t.activity.c.agent_id)
    .where(t.task.c.root_id == bindparam("root"), t.activity.c.at >= bindparam("since"))
    .order_by(t.activity.c.at, t.activity.c.id)
)


async def conversation(
    uow: UnitOfWork, actor: AgentActor, task_id: int, *, limit: int | None = 200
) -> Conversation:
    """A task with its newest ``limit`` comments (None: all), in the order of (created_at, id).

    NotFound when the task is not this agent's to see.
    """
    who = await viewer(uow, actor)
    root = await visible_root(uow, who, task_id)
    task, read_id = await taskrows.load_read(uow, who, root)
    comments, more = await commentrows.newest(uow, who, root, limit)
    return Conversation(
        task=task,
        participants=(await participants(uow, [root])).get(root, ()),
        chats=(await chats(uow, [root])).get(root, ()),
        comments=comments,
        # Without the older comments, older activities would stand there alone.
        activities=await _activities(uow, who, root, comments[0].created_at if more else None),
        previous_title=await _title(uow, who, task.previous_task_id),
        read_up_to=max(read_id, who.baseline),
        more=more,
    )


async def merged_into(
    uow: UnitOfWork, actor: AgentActor, task_id: int
) -> tuple[tuple[int, str], ...]:
    """Numbers and titles of the tasks inside the conversation ``task_id``, the last one first."""
    root = await visible_root(uow, await viewer(uow, actor), task_id)
    rows = await uow.connection.execute(
        select(t.task.c.id, t.task.c.title)
        .where(t.task.c.root_id == root, t.task.c.id != root, t.task.c.purged_at.is_(None))
        .order_by(t.task.c.id.desc())
    )
    return tuple((row.id, row.title) for row in rows)


async def participants(uow: UnitOfWork, roots: Sequence[int]) -> dict[int, tuple[Person, ...]]:
    """Participants by root, those of everything merged into it included; each once."""
    found: dict[int, list[Person]] = defaultdict(list)
    for row in await uow.connection.execute(_PARTICIPANTS, {"ids": list(roots)}):
        person = person_of(row)
        if person is not None:
            found[row.root_id].append(person)
    return {root: tuple(dict.fromkeys(people)) for root, people in found.items()}


async def chats(uow: UnitOfWork, roots: Iterable[int]) -> dict[int, tuple[ChatRow, ...]]:
    """Chats by root: the task's own first, then those of tasks merged into it."""
    rows = await uow.connection.execute(_CHATS, {"ids": list(roots)})
    found: dict[int, dict[int, ChatRow]] = defaultdict(dict)
    for row in sorted(rows, key=lambda row: row.task_id != row.root_id):
        known = found[row.root_id].get(row.id)
        found[row.root_id][row.id] = ChatRow(
            id=row.id,
            account=row.name,
            channel=row.channel,
            # The chat's key is stored as the other side gave it, and made harmless to be shown.
            key=clean_line(row.key),
            contact_id=row.card_id,
            current=row.current or (known is not None and known.current),
            writable=row.writable and row.blocked_at is None,
        )
    return {root: tuple(rows.values()) for root, rows in found.items()}


async def _activities(
    uow: UnitOfWork, who: Viewer, root: int, since: datetime | None
) -> tuple[ActivityRow, ...]:
    """Automatic lines, but for those about a task that the agent may not see (R46)."""
    about = {"root": root, "since": since or datetime.min.replace(tzinfo=UTC)}
    rows = (await uow.connection.execute(_ACTIVITIES, about)).all()
    named = {row.id: naming.tasks_of_activity(row.kind, row.args) for row in rows}
    visible = await visible_among(uow, who, set().union(*named.values()))
    return tuple(
        ActivityRow(
            kind=row.kind,
            args=row.args,
            at=row.at,
            by=agent_person(row.agent_id, row.name, row.login) if row.agent_id else None,
        )
        for row in rows
        if named[row.id] <= visible
    )


async def _title(uow: UnitOfWork, who: Viewer, task_id: int | None) -> str | None:
    """The title of the task before this one; not of one that the agent may not see."""
    if task_id is None:
        return None
    found: Any = await uow.connection.scalar(
        select(t.task.c.title).where(
            t.task.c.id == task_id, t.task.c.purged_at.is_(None), who.sees()
        )
    )
    return None if found is None else str(found)
