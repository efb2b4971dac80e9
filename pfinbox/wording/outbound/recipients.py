"""Who else got a comment: To and Cc of a mail, and the colleagues who were told (R45)."""

from collections.abc import Iterable

from pfinbox.domain.contract.party import Party
from pfinbox.i18n import _
from pfinbox.store.rows import CommentRow
from pfinbox.wording.spans import Role, Spans, joined, outside, said


def recipient_words(comment: CommentRow) -> Spans | None:
    """One line where the comment went to several people; None where its head says it all."""
    if comment.direction == "incoming":
        to, cc = _parties(comment.mail_to), _parties(comment.mail_cc)
        inside: list[str] = []
    else:
        copies = {row.recipient.who for row in comment.deliveries if row.copy}
        contacts = [one for one in comment.notified if one.kind == "contact"]
        to = [one.name for one in contacts if one.who not in copies]
        cc = [one.name for one in contacts if one.who in copies]
        inside = [one.name for one in comment.notified if one.kind == "agent"]
    if comment.internal or len(to) + len(cc) + len(inside) < 2:
        return None
    fields = ((_("To"), to), (_("Cc"), cc), (_("inside"), inside))
    return joined(" · ", (_field(*field) for field in fields if field[1]), Role.ASIDE)


def _parties(parties: Iterable[Party]) -> list[str]:
    return list(dict.fromkeys(one.name or one.value for one in parties))


def _field(label: str, names: list[str]) -> Spans:
    return said(f"{label}: ", Role.ASIDE) + outside(", ".join(names), Role.ASIDE, 1000)
