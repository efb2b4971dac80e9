"""What ``is:`` asks of a task, a root, and the few tasks for which it or others may hold."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, or_, select

from pfinbox.domain.outbound.delivery import COUNTED_FAILED
from pfinbox.store import tables as t
from pfinbox.store.read.lists import unread
from pfinbox.store.read.visibility import Viewer

# Made once: an alias of a table costs more than most of these conditions cost the database.
_member, _sender = t.task.alias("member"), t.task.alias("sender")


def state(value: str, who: Viewer, now: datetime, root: Any) -> ColumnElement[bool]:
    """Whether ``root`` is so; never null, which the opposite of it would be, too."""
    if value == "open":
        return and_(root.c.active)
    if value == "closed":
        return and_(~root.c.active)
    if value == "mine":
        assignee = root.c.assignee_agent_id
        return and_(assignee.is_not(None), assignee == who.agent_id)
    if value == "snoozed":
        until = root.c.snoozed_until
        return and_(root.c.active, until.is_not(None), until > now)
    if value == "failed":
        behind = _failed(_sender.c.root_id).join(_sender, _sender.c.id == t.comment.c.task_id)
        return and_(root.c.id.in_(behind))
    noticed = exists().where(
        t.notice.c.task_id == _member.c.id,
        _member.c.root_id == root.c.id,
        unread.new_for_one(who, root),
    )
    return or_(unread.new_for_everyone(who, root), noticed.correlate(root))


def few(value: str, who: Viewer, now: datetime, *, thrown: bool) -> list[Select[tuple[int]]]:
    """Statements that together give the tasks, merged ones by their own numbers.

    None where most tasks are so; ``thrown``: those in the trash are looked for, too.
    """
    one = select(t.task.c.id)
    if value == "unread":
        for_all = one.where(t.NOTABLE, unread.new_for_everyone(who))
        return [for_all, select(t.notice.c.task_id).where(t.notice.c.agent_id == who.agent_id)]
    if value == "failed":
        return [_failed(t.comment.c.task_id)]
    if thrown:
        return []
    if value == "open":
        return [one.where(t.OPEN)]
    if value == "mine":
        assignee = t.task.c.assignee_agent_id
        mine = and_(assignee.is_not(None), assignee == who.agent_id)
        return [one.where(t.OPEN, mine), one.where(t.DONE, mine)]
    if value == "snoozed":
        until = t.task.c.snoozed_until
        return [one.where(t.OPEN, until.is_not(None), until > now)]
    return []


def those(condition: ColumnElement[bool]) -> Select[tuple[int]]:
    """The tasks for which a condition holds."""
    return select(t.task.c.id).where(condition)


def tagged(names: Collection[str]) -> Select[tuple[int]]:
    """The tasks that have the tag themselves."""
    return select(t.tag.c.task_id).where(t.tag.c.name.in_(names))


def with_files() -> Select[tuple[int]]:
    """The tasks of comments with files, each as often as there are files."""
    return select(t.comment.c.task_id).join(
        t.attachment, t.attachment.c.comment_id == t.comment.c.id
    )


def _failed(column: Any) -> Select[tuple[int]]:
    """The tasks of comments that did not reach everybody, until somebody sees to it (R24)."""
    return (
        select(column)
        .select_from(t.comment)
        .join(t.delivery, t.delivery.c.comment_id == t.comment.c.id)
        .where(t.delivery.c.state.in_(COUNTED_FAILED), t.delivery.c.dismissed_at.is_(None))
    )
