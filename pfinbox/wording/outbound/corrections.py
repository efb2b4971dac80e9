"""What an agent is told when a comment is changed, deleted or hidden: what the client will see."""

from pfinbox.domain.outbound.delivery import WAITING, State
from pfinbox.i18n import _
from pfinbox.services.comments.corrections import Outlook
from pfinbox.store.rows import CommentRow


def edit_words(outlook: Outlook) -> str:
    """Before the text is changed."""
    if outlook.reach == "inside":
        return _("Only colleagues have it; they see that it was edited, and the earlier text.")
    if outlook.reach == "waiting":
        return _("It has not left yet: the client gets the new text only.")
    return _("The client's copy by {accounts} is changed too and may be marked as edited.").format(
        accounts=", ".join(outlook.accounts)
    )


def edited_words(outlook: Outlook | None) -> str:
    """When it is stored."""
    if outlook is not None and outlook.reach == "outside":
        return _("Changed here; the client's copy follows")
    return _("Changed")


def delete_words(outlook: Outlook) -> str:
    """Before it is deleted."""
    if outlook.reach == "inside":
        return _("Only colleagues have it; they go on seeing it, marked as deleted.")
    if outlook.reach == "waiting":
        return _("It has not left yet: the client gets nothing, and it is gone from here too.")
    return _(
        "The client's copy by {accounts} is taken away too. Here it stays, marked as deleted."
    ).format(accounts=", ".join(outlook.accounts))


def hidden_words(row: CommentRow) -> str:
    """When it is hidden, or no longer (R38)."""
    if row.hidden:
        return _("No longer hidden from clients (z takes it back)")
    if row.direction == "incoming":
        return _("Hidden from all clients' pages, its author's too (z takes it back)")
    copies = [one for one in row.deliveries if one.recipient.kind == "contact"]
    if any(one.state == State.SENT for one in copies):
        return _("Hidden from clients' pages; what they were sent they keep (z takes it back)")
    if any(one.state in WAITING for one in copies):
        return _("Hidden from clients' pages; it is sent all the same (z takes it back)")
    return _("Hidden from all clients' pages (z takes it back)")
