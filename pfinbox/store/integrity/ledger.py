"""The ledger against what is shown: receipts and comments, comments and the search index."""

from collections.abc import AsyncIterator, Mapping
from typing import Any

from sqlalchemy import and_, delete, exists, select, text, update
from sqlalchemy.exc import DBAPIError

from pfinbox.domain.contract.reason import Reason
from pfinbox.store import tables as t
from pfinbox.store.integrity.check import Check, Ids
from pfinbox.store.search import entries, index
from pfinbox.store.uow import UnitOfWork

_indexed = t.task.c.purged_at.is_(None)


async def _not_shown(uow: UnitOfWork) -> Ids:
    """Receipts that say that a comment shows them, and name none."""
    query = select(t.receipt.c.id).where(
        t.receipt.c.state == "shown",
        t.receipt.c.comment_id.is_(None),
        t.receipt.c.size > 0,
        # Bytes that are kept no longer cannot be read again.
        t.receipt.c.removed_at.is_(None),
    )
    return list(await uow.connection.scalars(query.order_by(t.receipt.c.id)))


async def _read_again(uow: UnitOfWork, ids: Ids) -> None:
    """The bytes are here: the daemon reads them again, and shows them."""
    why = Reason("internal_error", {"detail": "db check"})
    await uow.connection.execute(
        update(t.receipt)
        .where(t.receipt.c.id.in_(ids))
        .values(state="quarantined", reason=why.as_json(), reread_asked_at=uow.now)
    )
    uow.touch("accounts")


async def _no_receipt(uow: UnitOfWork) -> Ids:
    """Clients' comments that nothing received stands for."""
    received = exists().where(t.receipt.c.comment_id == t.comment.c.id)
    query = (
        select(t.comment.c.id)
        .join(t.task, t.task.c.id == t.comment.c.task_id)
        .where(t.comment.c.direction == "incoming", _indexed, ~received)
    )
    return list(await uow.connection.scalars(query.order_by(t.comment.c.id)))


async def _false_entries(uow: UnitOfWork) -> Ids:
    """Entries of the index that belong to no task or comment that is to be found."""
    entry = t.search_text.c
    there = exists().where(
        t.comment.c.id == entry.comment_id,
        t.comment.c.task_id == entry.task_id,
        t.task.c.id == t.comment.c.task_id,
        _indexed,
    )
    task = exists().where(t.task.c.id == entry.task_id, entry.task_id == -entry.id, _indexed)
    lost = and_(~there, ~and_(entry.comment_id.is_(None), task))
    return list(await uow.connection.scalars(select(entry.id).where(lost).order_by(entry.id)))


async def _forget(uow: UnitOfWork, ids: Ids) -> None:
    await uow.connection.execute(delete(t.search_text).where(t.search_text.c.id.in_(ids)))


async def _stale_comments(uow: UnitOfWork) -> Ids:
    """Comments whose entry is missing, or says something else than they do."""
    found: list[int] = []
    query = (
        select(t.comment.c.id)
        .join(t.task, t.task.c.id == t.comment.c.task_id)
        .where(_indexed)
        .order_by(t.comment.c.id)
    )
    async for ids in _batches(uow, query):
        wanted = {one["id"]: one for one in await entries.of_comments(uow, ids)}
        found += [wanted[key]["comment_id"] for key in await _differing(uow, wanted)]
    return found


async def _stale_tasks(uow: UnitOfWork) -> Ids:
    """The same for the entries of tasks themselves."""
    found: list[int] = []
    async for ids in _batches(uow, select(t.task.c.id).where(_indexed).order_by(t.task.c.id)):
        wanted = {one["id"]: one for one in await entries.of_tasks(uow, ids)}
        found += [wanted[key]["task_id"] for key in await _differing(uow, wanted)]
    return found


async def _differing(uow: UnitOfWork, wanted: Mapping[int, entries.Entry]) -> list[int]:
    rows = await uow.connection.execute(
        select(t.search_text).where(t.search_text.c.id.in_(list(wanted)))
    )
    stored = {row.id: (row.task_id, row.folded) for row in rows}
    tags: dict[int, list[str]] = {}
    for name, key in await uow.connection.execute(
        select(t.search_tag.c.name, t.search_tag.c.entry_id).where(
            t.search_tag.c.entry_id.in_(list(wanted))
        )
    ):
        tags.setdefault(key, []).append(name)
    return [
        key
        for key, one in wanted.items()
        if key not in stored
        or stored[key][0] != one["task_id"]
        or sorted(tags.get(key, [])) != sorted(one.get("tags", []))
        or sorted(stored[key][1].split()) != sorted(one["folded"].split())
    ]


async def _batches(uow: UnitOfWork, query: Any) -> AsyncIterator[list[int]]:
    ids = list(await uow.connection.scalars(query))
    for start in range(0, len(ids), entries.BATCH):
        yield ids[start : start + entries.BATCH]


async def _index_comments(uow: UnitOfWork, ids: Ids) -> None:
    some = [int(one) for one in ids]
    await uow.connection.execute(delete(t.search_text).where(t.search_text.c.comment_id.in_(some)))
    await index.index_comments(uow, some)


async def _index_tasks(uow: UnitOfWork, ids: Ids) -> None:
    await index.index_tasks(uow, [int(one) for one in ids])


async def _words(uow: UnitOfWork) -> Ids:
    """Whether SQLite's index of words is that of the entries; PostgreSQL makes its own."""
    if not uow.sqlite:
        return []
    try:
        async with uow.connection.begin_nested():
            await uow.connection.execute(
                text("insert into search_fts(search_fts, rank) values ('integrity-check', 1)")
            )
    except DBAPIError:
        return ["search_fts"]
    return []


async def _index_words(uow: UnitOfWork, _ids: Ids) -> None:
    await uow.connection.execute(text("insert into search_fts(search_fts) values ('rebuild')"))


CHECKS = (
    Check("receipt_not_shown", _not_shown, _read_again),
    Check("comment_without_receipt", _no_receipt),
    Check("index_entry", _false_entries, _forget),
    Check("index_comment", _stale_comments, _index_comments),
    Check("index_task", _stale_tasks, _index_tasks),
    Check("index_words", _words, _index_words),
)
