"""What many statements ask about root tasks and cards, and about what was merged into them."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, Select, and_, select

from pfinbox.store import tables as t

Roots = int | BindParameter[int] | Collection[int]


def members(roots: Roots) -> Select[Any]:
    """The tasks of one root, or of several, themselves included."""
    return _within(t.task.alias(), roots)


def cards(roots: Roots) -> Select[Any]:
    """The cards of one root card, or of several, themselves included."""
    return _within(t.contact.alias(), roots)


def _within(node: Any, roots: Roots) -> Select[Any]:
    one = isinstance(roots, int | BindParameter)
    return select(node.c.id).where(node.c.root_id == roots if one else node.c.root_id.in_(roots))


def is_living(root: Any) -> ColumnElement[bool]:
    """Whether a root task is neither in the trash nor purged."""
    return and_(root.c.deleted_at.is_(None), root.c.purged_at.is_(None))


def is_open(root: Any) -> ColumnElement[bool]:
    """Whether a root task is in an active status and living: it keeps its chats to itself (R4)."""
    return and_(root.c.active, is_living(root))
