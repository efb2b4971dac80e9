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
    and_,
    case,
    func,
    literal_column,
    or_,
    select,
    union_all,
)

from pfinbox.store import tables as t
from pfinbox.store.read.visibility import Viewer
from pfinbox.store.search.entries import comment_of
from pfinbox.store.search.filters import Wanted
from pfinbox.store.search.fulltext import Needles
from pfinbox.store.tables.search import search_fts
from pfinbox.store.uow import UnitOfWork

# Of so many tasks the comments are asked one by one.
FEW = 1000
# So many tasks with a tag are listed; of a tag that more have, every other hit has it anyway.
SOME = 20_000
# So many hits of a shortened word are looked at, and one in so many must be a hit of the whole.
LOOK = 100
# From so many of the newest hits is guessed how many there are; or, in so many of the newest
# entries, from so many hits.
SAMPLE = 300
WINDOW, TELLING = 1000, 10
# Tasks with so many hits are not listed beforehand: each is asked.
MANY = 5000
ENOUGH = 5

_origin = t.task.alias("origin")
_root = t.task.alias("root")
_named, _merged = t.task.alias("named"), t.task.alias("merged")
_said_in = t.task.alias("said_in")


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
    if not sought.needles.is_long_prefix:
        return sought
    key = search_fts.c.rowid
    some = (
        select(key.label("key"))
        .where(*sought.needles.shortened().conditions(True), *_between(key, sought, None))
        .order_by(key.desc())
        .limit(LOOK)
        .subquery("some")
    )
    stands = case((and_(*sought.needles.stand(True)), 1), else_=0)
    looked, stood = (
        await uow.connection.execute(
            select(func.count(), func.coalesce(func.sum(stands), 0)).select_from(
                some.join(t.search_text, t.search_text.c.id == some.c.key)
            )
        )
    ).one()
    few = looked < LOOK or stood * ENOUGH >= looked
    return replace(sought, shortened=True) if few else sought


async def roots_of_hits(uow: UnitOfWork, sought: Wanted) -> list[int] | None:
    """The tasks with an entry, a comment or their own, that is as wanted; None when many are."""
    if not sought.needles.wanted:
        return None
    if uow.sqlite:
        sought = await _cheaper(uow, sought)
    needles = sought.needles.shortened() if sought.shortened else sought.needles
    entries = needles.source(uow.sqlite)
    words = needles.conditions(uow.sqlite)
    # PostgreSQL's key is in the entry itself.
    key, alone = needles.key(uow.sqlite), search_fts if uow.sqlite else entries
    hit = select(key).select_from(alone).where(*words).limit(MANY + 1)
    if await _guessed(uow, needles) > 2 * MANY:
        return None
    counting = select(func.count()).select_from(hit.subquery())
    if (await uow.connection.scalar(counting) or 0) > MANY:
        return None
    stand = sought.needles.stand(uow.sqlite) if sought.shortened else []
    joined = entries.join(_origin, _origin.c.id == t.search_text.c.task_id)
    if sought.looks_at_comments:
        joined = joined.outerjoin(t.comment, t.comment.c.id == t.search_text.c.comment_id)
    roots = (
        select(_origin.c.root_id)
        .select_from(joined)
        .where(*words, *stand, *sought.of_comment(t.comment, _origin))
        .distinct()
    )
    return list(await uow.connection.scalars(roots))


async def _guessed(uow: UnitOfWork, needles: Needles) -> int:
    """About how many entries are hits, as far as the newest of them tell: 0 where these are few."""
    words = needles.conditions(uow.sqlite)
    last = func.coalesce(select(func.max(t.comment.c.id)).scalar_subquery(), 0)
    if not uow.sqlite:
        # The newest entries themselves are looked at: the index has no order.
        newest = (
            select(and_(*words).label("stands"))
            .select_from(t.search_text)
            .where(t.search_text.c.id > 0)
            .order_by(t.search_text.c.id.desc())
            .limit(WINDOW)
            .subquery("newest")
        )
        stands = func.coalesce(func.sum(case((newest.c.stands, 1), else_=0)), 0)
        number, whole = (await uow.connection.execute(select(stands, last))).one()
        return int(number * whole / WINDOW) if number >= TELLING else 0
    key = search_fts.c.rowid
    some = (
        select(key.label("key"))
        .where(*words, key > 0)
        .order_by(key.desc())
        .limit(SAMPLE)
        .subquery("some")
    )
    number, oldest, whole = (
        await uow.connection.execute(select(func.count(), func.min(some.c.key), last))
    ).one()
    if number < SAMPLE:
        return 0
    # Comments that were imported are older than their numbers.
    return int(number * whole / max(whole - comment_of(oldest), SAMPLE))


def said(sought: Wanted, root: Any, sqlite: bool) -> ColumnElement[bool]:
    """Whether a task has an entry, a comment or its own, that is as wanted."""
    joined = _said_in.join(t.search_text, t.search_text.c.task_id == _said_in.c.id)
    if sought.looks_at_comments:
        joined = joined.outerjoin(t.comment, t.comment.c.id == t.search_text.c.comment_id)
    return (
        select(literal_column("1"))
        .select_from(joined)
        .where(
            _said_in.c.root_id == root.c.id,
            *sought.needles.stand(sqlite),
            *sought.of_comment(t.comment, _said_in),
        )
        .correlate(root)
        .exists()
    )


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
        .where(*needles.conditions(uow.sqlite), *stand, *_between(key, sought, before))
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
            *_between(key, sought, before),
        )
        # Sorting a few is cheaper than going through all entries in their order.
        .order_by((key + literal_column("0", Integer)).desc())
    )


def _between(key: Any, sought: Wanted, before: int | None) -> list[ColumnElement[bool]]:
    begins, ends = sought.between()
    if before is not None:
        ends = before if ends is None else min(ends, before)
    # Below zero are the tasks' own entries.
    found = [key > 0] if begins is None else [key >= begins]
    return [*found, key < ends] if ends is not None else found


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
