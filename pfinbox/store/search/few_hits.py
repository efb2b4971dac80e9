"""Words that few entries of the search index have: the entries, and the tasks, that have them.

A list or a page is then made from these tasks; else it soon finds enough by asking one task after
the other.
"""

from typing import Any

from sqlalchemy import ColumnElement, FromClause, and_, case, func, literal_column, select

from pfinbox.record import record
from pfinbox.store import tables as t
from pfinbox.store.search.entries import comment_of
from pfinbox.store.search.filters import Wanted
from pfinbox.store.search.fulltext import Needles
from pfinbox.store.tables.search import search_fts
from pfinbox.store.uow import UnitOfWork

# So many hits of a shortened word are looked at, and one in so many must be a hit of the whole.
LOOK = 50
# From so many of the newest hits is guessed how many there are; or, in so many of the newest
# entries, from so many hits.
SAMPLE = 300
WINDOW, TELLING = 1000, 10
# Tasks with so many hits are not listed beforehand: each is asked.
MANY = 5000
ENOUGH = 5

_origin, _said_in = t.task.alias("origin"), t.task.alias("said_in")


def between(key: Any, sought: Wanted, before: int | None = None) -> list[ColumnElement[bool]]:
    """Where in the index the hits stand by the days that are asked for, below ``before``."""
    begins, ends = sought.between()
    if before is not None:
        ends = before if ends is None else min(ends, before)
    # Below zero are the tasks' own entries.
    found = [key > 0] if begins is None else [key >= begins]
    return [*found, key < ends] if ends is not None else found


async def is_cheaper_shortened(
    uow: UnitOfWork, needles: Needles, *keys: ColumnElement[bool]
) -> bool:
    """Whether shorter beginnings find mostly entries in which the whole words stand."""
    if not needles.is_long_prefix:
        return False
    key = search_fts.c.rowid
    some = (
        select(key.label("key"))
        .where(*needles.shortened().conditions(True), *keys)
        .order_by(key.desc())
        .limit(LOOK)
        .subquery("some")
    )
    stands = case((and_(*needles.stand(True)), 1), else_=0)
    looked, stood = (
        await uow.connection.execute(
            select(func.count(), func.coalesce(func.sum(stands), 0)).select_from(
                some.join(t.search_text, t.search_text.c.id == some.c.key)
            )
        )
    ).one()
    return bool(looked < LOOK or stood * ENOUGH >= looked)


@record
class FewHits:
    """Needles that few entries have: where to look for these entries, and by which conditions."""

    source: FromClause
    conditions: list[ColumnElement[bool]]


async def few_hits(uow: UnitOfWork, needles: Needles, *keys: ColumnElement[bool]) -> FewHits | None:
    """How to find all entries with these words; None where these are many."""
    asked, stand = needles, []
    if uow.sqlite and await is_cheaper_shortened(uow, needles, *keys):
        asked, stand = needles.shortened(), needles.stand(True)
    source, words = asked.source(uow.sqlite), asked.conditions(uow.sqlite)
    # PostgreSQL's key is in the entry itself.
    key, alone = asked.key(uow.sqlite), search_fts if uow.sqlite else source
    hit = select(key).select_from(alone).where(*words).limit(MANY + 1)
    if await _guessed(uow, asked) > 2 * MANY:
        return None
    counting = select(func.count()).select_from(hit.subquery())
    if (await uow.connection.scalar(counting) or 0) > MANY:
        return None
    return FewHits(source, [*words, *stand])


async def roots_of_hits(uow: UnitOfWork, sought: Wanted) -> list[int] | None:
    """The tasks with an entry, a comment or their own, that is as wanted; None when many are."""
    if not sought.needles.wanted:
        return None
    few = await few_hits(uow, sought.needles, *between(search_fts.c.rowid, sought))
    if few is None:
        return None
    joined = few.source.join(_origin, _origin.c.id == t.search_text.c.task_id)
    if sought.looks_at_comments:
        joined = joined.outerjoin(t.comment, t.comment.c.id == t.search_text.c.comment_id)
    roots = (
        select(_origin.c.root_id)
        .select_from(joined)
        .where(*few.conditions, *sought.of_comment(t.comment, _origin))
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
