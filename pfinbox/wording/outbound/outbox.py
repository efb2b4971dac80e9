"""A delivery of the outbox in words: what it waits for, what is stuck and why (R18, R24)."""

from pfinbox.domain.outbound.delivery import State
from pfinbox.i18n import _
from pfinbox.store.rows import DeliveryRow
from pfinbox.wording.spans import Role, Spans, joined, outside
from pfinbox.wording.times import Clock


def state_words(row: DeliveryRow, clock: Clock) -> tuple[str, bool]:
    """The state in a few words, and whether it is alarming."""
    when = clock.moment(row.due_at)
    if row.state == State.FAILED:
        return _("✗ not sent"), True
    if row.state == State.UNKNOWN:
        return _("? may have arrived"), True
    if row.state == State.HELD:
        return _("! held"), True
    if row.state in (State.SENDING, State.TRANSMITTING):
        return _("… being sent"), False
    if row.attempts:
        return _("… next try {time}").format(time=when), False
    if row.due_at > clock.now:
        return _("sends {time}").format(time=when), False
    return _("… waits to be sent"), False


def outbox_detail(row: DeliveryRow, text: str, clock: Clock) -> Spans:
    """The row under the cursor, in full: way, reason, and the text."""
    words, alarming = state_words(row, clock)
    way = _("to {name} by {account}, {address}").format(
        name=row.recipient.name, account=row.account, address=row.address
    )
    lines = [outside(way, Role.NAME)]
    why = row.error.sentence() if row.error else ""
    tries = _("{n} tries").format(n=row.attempts) if row.attempts > 1 else ""
    state = ", ".join(filter(None, (words, why, tries)))
    lines.append(outside(state, Role.ALARM if alarming else Role.ASIDE))
    return joined("\n", [*lines, outside(text, limit=600)])
