"""How the client's copies of a comment are changed or taken away, or why they stay (R11).

Only an account with the capability can; elsewhere the client's copy stays, and the agent is told
before anything is changed here.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from pfinbox.domain.contract.amending import Amendment, AmendmentKind
from pfinbox.domain.contract.channel import Capability
from pfinbox.domain.contract.parts import split
from pfinbox.domain.contract.reason import Reason
from pfinbox.domain.model import Account
from pfinbox.record import record


@record
class SentPart:
    """One part of a comment as it stands; ``group`` tells which parts make one whole copy."""

    id: int
    group: int
    account: Account
    # pending, transmitting, sent, failed, unknown
    state: str
    text: str
    files: int
    sent_at: datetime | None
    # What stands above the comment's own words: a quotation that the channel has no reply for.
    above: str = ""


@record
class AmendmentJob:
    """One change to carry out now."""

    id: int
    account_id: int
    change: Amendment


@record
class PartChange:
    """What is to be done to one part; ``text`` for an edit."""

    part_id: int
    kind: AmendmentKind
    text: str = ""


def edit_parts(parts: Sequence[SentPart], text: str) -> list[PartChange] | Reason:
    """The changes that bring ``text`` to every copy, or why it cannot be brought to all."""
    if (refusal := _refusal(parts, Capability.EDITS)) is not None:
        return refusal
    changes: list[PartChange] = []
    for group in dict.fromkeys(part.group for part in parts):
        copy = [part for part in parts if part.group == group]
        # Where the text went beside the files it stays there, else it is their caption.
        textual = [part for part in copy if not part.files] or copy[:1]
        limits = copy[0].account.limits
        limit = limits.max_caption if textual[0].files else limits.max_text
        pieces = split(textual[0].above + text, limit)
        if len(pieces) != len(textual):
            # No message can be put between those that are there.
            return Reason("parts_differ", {"before": len(textual), "after": len(pieces)})
        changes += [
            PartChange(part.id, AmendmentKind.EDIT, piece)
            for part, piece in zip(textual, pieces, strict=True)
            if part.text != piece
        ]
    return changes


def delete_parts(parts: Sequence[SentPart], now: datetime) -> list[PartChange] | Reason:
    """The changes that take every copy away, or why some would stay."""
    if (refusal := _refusal(parts, Capability.DELETES)) is not None:
        return refusal
    for part in parts:
        within = part.account.limits.delete_within
        if within is None or part.sent_at is None:
            continue
        if now - part.sent_at >= timedelta(seconds=within):
            args = {"account": part.account.name, "hours": within // 3600}
            return Reason("too_old_to_delete", args)
    return [PartChange(part.id, AmendmentKind.DELETE) for part in parts]


def _refusal(parts: Sequence[SentPart], wanted: Capability) -> Reason | None:
    for part in parts:
        if not part.account.can(wanted):
            return Reason("copies_stay", {"account": part.account.name})
    if any(part.state == "transmitting" for part in parts):
        return Reason("being_sent")
    if any(part.state != "sent" for part in parts):
        return Reason("not_fully_sent")
    return None
