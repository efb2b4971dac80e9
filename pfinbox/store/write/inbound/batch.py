"""Writing what a received batch decided: local ids become real ones, many rows a statement."""

import secrets
from collections.abc import Iterable, Mapping
from functools import cache
from itertools import chain
from typing import Any

from sqlalchemy import (
    Column,
    Table,
    Update,
    bindparam,
    delete,
    insert,
    select,
    text,
    update,
)
from sqlalchemy.sql.schema import ScalarElementColumnDefault

from pfinbox.domain.inbound.working_set import Decided, Row, WorkingSet
from pfinbox.store import files
from pfinbox.store import tables as t
from pfinbox.store.row_statements import inserting
from pfinbox.store.search import index
from pfinbox.store.uow import UnitOfWork

Ids = Mapping[int, int]

# In the order in which rows can name one another; of those whose ids others name, the ids are
# taken first.
_NAMED = ("contact", "address", "chat", "task", "comment", "delivery", "part", "receipt")
_ORDER = (
    "contact",
    "address",
    "chat",
    "task",
    "binding",
    "participant",
    "comment",
    "comment_alias",
    "known_id",
    "awaited",
    "notify",
    "notice",
    "activity",
    "delivery",
    "part",
    "delivery_part",
    "receipt",
)
# Another chat or comment may have got the id meanwhile: the first one keeps it.
_FIRST_KEEPS = ("known_id", "comment_alias")
_TAKE = text(
    """
    SELECT wanted.name, nextval(pg_get_serial_sequence(wanted.name, 'id')) AS id
    FROM unnest(CAST(:names AS text[]), CAST(:counts AS int[])) AS wanted(name, n),
    generate_series(1, wanted.n)
    """
)


async def apply(uow: UnitOfWork, ws: WorkingSet, cursor: str | None = None) -> Ids:
    """Write everything that was decided; returns the real ids by the local ones.

    ``cursor``: how far the account was read.
    """
    decided = ws.decided
    ids = await _rows(uow, decided, ws.highest) if decided.anything else {}
    values: Row = {"cursor": cursor} if cursor is not None else {}
    if decided.arrived:
        values["last_received_at"] = uow.now
        decided.topics.add("accounts")
    if values:
        await uow.change(t.account, ws.account.id, **values)
    uow.touch(*decided.topics)
    return ids


async def read_up_to(uow: UnitOfWork, account_id: int, cursor: str) -> None:
    """Keep how far the account was read, where nothing else came of it."""
    await uow.change(t.account, account_id, cursor=cursor)


async def _rows(uow: UnitOfWork, decided: Decided, highest: Mapping[str, int]) -> Ids:
    ids = await _take_ids(uow, decided.made, highest)
    # What is made here is nobody else's until the commit.
    uow.held_chats.update(ids[i] for i in decided.made.get("chat", ()))
    uow.held_tasks.update(ids[i] for i in decided.made.get("task", ()))
    await _leave(uow, decided, ids)
    changed = {
        name: {
            _real(row_id, ids): _resolved(t.metadata.tables[name], dict(row), ids)
            for row_id, row in some.items()
        }
        for name, some in decided.changed.items()
    }
    # No chat is current on two tasks at any moment.
    bindings = changed.pop("binding", {})
    await _update(uow, "binding", {i: row for i, row in bindings.items() if not row["current"]})
    for name in _ORDER:
        if rows := decided.made.get(name):
            await _insert(uow, name, rows, ids)
    await _update(uow, "binding", {i: row for i, row in bindings.items() if row["current"]})
    for name, rows in changed.items():
        await _update(uow, name, rows)
    places = files.places_in((_real(i, ids), some) for i, some in decided.stand_in)
    await files.attach_all(uow, [(ids[i], some) for i, some in decided.files], places)
    tasks = [ids[i] for i in decided.made.get("task", ())]
    comments = [ids[i] for i in decided.made.get("comment", ())]
    renamed = {_real(i, ids) for i in decided.renamed} - set(tasks)
    words = {ids[i]: some for i, some in decided.words.items()}
    await index.index_new(uow, tasks, comments, words, sorted(renamed))
    for contact_id in sorted(decided.renamed_contacts - ids.keys()):
        await index.index_contact(uow, contact_id)
    _note(uow, decided, ids)
    return ids


def _note(uow: UnitOfWork, decided: Decided, ids: Ids) -> None:
    """What was received, and how late: the other side had it since its comment's moment."""
    comments = decided.made.get("comment", {})
    for local, row in decided.made.get("receipt", {}).items():
        comment_id = row["comment_id"]
        comment = comments.get(comment_id) if comment_id is not None else None
        lag = None
        if comment is not None and not comment.get("imported"):
            lag = max((uow.now - comment["created_at"]).total_seconds(), 0.0)
        uow.note(
            "received",
            account=row["account_id"],
            receipt=ids[local],
            task=_real(comment["task_id"], ids) if comment is not None else None,
            comment=_real(comment_id, ids) if comment_id is not None else None,
            state=row["state"],
            reason=row["reason"]["kind"] if row["reason"] else None,
            lag=lag,
        )


async def _take_ids(
    uow: UnitOfWork, made: Mapping[str, Mapping[int, Row]], highest: Mapping[str, int]
) -> dict[int, int]:
    counts = {name: len(made[name]) for name in _NAMED if made.get(name)}
    if not counts:
        return {}
    new: dict[str, Iterable[int]] = {}
    if uow.sqlite:
        # Its writer is alone from BEGIN on.
        for name, n in counts.items():
            first = highest.get(name, 0) + 1
            new[name] = range(first, first + n)
    else:
        values = {"names": list(counts), "counts": list(counts.values())}
        taken: dict[str, list[int]] = {}
        for row in await uow.connection.execute(_TAKE, values):
            taken.setdefault(row.name, []).append(row.id)
        new = {name: sorted(some) for name, some in taken.items()}
    return {
        local: real for name in counts for local, real in zip(made[name], new[name], strict=True)
    }


def _real(row_id: int, ids: Ids) -> int:
    return row_id if row_id > 0 else ids[row_id]


@cache
def _references(table: Table) -> frozenset[str]:
    """The columns of a table that hold ids of rows that a batch may make."""
    # No foreign key names these.
    extra = {"root_id", "last_notable_id"} & set(table.c.keys())
    return frozenset(extra.union(column.name for column in table.c if column.foreign_keys))


def _resolved(table: Table, row: Row, ids: Ids) -> Row:
    """The row, a copy that may be changed, with real ids."""
    for name in _references(table):
        value = row.get(name)
        if value is not None and value < 0:
            row[name] = ids[value]
    return row


async def _insert(uow: UnitOfWork, name: str, made: Mapping[int, Row], ids: Ids) -> None:
    table = t.metadata.tables[name]
    columns = dict.fromkeys(chain.from_iterable(made.values()))
    defaults = _defaults(table)
    template = {key: defaults[key] for key in columns}
    rows = [_resolved(table, template | row, ids) for row in made.values()]
    if name in _NAMED:
        for row, local in zip(rows, made, strict=True):
            row["id"] = ids[local]
    if name in ("contact", "task"):
        for row in rows:
            row["root_id"] = row["id"]
    elif name == "part":
        for row in rows:
            row["nonce"] = secrets.token_hex(8)
    elif name == "activity":
        for row in rows:
            if (contact := row["args"].get("contact", 0)) < 0:
                row["args"] = row["args"] | {"contact": ids[contact]}
    await uow.connection.execute_many(_inserting(table, uow.sqlite), rows)


@cache
def _defaults(table: Table) -> Mapping[str, Any]:
    return {column.key: _default(column) for column in table.c}


def _default(of: Column[Any]) -> Any:
    return of.default.arg if isinstance(of.default, ScalarElementColumnDefault) else None


@cache
def _inserting(table: Table, is_sqlite: bool) -> Any:
    if table.name in _FIRST_KEEPS:
        return inserting(table, is_sqlite).on_conflict_do_nothing()
    return insert(table)


async def _update(uow: UnitOfWork, name: str, rows: Mapping[int, Row]) -> None:
    """One statement for all rows in which the same columns change."""
    by_columns: dict[tuple[str, ...], list[Row]] = {}
    for row_id, row in rows.items():
        by_columns.setdefault(tuple(sorted(row)), []).append({"row_id": row_id, **row})
    for some in by_columns.values():
        await uow.connection.execute_many(_updating(t.metadata.tables[name]), some)


@cache
def _updating(table: Table) -> Update:
    return update(table).where(table.c.id == bindparam("row_id"))


async def _leave(uow: UnitOfWork, decided: Decided, ids: Ids) -> None:
    """Take out what is no more: contacts who are the client now, names that waited."""
    for task_id, contact_id in decided.left:
        if task_id > 0 and contact_id > 0:
            cards = select(t.contact.c.id).where(t.contact.c.root_id == contact_id)
            await uow.connection.execute(
                delete(t.participant).where(
                    t.participant.c.task_id == task_id, t.participant.c.contact_id.in_(cards)
                )
            )
    stored = [(i, rank) for i, rank in decided.quoted if i > 0]
    if stored:
        await uow.connection.execute_many(
            _QUOTED, [{"one": i, "from_rank": rank} for i, rank in stored]
        )


_QUOTED = delete(t.awaited).where(
    t.awaited.c.comment_id == bindparam("one"), t.awaited.c.rank >= bindparam("from_rank")
)
