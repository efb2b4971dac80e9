"""What each view of the task list means: a condition and an order (R10, R41, R42)."""

from dataclasses import dataclass, replace
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
from pfinbox.store import tables as t
from pfinbox.store.read.visibility import Viewer

# The views pane, from top to bottom. "active" and "all" are not in it: the command line's own.
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
_MORE = ("active", "all")


@dataclass(frozen=True, slots=True)
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


def view_of(name: str, who: Viewer, now: datetime | BindParameter[datetime]) -> View:
    """What ``name`` means for this agent; UsageError for an unknown one."""
    task = t.task
    inbox = and_(t.OPEN, or_(task.c.snoozed_until.is_(None), task.c.snoozed_until <= now))
    match name.split(":", 1):
        case ["to_answer"]:
            waiting = and_(task.c.waiting_since.is_not(None), inbox, ~task.c.spam)
            return View(waiting, task.c.waiting_since, newest_first=False)
        case ["inbox"]:
            return View(inbox)
        case ["mine"]:
            return View(and_(inbox, task.c.assignee_agent_id == who.agent_id))
        case ["unassigned"]:
            nobody = and_(task.c.assignee_agent_id.is_(None), task.c.assignee_contact_id.is_(None))
            return View(and_(inbox, nobody))
        case ["waiting"]:
            return View(and_(inbox, task.c.last_direction == "outgoing"))
        case ["snoozed"]:
            asleep = and_(t.OPEN, task.c.snoozed_until > now)
            return View(asleep, task.c.snoozed_until, newest_first=False)
        case ["scheduled"]:
            return View(and_(t.LIVING, _with_delivery(t.delivery.c.state == State.SCHEDULED)))
        case ["outbox"]:
            troubled = and_(t.delivery.c.state.in_(TROUBLED), t.delivery.c.dismissed_at.is_(None))
            moving = t.delivery.c.state.in_(BLOCKING)
            return View(and_(t.LIVING, _with_delivery(or_(troubled, moving))))
        case ["done"]:
            return View(t.DONE)
        case ["spam"]:
            unmerged = task.c.merged_into_id.is_(None)
            return View(and_(task.c.spam, task.c.purged_at.is_(None), unmerged))
        case ["trash"]:
            thrown = and_(task.c.deleted_at.is_not(None), task.c.purged_at.is_(None))
            return View(
                and_(thrown, ~task.c.spam, task.c.merged_into_id.is_(None)), task.c.deleted_at
            )
        case ["active"]:
            return View(t.OPEN)
        case ["all"]:
            return View(task.c.purged_at.is_(None))
        case ["tag", value] if value:
            origin = t.task.alias("origin")
            # One inside the other, so that it is asked of each open task: what bears the tag is
            # mostly done.
            here = exists().where(t.tag.c.task_id == origin.c.id, t.tag.c.name == value)
            tagged = exists().where(origin.c.root_id == task.c.id, here.correlate(origin))
            return View(and_(t.OPEN, tagged.correlate(task)))
        case ["account", value] if value:
            of = select(t.account.c.id).where(t.account.c.name == value).scalar_subquery()
            return View(and_(t.OPEN, task.c.account_id == of))
    known = ", ".join((*VIEWS, *_MORE, "tag:NAME", "account:NAME", "search:NAME"))
    raise UsageError(_("there is no view {name}; known: {known}").format(name=name, known=known))


def _with_delivery(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    origin = t.task.alias("origin")
    roots = (
        select(origin.c.root_id)
        .join(t.comment, t.comment.c.task_id == origin.c.id)
        .join(t.delivery, t.delivery.c.comment_id == t.comment.c.id)
        .where(condition)
    )
    return t.task.c.id.in_(roots)
