"""What became of a change in the clients' copies, as it stands under a comment (R11)."""

from pfinbox.i18n import _
from pfinbox.store.rows import AmendmentRow


def amendment_words(row: AmendmentRow) -> str:
    """One sentence; the caller cleans it, as the reason may quote the other side."""
    edit = row.kind == "edit"
    if row.state == "done":
        words = (
            _("the client's copy by {account} was changed")
            if edit
            else _("the client's copy by {account} was taken away")
        )
        return words.format(account=row.account)
    why = row.error.sentence() if row.error is not None else ""
    if row.state == "pending":
        words = (
            _("the client's copy by {account} is still to be changed")
            if edit
            else _("the client's copy by {account} is still to be taken away")
        ).format(account=row.account)
        return f"{words}: {why}" if why else words
    words = (
        _("the client's copy by {account} has kept its old text")
        if edit
        else _("the client's copy by {account} has stayed")
    )
    return f"{words.format(account=row.account)}: {why or '?'}"
