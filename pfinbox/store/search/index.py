"""Keeping the search index in step: call these wherever what it holds is written or changed.

A row that goes takes its entry with it (the database sees to that); nothing else is automatic,
because folding is ours and no database's.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Row,
    Select,
    Text,
    and_,
    bindparam,
    cast,
    delete,
    func,
    literal,
    or_,
    select,
    text,
)

from pfinbox.domain.text.subjects import without_signs
from pfinbox.domain.text.words import document
from pfinbox.store import tables as t
from pfinbox.store.uow import UnitOfWork

_BATCH = 500

_author = t.contact.alias("author")
_author_card = t.contact.alias("author_card")
_client = t.contact.alias("client")
_client_card = t.contact.alias("client_card")
_written = t.contact.alias("notified")
_card = t.contact.alias("notified_card")
_owner = t.contact.alias("owner")


def place(created_at: datetime, comment_id: int) -> int:
    """Where a comment stands among the hits: by the second, then by id.

    It is the index's own row number, so that newest first costs no sorting, however many hits.
    """
    seconds = min(max(int(created_at.timestamp()), 0), 2**32 - 1)
    return seconds << 31 | comment_id & 0x7FFFFFFF


async def index_comment(uow: UnitOfWork, comment_id: int) -> None:
    """A comment is new, has another text, or belongs to another task.

    Its files and its notify set must be stored already.
    """
    await index_comments(uow, [comment_id])


async def index_comments(uow: UnitOfWork, comment_ids: Sequence[int]) -> None:
    """The same for many."""
    await index_received(uow, (), comment_ids, ())


async def index_received(
    uow: UnitOfWork,
    new_task_ids: Sequence[int],
    comment_ids: Sequence[int],
    task_ids: Sequence[int],
) -> None:
    """The same for many comments, for tasks that have no others yet, and for ``task_ids``, which
    have another title or client; each entry is written once.
    """
    entries = await _task_entries(uow, [*new_task_ids, *task_ids])
    if task_ids:
        carrying = await uow.connection.scalars(_CARRYING, {"ids": task_ids})
        comment_ids = sorted({*comment_ids, *carrying})
    for start in range(0, len(comment_ids), _BATCH):
        some = comment_ids[start : start + _BATCH]
        rows = (await uow.connection.execute(_COMMENTS, {"ids": some})).all()
        await _write(uow, entries + [_entry(row) for row in rows])
        entries = []
    await _write(uow, entries)


async def index_task(uow: UnitOfWork, task_id: int) -> None:
    """A task is new, has another title or another client; its comments carry both."""
    await index_tasks(uow, [task_id])


async def index_tasks(uow: UnitOfWork, task_ids: Sequence[int]) -> None:
    """The same for many."""
    await index_received(uow, (), (), task_ids)


async def index_contact(uow: UnitOfWork, contact_id: int) -> None:
    """A card has another name, company or address, or was merged or taken apart."""
    cards = select(t.contact.c.id).where(
        or_(t.contact.c.root_id == contact_id, t.contact.c.id == contact_id)
    )
    tasks = select(t.task.c.id).where(t.task.c.contact_id.in_(cards))
    notified = select(t.notify.c.comment_id).where(t.notify.c.contact_id.in_(cards))
    concerned = select(t.comment.c.id).where(
        or_(
            t.comment.c.contact_id.in_(cards),
            t.comment.c.task_id.in_(tasks),
            t.comment.c.id.in_(notified),
        )
    )
    await _index_tasks(uow, list(await uow.connection.scalars(tasks)))
    await index_comments(uow, list(await uow.connection.scalars(concerned)))


async def forget_comments(uow: UnitOfWork, comment_ids: Iterable[int]) -> None:
    """Their content is gone, though their rows stay (purged)."""
    await uow.connection.execute(
        delete(t.search_text).where(t.search_text.c.comment_id.in_(list(comment_ids)))
    )


async def forget_task(uow: UnitOfWork, task_id: int) -> None:
    """A task is purged: it and its comments are found no more."""
    await uow.connection.execute(delete(t.search_text).where(t.search_text.c.task_id == task_id))


async def scrub(uow: UnitOfWork) -> None:
    """Leave no word of what was removed: FTS5 only marks it until its segments are merged."""
    if uow.sqlite:
        await uow.connection.execute(text("insert into search_fts(search_fts) values ('optimize')"))


async def index_all(uow: UnitOfWork) -> None:
    """Make the whole index anew."""
    await uow.connection.execute(delete(t.search_text))
    living = select(t.task.c.id).where(t.task.c.purged_at.is_(None))
    await _index_tasks(uow, list(await uow.connection.scalars(living)))
    comments = select(t.comment.c.id).where(t.comment.c.task_id.in_(living))
    await index_comments(uow, list(await uow.connection.scalars(comments)))


async def _index_tasks(uow: UnitOfWork, task_ids: Sequence[int]) -> None:
    for start in range(0, len(task_ids), _BATCH):
        await _write(uow, await _task_entries(uow, task_ids[start : start + _BATCH]))


async def _task_entries(uow: UnitOfWork, task_ids: Sequence[int]) -> list[dict[str, Any]]:
    entries: list[dict[str, Any]] = []
    for start in range(0, len(task_ids), _BATCH):
        rows = await uow.connection.execute(_TASKS, {"ids": task_ids[start : start + _BATCH]})
        entries += [
            {
                "id": -row.id,
                "task_id": row.id,
                "comment_id": None,
                "folded": document([without_signs(row.title), row.name or "", row.company or ""]),
            }
            for row in rows
        ]
    return entries


async def _write(uow: UnitOfWork, entries: list[dict[str, Any]]) -> None:
    await uow.put(t.search_text, ("id",), entries)


def _comments() -> Select[Any]:
    """Everything that is indexed of these comments, in one statement: mail waits for it."""
    return (
        select(
            t.comment.c.id,
            t.comment.c.task_id,
            t.comment.c.text,
            t.comment.c.created_at,
            t.comment.c.recipients,
            t.comment.c.agent_id,
            t.task.c.title,
            t.agent.c.name.label("agent_name"),
            _author_card.c.name.label("author_name"),
            _client_card.c.name.label("client_name"),
            _client_card.c.company,
            _files().label("files"),
            _addresses_of_author().label("author_addresses"),
            _notified_contacts().label("contacts"),
            _notified_agents().label("agents"),
        )
        .join(t.task, t.task.c.id == t.comment.c.task_id)
        .outerjoin(t.agent, t.agent.c.id == t.comment.c.agent_id)
        .outerjoin(_author, _author.c.id == t.comment.c.contact_id)
        .outerjoin(_author_card, _author_card.c.id == _author.c.root_id)
        .outerjoin(_client, _client.c.id == t.task.c.contact_id)
        .outerjoin(_client_card, _client_card.c.id == _client.c.root_id)
        .where(t.comment.c.id.in_(bindparam("ids", expanding=True)))
    )


def _entry(row: Row[Any]) -> dict[str, Any]:
    lists = row.recipients or {}
    addressed = (lists.get("to", ()), lists.get("cc", ()), lists.get("names", {}).values())
    names = (without_signs(row.title), row.client_name or "", row.company or "")
    author = row.author_name or row.agent_name or ""
    return {
        "id": place(row.created_at, row.id),
        "task_id": row.task_id,
        "comment_id": row.id,
        "folded": document(
            # The client's own name once is enough.
            [*names, *([author] if author not in names else []), *_lines(row.files)],
            row.text,
            authors=[row.author_name or "", *_lines(row.author_addresses)],
            recipients=[*_lines(row.contacts), *(one for some in addressed for one in some)],
            author_agent=row.agent_id,
            recipient_agents=[int(one) for one in _lines(row.agents)],
        ),
    }


def _lines(joined: str | None) -> list[str]:
    return joined.split("\n") if joined else []


def _joined(value: Any) -> Any:
    return func.aggregate_strings(value, "\n")


def _address(of: Any = t.address) -> Any:
    return of.c.value + literal("\n") + func.coalesce(of.c.username, "")


def _known_here() -> Any:
    """Whether all who may see the task may know the address (R46).

    An id that counts on one account is its agents' affair, also when the card is everybody's.
    """
    few = select(t.account_agent.c.account_id)
    personal, awaits = t.account.c.role == "personal", t.account.c.awaits.is_not(None)
    alone = select(t.account.c.id).where(or_(personal, awaits))
    scope = t.address.c.scope
    return or_(
        scope == 0,
        scope == func.coalesce(t.task.c.account_id, 0),
        and_(scope.not_in(few), scope.not_in(alone)),
    )


def _files() -> Any:
    return (
        select(_joined(t.attachment.c.name))
        .where(t.attachment.c.comment_id == t.comment.c.id)
        .correlate(t.comment)
        .scalar_subquery()
    )


def _addresses_of_author() -> Any:
    return (
        select(_joined(_address()))
        .join(_owner, _owner.c.id == t.address.c.contact_id)
        .where(_owner.c.root_id == _author.c.root_id, _known_here())
        .correlate(_author, t.task)
        .scalar_subquery()
    )


def _notified_contacts() -> Any:
    """Names and addresses of the contacts who got it."""
    return (
        select(_joined(_card.c.name + literal("\n") + func.coalesce(_address(), "")))
        .select_from(t.notify)
        .join(_written, _written.c.id == t.notify.c.contact_id)
        .join(_card, _card.c.id == _written.c.root_id)
        .join(_owner, _owner.c.root_id == _card.c.id)
        .outerjoin(t.address, and_(t.address.c.contact_id == _owner.c.id, _known_here()))
        .where(t.notify.c.comment_id == t.comment.c.id)
        .correlate(t.comment, t.task)
        .scalar_subquery()
    )


def _notified_agents() -> Any:
    return (
        select(_joined(cast(t.notify.c.agent_id, Text)))
        .where(t.notify.c.comment_id == t.comment.c.id, t.notify.c.agent_id.is_not(None))
        .correlate(t.comment)
        .scalar_subquery()
    )


_COMMENTS = _comments()
_CARRYING = select(t.comment.c.id).where(t.comment.c.task_id.in_(bindparam("ids", expanding=True)))
_TASKS = (
    select(t.task.c.id, t.task.c.title, _client_card.c.name, _client_card.c.company)
    .outerjoin(_client, _client.c.id == t.task.c.contact_id)
    .outerjoin(_client_card, _client_card.c.id == _client.c.root_id)
    .where(t.task.c.id.in_(bindparam("ids", expanding=True)))
)
