"""What each view of the task list means: a condition and an order (R10, R41, R42)."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    and_,
    bindparam,
    exists,
    or_,
    select,
    tuple_,
)
from sqlalchemy.sql.elements import UnaryExpression

from pfinbox.domain.outbound.delivery import BLOCKING, TROUBLED, State
from pfinbox.errors import UsageError
from pfinbox.i18n import _
from pfinbox.record import record
from pfinbox.store import tables as t
from pfinbox.store.read.visibility import Viewer

# The views pane, from top to bottom. Not in it: "active" and "all", the command line's own, and
# "living", in which a search looks that is not about one view.
VIEWS = (
    "to_answer",
    "inbox",
    "mine",
    "unassigned",
    "waiting",
    "snoozed",
    "scheduled",
    "outbox",
    "done",
    "spam",
    "trash",
)
_MORE = ("active", "living", "all")


@record
class View:
    """``key`` sorts the view together with the task's id."""

    where: ColumnElement[bool]
    key: Any = t.task.c.last_activity_at
    newest_first: bool = True

    @property
    def order(self) -> tuple[UnaryExpression[Any], ...]:
        if self.newest_first:
            return (self.key.desc(), t.task.c.id.desc())
        return (self.key.asc(), t.task.c.id.asc())

    @property
    def backwards(self) -> "View":
        """The same tasks from the other end."""
        return replace(self, newest_first=not self.newest_first)

    def behind(self) -> ColumnElement[bool]:
        """The rows behind the last one of the page before: parameters last_key and last_id."""
        here = tuple_(self.key, t.task.c.id)
        last = tuple_(
            bindparam("last_key", type_=self.key.type), bindparam("last_id", type_=t.task.c.id.type)
        )
        return here < last if self.newest_first else here > last


# For statements that are built once and read again and again.
NOW: BindParameter[datetime] = bindparam("now", type_=t.task.c.snoozed_until.type)


Now = datetime | BindParameter[datetime]
task = t.task.c


def view_of(name: str, who: Viewer, now: Now) -> View:
    """What ``name`` means for this agent; UsageError for an unknown one."""
    kind, colon, value = name.partition(":")
    if not colon and kind in _NAMED:
        return _NAMED[kind](who, now)
    if value and kind == "tag":
        return View(and_(t.OPEN, _tagged(value)))
    if value and kind == "account":
        of = select(t.account.c.id).where(t.account.c.name == value).scalar_subquery()
        return View(and_(t.OPEN, t.task.c.account_id == of))
    known = ", ".join((*VIEWS, *_MORE, "tag:NAME", "account:NAME", "search:NAME"))
    raise UsageError(_("there is no view {name}; known: {known}").format(name=name, known=known))


def _inbox(now: Now) -> ColumnElement[bool]:
    return and_(t.OPEN, or_(task.snoozed_until.is_(None), task.snoozed_until <= now))


def _to_answer(who: Viewer, now: Now) -> View:
    waiting = and_(task.waiting_since.is_not(None), _inbox(now), ~task.spam)
    return View(waiting, task.waiting_since, newest_first=False)


def _unassigned(who: Viewer, now: Now) -> View:
    nobody = and_(task.assignee_agent_id.is_(None), task.assignee_contact_id.is_(None))
    return View(and_(_inbox(now), nobody))


def _outbox(who: Viewer, now: Now) -> View:
    troubled = and_(t.delivery.c.state.in_(TROUBLED), t.delivery.c.dismissed_at.is_(None))
    moving = t.delivery.c.state.in_(BLOCKING)
    return View(and_(t.LIVING, _with_delivery(or_(troubled, moving))))


def _trash(who: Viewer, now: Now) -> View:
    thrown = and_(task.deleted_at.is_not(None), task.purged_at.is_(None))
    return View(and_(thrown, ~task.spam, task.merged_into_id.is_(None)), task.deleted_at)


def _waiting(_who: Viewer, now: Now) -> View:
    # A message that came in late may be older than our last word, and still to answer.
    return View(and_(_inbox(now), task.last_direction == "outgoing", task.waiting_since.is_(None)))


def _snoozed(who: Viewer, now: Now) -> View:
    asleep = and_(t.OPEN, task.snoozed_until > now)
    return View(asleep, task.snoozed_until, newest_first=False)


def _tagged(value: str) -> ColumnElement[bool]:
    origin = t.task.alias("origin")
    # One inside the other, so that each open task is asked: most tasks with the tag are done.
    here = exists().where(t.tag.c.task_id == origin.c.id, t.tag.c.name == value)
    return exists().where(origin.c.root_id == task.id, here.correlate(origin)).correlate(t.task)


def _with_delivery(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    origin = t.task.alias("origin")
    roots = (
        select(origin.c.root_id)
        .join(t.comment, t.comment.c.task_id == origin.c.id)
        .join(t.delivery, t.delivery.c.comment_id == t.comment.c.id)
        .where(condition)
    )
    return t.task.c.id.in_(roots)


_NAMED: Mapping[str, Callable[[Viewer, Now], View]] = {
    "to_answer": _to_answer,
    "inbox": lambda who, now: View(_inbox(now)),
    "mine": lambda who, now: View(and_(_inbox(now), task.assignee_agent_id == who.agent_id)),
    "unassigned": _unassigned,
    "waiting": _waiting,
    "snoozed": _snoozed,
    "scheduled": lambda who, now: View(
        and_(t.LIVING, _with_delivery(t.delivery.c.state == State.SCHEDULED))
    ),
    "outbox": _outbox,
    "done": lambda who, now: View(t.DONE),
    "spam": lambda who, now: View(
        and_(task.spam, task.purged_at.is_(None), task.merged_into_id.is_(None))
    ),
    "trash": _trash,
    "active": lambda who, now: View(t.OPEN),
    "living": lambda who, now: View(t.LIVING),
    "all": lambda who, now: View(task.purged_at.is_(None)),
}
