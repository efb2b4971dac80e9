"""Which entries of the search index a query finds, newest first, at a cost that does not grow.

The index gives the hits one by one, newest first, so words that are rare or common cost little.
Four things would make it look at a great many in vain, and each has a way of its own: a
condition that holds for few tasks (their comments are asked one by one), a tag that not so few
have (its tasks are listed beforehand), a long beginning of a word (a shorter one, which the index
lists, is tried first), and a day (the keys begin with it).
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Integer,
    Select,
    func,
    literal_column,
    or_,
    select,
    union_all,
)

from pfinbox.store import tables as t
from pfinbox.store.read.visibility import Viewer
from pfinbox.store.search.few_hits import between, is_cheaper_shortened
from pfinbox.store.search.filters import Wanted
from pfinbox.store.tables.search import search_fts
from pfinbox.store.uow import UnitOfWork

# Of so many tasks the comments are asked one by one.
FEW = 1000
# So many tasks with a tag are listed; of a tag that more have, every other hit has it anyway.
SOME = 20_000

_origin = t.task.alias("origin")
_root = t.task.alias("root")
_named, _merged = t.task.alias("named"), t.task.alias("merged")


async def hits(
    uow: UnitOfWork, who: Viewer, sought: Wanted, before: int | None, limit: int
) -> list[tuple[int, int]]:
    """Keys and comments of the newest ``limit`` hits older than the key ``before``."""
    tasks = await few_tasks(uow, sought)
    if not uow.sqlite:
        # PostgreSQL keeps statistics of the words and chooses by itself, for these words: a plan
        # that is kept would be for any.
        await uow.connection.exec_driver_sql("SET LOCAL plan_cache_mode = force_custom_plan")
    if tasks is not None:
        return await _read(uow, _by_tasks(uow, who, sought, before, tasks), limit)
    if not uow.sqlite:
        return await _read(uow, _by_index(uow, who, sought, before), limit)
    tagged = await _tagged(uow, sought)
    statement = _by_index(uow, who, await _cheaper(uow, sought), before, tagged)
    return await _read(uow, statement, limit)


async def _tagged(uow: UnitOfWork, sought: Wanted) -> list[ColumnElement[bool]]:
    """What the entry itself tells of its task's tag: no task is read for most hits.

    A task that others were merged into has their tags, and they have its: they may all be it.
    """
    tasks = sought.tagged()
    if tasks is None:
        return []
    some = select(func.count()).select_from(tasks.limit(SOME + 1).subquery())
    if (await uow.connection.scalar(some) or 0) > SOME:
        return []
    inside = [
        select(column).where(_merged.c.merged_into_id.is_not(None))
        for column in (_merged.c.id, _merged.c.root_id)
    ]
    here = t.search_text.c.task_id
    return [or_(here.in_(tasks), here.in_(union_all(*inside)))]


async def _cheaper(uow: UnitOfWork, sought: Wanted) -> Wanted:
    """The same with shorter beginnings of words, where most of their hits are hits of the whole."""
    keys = between(search_fts.c.rowid, sought)
    return replace(sought, shortened=await is_cheaper_shortened(uow, sought.needles, *keys))


async def _read(uow: UnitOfWork, statement: Select[Any], limit: int) -> list[tuple[int, int]]:
    rows = await uow.connection.execute(statement.limit(limit))
    return [(row.key, row.comment_id) for row in rows]


async def few_tasks(uow: UnitOfWork, sought: Wanted) -> set[int] | None:
    """The tasks of a condition that holds for few; None when there is no such condition."""
    for statements in sought.few(FEW + 1):
        # Counted first: of many, no row is made for nothing.
        numbers = [select(func.count()).select_from(one.subquery("some")) for one in statements]
        if any([(await uow.connection.scalar(one) or 0) > FEW for one in numbers]):
            continue
        # Tasks as they are named there, merged ones too.
        found: set[int] = set()
        for statement in statements:
            found.update(await uow.connection.scalars(statement))
        if len(found) <= FEW:
            return found
    return None


def _by_index(
    uow: UnitOfWork,
    who: Viewer,
    sought: Wanted,
    before: int | None,
    tagged: Sequence[ColumnElement[bool]] = (),
) -> Select[Any]:
    needles, stand = sought.needles, []
    if sought.shortened:
        needles, stand = needles.shortened(), needles.stand(uow.sqlite)
    key = needles.key(uow.sqlite)
    return (
        _that_hold(who, sought, key, needles.source(uow.sqlite), tagged)
        .where(*needles.conditions(uow.sqlite), *stand, *between(key, sought, before))
        .order_by(key.desc())
    )


def _by_tasks(
    uow: UnitOfWork, who: Viewer, sought: Wanted, before: int | None, tasks: set[int]
) -> Select[Any]:
    key = t.search_text.c.id
    return (
        _that_hold(who, sought, key, t.search_text)
        .where(
            _root.c.id.in_(select(_named.c.root_id).where(_named.c.id.in_(sorted(tasks)))),
            *sought.needles.stand(uow.sqlite),
            *between(key, sought, before),
        )
        # Sorting a few is cheaper than going through all entries in their order.
        .order_by((key + literal_column("0", Integer)).desc())
    )


def _that_hold(
    who: Viewer,
    sought: Wanted,
    key: Any,
    source: Any,
    tagged: Sequence[ColumnElement[bool]] = (),
) -> Select[Any]:
    """Entries of comments for which everything holds but the words.

    ``tagged`` comes first: SQLite asks in the order written, and most entries end there.
    """
    thrown_away: Sequence[ColumnElement[bool]] = ()
    if not sought.query.asks("in"):
        thrown_away = (_root.c.deleted_at.is_(None), ~_root.c.spam)
    joined = source.join(_origin, _origin.c.id == t.search_text.c.task_id).join(
        _root, _root.c.id == _origin.c.root_id
    )
    if sought.looks_at_comments:
        joined = joined.join(t.comment, t.comment.c.id == t.search_text.c.comment_id)
    return (
        select(key.label("key"), t.search_text.c.comment_id)
        .select_from(joined)
        .where(
            *tagged,
            t.search_text.c.comment_id.is_not(None),
            *sought.of_task(_root),
            *sought.of_comment(t.comment, _origin),
            _root.c.purged_at.is_(None),
            *thrown_away,
            who.sees(_root),
        )
    )
