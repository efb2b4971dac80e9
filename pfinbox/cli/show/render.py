"""Rows as lines for people; every state has a word, never only a sign or a colour (R14)."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import tzinfo

from pfinbox.cli.shell.columns import aligned, local
from pfinbox.domain.contract.party import called
from pfinbox.domain.state_words import account_state, delivery_state
from pfinbox.i18n import _
from pfinbox.services.comments.templates import Listed
from pfinbox.store.rows import (
    AccountRow,
    AgentRow,
    ContactRow,
    DaemonRow,
    DeliveryRow,
    QuarantineRow,
    TaskRow,
)
from pfinbox.wording.accounts import missing_words
from pfinbox.wording.names import status_name
from pfinbox.wording.times import Clock


def tasks(rows: Sequence[TaskRow], zone: tzinfo | None) -> Iterator[str]:
    yield from aligned(
        [
            (
                f"#{row.id}",
                local(row.last_activity_at, zone),
                status_name(row.status),
                row.account or "",
                row.contact.name if row.contact else "",
                row.assignee.name if row.assignee else "",
                _titled(row),
            )
            for row in rows
        ],
        widest=24,
    )


def _titled(row: TaskRow) -> str:
    marks = [
        word
        for word, is_so in (
            (_("unread"), row.unread),
            (_("to answer"), row.waiting_since is not None),
            (_("failed"), row.failed),
            (_("scheduled"), row.scheduled),
            (_("draft"), row.draft),
            (_("in the trash"), row.deleted_at is not None),
        )
        if is_so
    ]
    if row.merged_into_id is not None:
        marks.append(_("merged into #{id}").format(id=row.merged_into_id))
    marks += [f"+{tag}" for tag in row.tags]
    return f"{row.title}  [{', '.join(marks)}]" if marks else row.title


def card(row: ContactRow, zone: tzinfo | None) -> Iterator[str]:
    yield _heading(row)
    if row.selectable:
        yield _("can be chosen in tasks")
    for one in row.addresses:
        notes = [one.channel if one.account is None else f"{one.channel} ({one.account})"]
        notes += [called(one.username)] if one.username else []
        notes += [_("main")] if one.main else []
        notes += [_("blocked")] if one.blocked else []
        notes += [_("picture")] if one.picture is not None else []
        notes += [_("on several cards")] if one.duplicate else []
        yield f"  {one.value}  {', '.join(notes)}"
    if row.notes:
        yield ""
        yield row.notes
    if row.tasks:
        yield ""
        yield from tasks(row.tasks, zone)


def cards(rows: Iterable[ContactRow]) -> Iterator[str]:
    yield from aligned(
        [
            (
                str(row.id),
                row.name,
                row.company or "",
                ", ".join(address.value for address in row.addresses),
            )
            for row in rows
        ]
    )


def _heading(row: ContactRow) -> str:
    company = f", {row.company}" if row.company else ""
    return _("contact {id}: {name}").format(id=row.id, name=row.name) + company


def agents(rows: Iterable[AgentRow]) -> Iterator[str]:
    yield from aligned([(row.login, row.name, row.email or "", _standing(row)) for row in rows])


def _standing(row: AgentRow) -> str:
    words = [_("admin")] if row.admin else []
    words += [_("outside: {name}").format(name=row.public_name)] if row.public_name else []
    words += [] if row.active else [_("deactivated")]
    words += [_("deputy: {login}").format(login=row.deputy)] if row.deputy else []
    words += [_("notices by e-mail")] if row.notify_by_mail else []
    return ", ".join(words)


def accounts(rows: Iterable[AccountRow], zone: tzinfo | None) -> Iterator[str]:
    yield from aligned(
        [
            (
                row.name,
                row.channel,
                row.public_name or row.label,
                account_state(row.state),
                local(row.last_received_at, zone),
                _about(row, zone),
            )
            for row in rows
        ]
    )


def _about(row: AccountRow, zone: tzinfo | None) -> str:
    words = [row.detail.sentence()] if row.detail else []
    if row.gap is not None:
        words.append(missing_words(row.gap, Clock(row.gap.until, zone)))
    return "; ".join(words)


def templates(rows: Iterable[Listed]) -> list[str]:
    """Each with its whole text below: that is what the client will read."""
    lines = []
    for row in rows:
        one = row.template
        lines.append(f"{row.account}  {one.name}:{one.language}  {one.category}".rstrip())
        lines += [f"    [{one.header_words}]"] if one.header else []
        lines += [f"    {line}" for line in one.text.splitlines()]
    return lines


def standing_by(daemon: DaemonRow | None) -> Iterator[str]:
    for host, pid in daemon.standing_by if daemon else ():
        yield _("the daemon on {host}, pid {pid}, stands by").format(host=host, pid=pid)


def deliveries(rows: Iterable[DeliveryRow], zone: tzinfo | None) -> Iterator[str]:
    yield from aligned(
        [
            (
                str(row.id),
                f"#{row.task_id}",
                delivery_state(row.state),
                local(row.due_at, zone),
                row.recipient.name,
                f"{row.account} {row.address}",
                row.error.sentence() if row.error else "",
            )
            for row in rows
        ],
        widest=40,
    )


def quarantine(rows: Iterable[QuarantineRow], zone: tzinfo | None) -> Iterator[str]:
    yield from aligned(
        [
            (
                str(row.id),
                row.account,
                local(row.received_at, zone),
                _("{n} bytes").format(n=row.size),
                row.reason.sentence() if row.reason else "",
            )
            for row in rows
        ]
    )
