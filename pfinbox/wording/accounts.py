"""How each account does, whole: what the other side said, and what can be done about it."""

from collections.abc import Sequence

from pfinbox.domain.contract.gap import Gap
from pfinbox.domain.contract.reason import Reason
from pfinbox.domain.state_words import account_state
from pfinbox.i18n import _
from pfinbox.store.rows import AccountRow, DaemonRow
from pfinbox.wording.names import channel_name, whole
from pfinbox.wording.spans import Role, Spans, outside, said
from pfinbox.wording.times import Clock

_TROUBLED = ("retrying", "failed", "unserved")


def health_lines(
    accounts: Sequence[AccountRow], daemon: DaemonRow | None, full: Reason | None, clock: Clock
) -> list[Spans]:
    """Troubled accounts first; each with its state, and what there is to say about it."""
    lines: list[Spans] = []
    if full is not None:
        lines += [said(whole(full.sentence()), Role.ALARM), said("")]
    for row in sorted(accounts, key=_is_well):
        lines += [*_account(row, clock), said("")]
    if not accounts:
        lines += [said(_("No account is connected. pfinbox init adds one.")), said("")]
    return [*lines, *_daemon(daemon)]


def _is_well(row: AccountRow) -> bool:
    return row.state not in _TROUBLED and row.gap is None


def _account(row: AccountRow, clock: Clock) -> list[Spans]:
    troubled = row.state in _TROUBLED
    state = said(account_state(row.state), Role.ALARM if troubled else Role.SENT)
    of = channel_name(row.channel)
    names = [name for name in (row.label, row.public_name) if name and name != row.name]
    about = outside("  ".join([of, *names]), Role.ASIDE)
    lines = [(*outside(row.name, Role.NAME), *said("  "), *state, *said("  "), *about)]
    if row.detail is not None:
        lines.append(outside(f"  {whole(row.detail.sentence())}"))
    if row.gap is not None:
        lines += _missing(row, row.gap, clock)
    if row.last_received_at is not None:
        words = _("  The last message came {when}.").format(when=clock.moment(row.last_received_at))
        lines.append(said(words, Role.ASIDE))
    elif not troubled:
        lines.append(said("  " + _("No message has come yet."), Role.ASIDE))
    if row.state == "unserved":
        lines.append(said("  " + _("pfinbox daemon serves it, with this account in its config.")))
    elif troubled:
        words = _("It is tried again by itself; pfinbox doctor tries each step now.")
        lines.append(said(f"  {words}"))
    return lines


def _missing(row: AccountRow, gap: Gap, clock: Clock) -> list[Spans]:
    words = missing_words(gap, clock)
    noted = _("See at the service itself what clients wrote; :acknowledge {name} ends this.")
    return [
        outside(f"  {whole(words)}", Role.ALARM),
        outside("  " + noted.format(name=row.name)),
    ]


def missing_words(gap: Gap, clock: Clock) -> str:
    """One sentence: which messages may not be here, and why."""
    until, why = clock.date(gap.until), gap.reason.sentence()
    if gap.since is None:
        return _("messages before {until} may be missing: {reason}").format(until=until, reason=why)
    return _("messages between {since} and {until} may be missing: {reason}").format(
        since=clock.date(gap.since), until=until, reason=why
    )


def _daemon(row: DaemonRow | None) -> list[Spans]:
    if row is None:
        words = _("No daemon is running: nothing comes or goes. pfinbox daemon starts one.")
        return [said(words, Role.ALARM)]
    lines = [outside(_("The daemon runs on {host}, pid {pid}.").format(host=row.host, pid=row.pid))]
    if row.held is not None:
        words = _("Nothing is sent: {why}; look and confirm: pfinbox outbox release")
        lines.append(outside(words.format(why=row.held.sentence()), Role.ALARM))
    for host, pid in row.standing_by:
        lines.append(
            outside(_("Another stands by on {host}, pid {pid}.").format(host=host, pid=pid))
        )
    return lines
