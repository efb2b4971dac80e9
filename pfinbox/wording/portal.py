"""A client's page in words: who waits for whom, who wrote when (R36)."""

from pfinbox.i18n import _
from pfinbox.store.rows import PortalCommentRow, PortalTaskRow
from pfinbox.wording.spans import Role, Spans, outside, said


def standing(row: PortalTaskRow) -> Spans:
    """Who waits for whom, as far as the client sees."""
    if not row.active:
        return said(_("Closed"), Role.ASIDE)
    if row.last_by_us:
        return said(_("Answered: it is your turn"), Role.SENT)
    return said(_("We will answer you"), Role.WAITS)


def task_title(row: PortalTaskRow) -> Spans:
    """The title, where the message that it is taken from is the client's to see."""
    return outside(row.title, Role.NAME) if row.title else said(_("A conversation"), Role.NAME)


def author(row: PortalCommentRow, company: str) -> Spans:
    """You, our people by their names, or the company."""
    if row.mine:
        return said(_("You"), Role.NAME)
    return outside(row.author or (company if row.by_us else "?"), Role.NAME)


def mark(row: PortalCommentRow) -> Spans:
    """What is to be known about a comment."""
    marks = []
    if row.automatic:
        marks.append(_("written by a program"))
    if row.edited_at is not None:
        marks.append(_("changed later"))
    return said(", ".join(marks), Role.ASIDE) if marks else ()
