"""The state of deliveries in words, as it stands under an outgoing comment (R14, R24)."""

from datetime import datetime, timedelta
from math import ceil

from pfinbox.domain.outbound.delivery import TROUBLED, State
from pfinbox.i18n import _
from pfinbox.store.rows import CommentRow, DeliveryRow
from pfinbox.wording.names import channel_name
from pfinbox.wording.spans import Role, Spans, outside, plain, said
from pfinbox.wording.times import Clock

_WAITING = (State.SCHEDULED, State.PENDING)


def waits_seconds(comment: CommentRow, now: datetime) -> int | None:
    """Seconds until a comment leaves that can still be taken back, None for any other."""
    waiting = [d for d in comment.deliveries if d.state in _WAITING and not d.attempts]
    moments = [d.due_at for d in waiting if d.due_at > now]
    if not moments:
        return None
    left = (min(moments) - now).total_seconds()
    return ceil(left) if left <= timedelta(minutes=2).total_seconds() else None


def leaving_words(due_at: datetime | None, clock: Clock) -> str:
    """When a comment that was just stored leaves, and how it can be taken back."""
    if due_at is not None and due_at > clock.now + timedelta(minutes=1):
        return _("Goes out {time} (z takes it back)").format(time=clock.moment(due_at))
    if due_at is not None and due_at > clock.now:
        seconds = round((due_at - clock.now).total_seconds())
        return _("Sends in {n} s (z takes it back)").format(n=seconds)
    return _("On its way")


def delivery_about(row: DeliveryRow, what: str) -> str:
    """``what`` became of a delivery, with its task and its recipient."""
    return _("#{id} to {name}: {what}").format(id=row.task_id, name=row.recipient.name, what=what)


def delivery_lines(comment: CommentRow, clock: Clock) -> list[Spans]:
    """One line for all recipients where they are in the same state, else one for each of them.

    Of mails to colleagues only those that somebody has to look at.
    """
    rows = [row for row in comment.deliveries if row.recipient.kind == "contact"]
    notices = [
        row
        for row in comment.deliveries
        if row.recipient.kind == "agent" and row.state in TROUBLED and row.dismissed_at is None
    ]
    states: dict[Spans, list[DeliveryRow]] = {}
    for row in rows:
        words = _words(row, comment, clock)
        states.setdefault(words, []).append(row)
    lines = [
        (
            outside(_("e-mail to {name}").format(name=row.recipient.name), Role.NAME)
            + said(" ")
            + _words(row, comment, clock)
        )
        for row in notices
    ]
    if len(states) <= 1:
        return [*states, *lines]
    # To one person by several ways: these tell the lines apart.
    by_way = len({row.recipient.who for row in rows}) == 1
    for words, group in states.items():
        names = [channel_name(row.channel) if by_way else row.recipient.name for row in group]
        lines.append(outside(", ".join(dict.fromkeys(names)), Role.NAME) + said(" ") + words)
    return lines


def _words(row: DeliveryRow, comment: CommentRow, clock: Clock) -> Spans:
    words = _state(row, comment, clock)
    if row.template is None:
        return words
    return words + outside(_(", as template {name}").format(name=row.template), Role.ASIDE)


def _state(row: DeliveryRow, comment: CommentRow, clock: Clock) -> Spans:
    why = plain(outside(row.error.sentence())) if row.error else _("no reason given")
    if row.state == State.SENT:
        return said(f"✓ {_arrived(row, clock)}", Role.SENT) + _later(row)
    if row.state in (State.SENDING, State.TRANSMITTING):
        return said(_("… being sent"), Role.WAITS)
    if row.state in _WAITING:
        return said(_waiting(row, comment, clock, why), Role.WAITS)
    if row.state == State.WITHDRAWN:
        return said(_("✗ withdrawn, not sent"), Role.WAITS)
    if row.state == State.HELD:
        return said(_("! held: {why} (R to send)").format(why=why), Role.ALARM)
    if row.state == State.UNKNOWN:
        return said(_("? may have arrived: {why} (R to send again)").format(why=why), Role.ALARM)
    if row.dismissed_at is not None:
        return said(_("✗ not sent: {why} (dismissed)").format(why=why), Role.WAITS)
    return said(_("✗ not sent: {why} (R to try again)").format(why=why), Role.ALARM)


def _later(row: DeliveryRow) -> Spans:
    """Where it goes by e-mail if nobody sees it in the chat."""
    if row.later_address is None:
        return ()
    words = _(", not seen yet: follows by e-mail to {address}")
    return outside(words.format(address=row.later_address), Role.WAITS)


def _arrived(row: DeliveryRow, clock: Clock) -> str:
    """As far as the other side has told."""
    if row.seen_at is not None:
        return _("seen {time}").format(time=clock.moment(row.seen_at))
    if row.delivered_at is not None:
        return _("delivered {time}").format(time=clock.moment(row.delivered_at))
    return _("sent {time}").format(time=clock.moment(row.sent_at or row.due_at))


def _waiting(row: DeliveryRow, comment: CommentRow, clock: Clock, why: str) -> str:
    if row.attempts:
        when = clock.moment(row.due_at)
        return _("… not sent yet: {why}; next try {time}").format(why=why, time=when)
    seconds = waits_seconds(comment, clock.now)
    if seconds is not None:
        return _("… sends in {n} s (z to take back)").format(n=seconds)
    if row.due_at > clock.now:
        return _("… sends {time}").format(time=clock.moment(row.due_at))
    return _("… waits to be sent")
