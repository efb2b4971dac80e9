"""The tasks on a contact's page: those in which something is theirs to see, and its last word."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import Row, Select, bindparam, exists, func, or_, select, true

from pfinbox.domain.actor import ContactActor
from pfinbox.domain.text.preview import preview
from pfinbox.domain.text.subjects import title
from pfinbox.store import tables as t
from pfinbox.store.read.ids import IDS, rows_of
from pfinbox.store.read.portal.candidates import (
    Place,
    candidates,
    has_many,
    holding,
    silent_since,
)
from pfinbox.store.read.portal.sight import Condition, Sight, has, no_page, sees, sight
from pfinbox.store.rows.portal import PortalPlace, PortalTaskPage, PortalTaskRow
from pfinbox.store.search.matching import all_words
from pfinbox.store.tables.base import BigInt
from pfinbox.store.uow import UnitOfWork

# A page with so many is light enough for a phone.
_PAGE = 30
# So many tasks are looked at in one statement: in some, agents alone have spoken lately.
_LOOK = 40
# Longer ones are no search.
_QUERY = 200
# So many tasks are handed on to the next page: more would make its address too long.
_LEFT = 100
# What became active so shortly before a page was read may not have been seen by it: another
# machine's clock may be slow, and a transaction takes its time.
_LAG = timedelta(minutes=5)


async def contact_tasks(
    uow: UnitOfWork,
    actor: ContactActor,
    *,
    active: bool | None = None,
    query: str = "",
    after: PortalPlace | None = None,
) -> PortalTaskPage:
    """A page of the contact's tasks over all accounts, the last spoken in first.

    ``active``: open ones or finished ones only. ``query``: words, or beginnings of words, that
    stand together in one comment that the contact sees, in the name of a file, or in the title.
    """
    who = await sight(uow, actor)
    words = query[:_QUERY].strip()
    end = (after.at, after.comment_id) if after is not None else None
    since = after.since if after is not None else uow.now - _LAG
    found = None
    if words and await has_many(uow, who, active):
        found = await holding(uow, who, active, words)
    rows: list[Row[Any]] = []
    if after is not None:
        silent = await silent_since(uow, who, active, (after.at, after.comment_id), since)
        rows = await _rows(uow, who, sorted(silent.union(after.left)), words, end)
    below = None if end is None else (end[0], 0)
    while True:
        if found is None:
            some = await candidates(uow, who, active, words, below, _LOOK)
        else:
            some = [one for one in found if below is None or one < below][:_LOOK]
        rows += await _rows(uow, who, [task_id for _at, task_id in some], words, end)
        rows.sort(key=_place, reverse=True)
        # What was active earlier was not spoken in later.
        if len(some) < _LOOK or (len(rows) > _PAGE and rows[_PAGE].created_at > some[-1][0]):
            break
        below = some[-1]
    shown = tuple(_row(who, row) for row in rows[:_PAGE])
    return PortalTaskPage(shown, _after(rows, since) if len(rows) > _PAGE else None)


def _after(rows: Sequence[Row[Any]], since: datetime) -> PortalPlace:
    at, comment_id = _place(rows[_PAGE - 1])
    left = tuple(row.id for row in rows[_PAGE:] if row.last_activity_at >= at)
    if len(left) > _LEFT:
        # All that was active since the place itself is looked through again.
        return PortalPlace(at, comment_id, at)
    return PortalPlace(at, comment_id, max(since, at), left)


async def _rows(
    uow: UnitOfWork, who: Sight, task_ids: Sequence[int], words: str, end: Place | None
) -> list[Row[Any]]:
    """Those of these tasks in which something is seen, all of it before the place ``end``."""
    found = await rows_of(uow, _some(who.wider, words), task_ids, **who.values)
    return [row for row in found if end is None or _place(row) < end]


def _place(row: Row[Any]) -> Place:
    return row.created_at, row.last_id


async def contact_task(uow: UnitOfWork, who: Sight, task_id: int) -> PortalTaskRow:
    """One of the contact's tasks, also by the number of one merged into it; else NotFound."""
    values = who.values | {"task_id": task_id}
    row = (await uow.connection.execute(_one(who.wider), values)).first()
    if row is None:
        raise no_page()
    return _row(who, row)


_ROOT = t.task.alias("root")
_LAST = t.comment.alias("last")


@lru_cache
def _one(wider: str) -> Select[Any]:
    named = t.task.alias("named")
    number = select(named.c.root_id).where(
        named.c.id == bindparam("task_id", type_=BigInt), named.c.purged_at.is_(None)
    )
    return _tasks(wider, _ROOT.c.id == number.scalar_subquery())


@lru_cache
def _some(wider: str, words: str) -> Select[Any]:
    narrowed = [_found(wider, words)] if words else []
    return _tasks(wider, _ROOT.c.id.in_(IDS), *narrowed)


def _tasks(wider: str, *narrowed: Condition) -> Select[Any]:
    """The tasks with the last comment that the contact sees, and the first; none without one."""
    tasks = (
        select(
            _ROOT.c.id,
            _ROOT.c.active,
            _ROOT.c.contact_id,
            _ROOT.c.last_activity_at,
            _end(newest=True, wider=wider).label("last_id"),
            # A program's answer is none: whoever wrote waits (R41).
            _end(newest=True, wider=wider, by_people=True).label("said_id"),
            _first_if_seen(wider).label("first_id"),
        )
        .where(has(_ROOT), *narrowed)
        .subquery("tasks")
    )
    first, said = t.comment.alias("first"), t.comment.alias("said")
    return select(
        tasks,
        _LAST.c.created_at,
        said.c.direction,
        _LAST.c.text,
        _LAST.c.new_text,
        _first_file(_LAST).label("file_name"),
        _subject(first).label("subject"),
        first.c.text.label("first_text"),
        _first_file(first).label("first_file"),
    ).select_from(
        tasks.join(_LAST, _LAST.c.id == tasks.c.last_id)
        .outerjoin(first, first.c.id == tasks.c.first_id)
        .outerjoin(said, said.c.id == tasks.c.said_id)
    )


def _end(*, newest: bool, wider: str | None = None, by_people: bool = False) -> Any:
    """The id of a task's last comment, or of its first one; ``wider``: that the contact sees."""
    comment, origin, inside = t.comment.alias(), t.task.alias(), t.comment.alias()

    def at_the_end(of: Any) -> list[Any]:
        order = (of.c.created_at, of.c.id)
        return [one.desc() if newest else one for one in order]

    # By the index, as far as the first that will do: a conversation may be long.
    of_member = (
        select(inside.c.id)
        .where(
            inside.c.task_id == origin.c.id,
            sees(inside, _ROOT, wider) if wider is not None else true(),
            inside.c.automatic.is_(False) if by_people else true(),
        )
        .order_by(*at_the_end(inside))
        .limit(1)
        .correlate(origin, _ROOT)
        .scalar_subquery()
    )
    return (
        select(comment.c.id)
        .select_from(origin.join(comment, comment.c.id == of_member))
        .where(origin.c.root_id == _ROOT.c.id)
        .order_by(*at_the_end(comment))
        .limit(1)
        .correlate(_ROOT)
        .scalar_subquery()
    )


def _first_if_seen(wider: str) -> Any:
    """The id of a task's first message, which gave the task its title, if the contact sees it."""
    first = t.comment.alias()
    return (
        select(first.c.id)
        .where(first.c.id == _end(newest=False), sees(first, _ROOT, wider))
        .correlate(_ROOT)
        .scalar_subquery()
    )


def _subject(comment: Any) -> Any:
    """The subject under which the contact has a comment.

    Never the title that agents may have given to the task: it is a word of theirs.
    """
    came, went, share = t.chat.alias(), t.chat.alias(), t.delivery.alias()
    by_us = (
        select(went.c.subject)
        .join(share, share.c.chat_id == went.c.id)
        .where(share.c.comment_id == comment.c.id, share.c.notice.is_(None))
        .order_by(share.c.id)
        .limit(1)
        .correlate(comment)
        .scalar_subquery()
    )
    by_them = select(came.c.subject).where(came.c.id == comment.c.chat_id).correlate(comment)
    return func.coalesce(by_them.scalar_subquery(), by_us)


def _found(wider: str, query: str) -> Condition:
    """Never by a word that the contact does not see: nothing is learnt from hits either."""
    comment, origin, first = t.comment.alias(), t.task.alias(), t.comment.alias()
    named = (
        exists()
        .where(t.attachment.c.comment_id == comment.c.id, all_words([t.attachment.c.name], query))
        .correlate(comment)
    )
    said = (
        exists()
        .where(
            origin.c.root_id == _ROOT.c.id,
            comment.c.task_id == origin.c.id,
            sees(comment, _ROOT, wider),
            or_(all_words([comment.c.text], query), named),
        )
        .correlate(_ROOT)
    )
    titled = (
        exists()
        .where(first.c.id == _first_if_seen(wider), all_words([_subject(first)], query))
        .correlate(_ROOT)
    )
    return or_(said, titled)


def _first_file(comment: Any) -> Any:
    return (
        select(t.attachment.c.name)
        .where(t.attachment.c.comment_id == comment.c.id)
        .order_by(t.attachment.c.id)
        .limit(1)
        .correlate(comment)
        .scalar_subquery()
    )


def _row(who: Sight, row: Row[Any]) -> PortalTaskRow:
    return PortalTaskRow(
        id=row.id,
        title=title(row.subject, row.first_text, row.first_file or "") if row.first_id else None,
        active=row.active,
        last_at=row.created_at,
        last_line=preview(row.new_text or row.text, row.file_name or ""),
        last_by_us=row.direction == "outgoing",
        own=row.contact_id in who.cards,
    )
