"""Which entries of the search index a query finds, newest first, at a cost that does not grow.

The index gives the hits one by one, newest first, so words that are rare or common cost little.
Four things would make it look at a great many in vain, and each has a way of its own: a
condition that holds for few tasks (their comments are asked one by one), a tag that not so few
have (its entries are listed newest first), a long beginning of a word (a shorter one, which the
index lists, is tried first), and a day (the keys begin with it).
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
    exists,
    func,
    literal_column,
    or_,
    select,
    true,
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
# Of so many of a tag's newest entries so many must be hits, or it is quicker to look by the words.
SAMPLE, TELLING = 300, 3
# One of so many of the newest entries is by or to people who do not write rarely.
SOON = 1000
_AS_IT_IS = (
    "SELECT set_config('plan_cache_mode', 'force_custom_plan', true),"
    " set_config('max_parallel_workers_per_gather', '0', true)"
)

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
        # that is kept would be for any. To start processes for a page takes longer than the page.
        await uow.connection.exec_driver_sql(_AS_IT_IS)
    if tasks is not None:
        return await _read(uow, _by_tasks(uow, who, sought, before, tasks), limit)
    if (of_tag := await _of_tag(uow, who, sought, before, limit)) is not None:
        return of_tag
    tagged: list[ColumnElement[bool]] = []
    if uow.sqlite:
        sought = await _cheaper(uow, sought)
        tagged = _tagged(sought)
    elif not await _write_often(uow, sought, before):
        return await _read(uow, _by_list(uow, who, sought, before), limit)
    return await _read(uow, _by_index(uow, who, sought, before, tagged), limit)


async def _write_often(uow: UnitOfWork, sought: Wanted, before: int | None) -> bool:
    """Whether one of the newest entries is by or to the people who are asked for, if any are.

    Else PostgreSQL would go through all entries for a page: it does not know who writes to whom.
    """
    people = sought.needles.of_people()
    if not people.wanted:
        return True
    key = t.search_text.c.id
    newest = (
        select(key, and_(people.listed()).label("stands"))
        .where(*between(key, sought, before))
        .order_by(key.desc())
        .limit(SOON)
        .subquery("newest")
    )
    hit = select(newest.c.id).where(newest.c.stands).limit(1)
    return await uow.connection.scalar(hit) is not None


async def _of_tag(
    uow: UnitOfWork, who: Viewer, sought: Wanted, before: int | None, limit: int
) -> list[tuple[int, int]] | None:
    """The hits among the entries of a tag; None where none is asked for or few of them are hits."""
    if not sought.needles.wanted or (name := await _the_tag(uow, sought)) is None:
        return None
    newest = (
        select(t.search_tag.c.entry_id)
        .where(t.search_tag.c.name == name, *between(t.search_tag.c.entry_id, sought, before))
        .order_by(t.search_tag.c.entry_id.desc())
        .limit(SAMPLE)
        .subquery("newest")
    )
    stands = case((and_(*sought.needles.stand(uow.sqlite)), 1), else_=0)
    number = select(func.sum(stands)).select_from(
        newest.join(t.search_text, t.search_text.c.id == newest.c.entry_id)
    )
    if (await uow.connection.scalar(number) or 0) < TELLING:
        return None
    merged = await _merged_with(uow, name)
    if len(merged) > FEW:
        return None
    found = set(await _read(uow, by_tag(uow, who, sought, before, name), limit))
    if merged:
        found.update(await _read(uow, _by_tasks(uow, who, sought, before, merged), limit))
    return sorted(found, reverse=True)[:limit]


async def _the_tag(uow: UnitOfWork, sought: Wanted) -> str | None:
    """The tag that is asked for, as it is spelt in the store."""
    spelt = select(t.search_tag.c.name).order_by(t.search_tag.c.entry_id).limit(1)
    each = [spelt.where(t.search_tag.c.name == one) for one in sought.tag()]
    there = [name for one in each if (name := await uow.connection.scalar(one)) is not None]
    return there[0] if len(there) == 1 else None


async def _merged_with(uow: UnitOfWork, tag: str) -> set[int]:
    """The roots of trees in which a task has the tag: all tasks of such a tree have it."""
    member = t.task.alias("member")
    has = exists().where(
        member.c.root_id == _merged.c.root_id, t.tag.c.task_id == member.c.id, t.tag.c.name == tag
    )
    roots = select(_merged.c.root_id).where(
        _merged.c.merged_into_id.is_not(None), has.correlate(_merged)
    )
    return set(await uow.connection.scalars(roots.distinct().limit(FEW + 1)))


def by_tag(
    uow: UnitOfWork, who: Viewer, sought: Wanted, before: int | None, name: str
) -> Select[Any]:
    """The hits among the entries of a tag, read newest first."""
    key = t.search_tag.c.entry_id
    source = t.search_tag.join(t.search_text, t.search_text.c.id == key)
    # To ask for the tag again would let PostgreSQL think that hardly any entry has it.
    others = sought.without_tag(name)
    # Not by the index of words: it would list all entries that have these.
    stand = and_(*sought.needles.stand(uow.sqlite)).is_(true())
    return (
        _that_hold(who, others, key, source, [t.search_tag.c.name == name, stand])
        # Whichever of the two PostgreSQL begins with.
        .where(*between(key, sought, before), *between(t.search_text.c.id, sought, before))
        .order_by(key.desc())
    )


def _tagged(sought: Wanted) -> list[ColumnElement[bool]]:
    """What the index itself tells of the tag of an entry's task: no task is read for most hits.

    A task that others were merged into has their tags, and they have its: they may all be it.
    """
    if not sought.tag():
        return []
    inside = [
        select(column).where(_merged.c.merged_into_id.is_not(None))
        for column in (_merged.c.id, _merged.c.root_id)
    ]
    here = exists().where(
        t.search_tag.c.name.in_(sought.tag()), t.search_tag.c.entry_id == t.search_text.c.id
    )
    return [or_(here.correlate(t.search_text), t.search_text.c.task_id.in_(union_all(*inside)))]


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


def _by_list(uow: UnitOfWork, who: Viewer, sought: Wanted, before: int | None) -> Select[Any]:
    """All hits, as PostgreSQL's index lists them, and sorted then."""
    key = t.search_text.c.id
    return (
        _that_hold(who, sought, key, t.search_text, [sought.needles.listed()])
        .where(*between(key, sought, before))
        .order_by((key + literal_column("0", Integer)).desc())
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
