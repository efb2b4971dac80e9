"""The task list: a page of a view, and how many each view holds."""

from contextlib import suppress
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Integer,
    Select,
    and_,
    bindparam,
    func,
    literal,
    or_,
    select,
    union_all,
)

from pfinbox.domain.actor import AgentActor
from pfinbox.domain.text.query import parse
from pfinbox.errors import UsageError
from pfinbox.store import tables as t
from pfinbox.store.read.lists import taskrows
from pfinbox.store.read.lists.saved import SEARCH, saved_search, saved_searches
from pfinbox.store.read.lists.taskviews import NOW, VIEWS, View, view_of
from pfinbox.store.read.visibility import Viewer, viewer
from pfinbox.store.rows import TaskPage, ViewCount
from pfinbox.store.search.few_hits import roots_of_hits, said
from pfinbox.store.search.filters import wanted
from pfinbox.store.search.hits import few_tasks
from pfinbox.store.uow import UnitOfWork

# Counting stops here; a screen shows 999+.
CAP = 1000
# Views of more than the open tasks.
_OF_MANY = ("done", "spam", "trash", "living", "all")


async def views(uow: UnitOfWork, actor: AgentActor) -> tuple[ViewCount, ...]:
    """Every view with its count (at most ``CAP``), then tags and accounts with active tasks."""
    who = await viewer(uow, actor)
    rows = await uow.connection.execute(_counts(who), {"now": uow.now})
    return tuple(ViewCount(row.view, min(row.count, CAP)) for row in rows if row.view)


async def tasks(
    uow: UnitOfWork,
    actor: AgentActor,
    view: str,
    *,
    after: tuple[Any, ...] | None = None,
    limit: int = 60,
    query: str = "",
    from_end: bool = False,
) -> TaskPage:
    """A page of ``view`` behind the key ``after``; ``query`` is looked for as in the search.

    ``from_end``: the last page instead, or the one that ends before the key ``after``; its rows
    stand in the view's order, too, and ``after`` of the page leads further up.

    A task is found by any of its comments, its title or its client; ``128`` is its number, too.
    """
    who = await viewer(uow, actor)
    view, query = await _resolved(uow, actor, view, query)
    statement = _page(who, view, from_end, after is not None)
    if query.strip():
        statement = statement.where(await _found(uow, who, view, query))
    # One more than asked for tells whether there is a next page.
    about: dict[str, Any] = {"now": uow.now, "most": limit + 1}
    if after is not None:
        about |= {"last_key": after[0], "last_id": after[1]}
    keys = (await uow.connection.execute(statement, about)).all()
    page = keys[:limit]
    rows = await taskrows.load(uow, who, [row.id for row in (page[::-1] if from_end else page)])
    last = page[-1] if len(keys) > limit else None
    return TaskPage(tuple(rows), (last.key, last.id) if last is not None else None)


async def saved_counts(uow: UnitOfWork, actor: AgentActor) -> tuple[ViewCount, ...]:
    """How many tasks each kept search finds, at most ``CAP``; slower than ``views``."""
    who = await viewer(uow, actor)
    found: list[ViewCount] = []
    for saved in await saved_searches(uow, actor):
        count = 0
        # A saved search that is no valid query any more finds nothing.
        with suppress(UsageError):
            view = _widened(saved.view, saved.query)
            listed = _listed(who, view, view_of(view, who, NOW))
            if saved.query.strip():
                listed = listed.where(await _found(uow, who, view, saved.query))
            some = listed.limit(CAP).subquery()
            counting = select(func.count()).select_from(some)
            count = await uow.connection.scalar(counting, {"now": uow.now}) or 0
        found.append(ViewCount(SEARCH + saved.name, count))
    return tuple(found)


async def _resolved(uow: UnitOfWork, actor: AgentActor, view: str, query: str) -> tuple[str, str]:
    """The view and the words of a search that is kept, with what is looked for in it."""
    if view.startswith(SEARCH):
        saved = await saved_search(uow, actor, view.removeprefix(SEARCH))
        view, query = saved.view, f"{saved.query} {query}".strip()
    return _widened(view, query), query


def _widened(view: str, query: str) -> str:
    """``in:trash`` leads to what is otherwise left out."""
    return "all" if view == "living" and parse(query).asks("in") else view


@lru_cache
def _page(who: Viewer, view: str, from_end: bool, goes_on: bool) -> Select[tuple[int, Any]]:
    """A page of a view for the parameters now, most and, where it goes on, last_key, last_id."""
    chosen = view_of(view, who, NOW)
    chosen = chosen.backwards if from_end else chosen
    statement = _listed(who, view, chosen)
    if goes_on:
        statement = statement.where(chosen.behind())
    return statement.order_by(*chosen.order).limit(bindparam("most", type_=Integer))


def _listed(who: Viewer, view: str, chosen: View) -> Select[tuple[int, Any]]:
    """Ids and sort keys of a view's tasks that the agent may see."""
    root = _root(view)
    statement = select(t.task.c.id, chosen.key.label("key")).where(chosen.where, who.sees(root))
    if root is not t.task:
        statement = statement.join(root, root.c.id == t.task.c.root_id)
    return statement


_survivor, _named = t.task.alias("root"), t.task.alias("named")


def _root(view: str) -> Any:
    """Merged tasks are listed in "all", too: they are seen and found where their survivor is."""
    return _survivor if view == "all" else t.task


async def _found(uow: UnitOfWork, who: Viewer, view: str, query: str) -> ColumnElement[bool]:
    root = _root(view)
    sought = await wanted(uow, who, query)
    conditions = sought.of_task(root)
    if view in _OF_MANY and (few := await few_tasks(uow, sought)) is not None:
        # Of these the list is made; going through it to find them would take long.
        behind = select(_named.c.root_id).where(_named.c.id.in_(sorted(few)))
        conditions.append(root.c.id.in_(behind))
    must, never = sought.of_tasks_comments()
    if must.needles.wanted or must.looks_at_comments:
        roots = None if await _is_short(uow, view) else await roots_of_hits(uow, must)
        conditions.append(said(must, root, uow.sqlite) if roots is None else root.c.id.in_(roots))
    conditions += [~said(one, root, uow.sqlite) for one in never]
    number = sought.query.number
    found = and_(*conditions)
    return found if number is None else or_(t.task.c.id == number, found)


async def _is_short(uow: UnitOfWork, view: str) -> bool:
    """Whether each task of the view may be asked what was said in it."""
    if view in _OF_MANY:
        return False
    some = select(t.task.c.id).where(t.OPEN).limit(CAP + 1).subquery()
    return (await uow.connection.scalar(select(func.count()).select_from(some)) or 0) <= CAP


# The views are counted after every change: in one statement, as a server far away is asked once,
# and it is put together once, which takes longer than running it.
@lru_cache
def _counts(who: Viewer) -> Select[Any]:
    of_views = [
        select(
            literal(0).label("kind"),
            literal(position).label("position"),
            literal(name).label("view"),
            _number(view_of(name, who, NOW).where, who).label("count"),
        )
        for position, name in enumerate(VIEWS)
    ]
    found = union_all(*of_views, _tags(who), _accounts(who)).subquery("found")
    return select(found.c.view, found.c.count).order_by(
        found.c.kind, found.c.position, found.c.view
    )


def _number(condition: ColumnElement[bool], who: Viewer) -> Any:
    some = (
        select(literal(1).label("one"))
        .select_from(t.task)
        .where(condition, who.sees())
        .limit(CAP)
        .correlate(t.account)
        .subquery()
    )
    return select(func.count()).select_from(some).scalar_subquery()


def _tags(who: Viewer) -> Any:
    origin = t.task.alias("origin")
    # Outer joins keep their order: the database must not begin with the tags, most of which
    # stand on done tasks. A task without a tag gives a row without a name.
    bearers = t.task.outerjoin(origin, origin.c.root_id == t.task.c.id).outerjoin(
        t.tag, t.tag.c.task_id == origin.c.id
    )
    return (
        select(
            literal(1),
            literal(0),
            literal("tag:") + t.tag.c.name,
            func.count(t.task.c.id.distinct()),
        )
        .select_from(bearers)
        .where(view_of("active", who, NOW).where, who.sees())
        .group_by(t.tag.c.name)
    )


def _accounts(who: Viewer) -> Select[Any]:
    account = t.account
    here = and_(t.OPEN, t.task.c.account_id == account.c.id)
    return select(
        literal(2), account.c.position, literal("account:") + account.c.name, _number(here, who)
    ).where(account.c.configured, who.uses(account))
