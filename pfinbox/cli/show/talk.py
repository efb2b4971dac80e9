"""A conversation as lines for people: who wrote what to whom, and what became of it (R14)."""

from collections.abc import Iterator, Mapping
from datetime import datetime, tzinfo

from pfinbox.cli.shell.columns import local
from pfinbox.cli.shell.output import print_json, print_lines
from pfinbox.cli.show import present
from pfinbox.domain.model import Who
from pfinbox.domain.outbound.planning.delivery_plan import DeliveryPlan, PlanRow
from pfinbox.domain.state_words import delivery_state
from pfinbox.i18n import _
from pfinbox.services.inbox import Inbox
from pfinbox.store import read
from pfinbox.store.rows import ActivityRow, CommentRow, Conversation, DeliveryRow
from pfinbox.wording.activities import activity_words
from pfinbox.wording.names import kept_until, status_name
from pfinbox.wording.outbound.amendments import amendment_words
from pfinbox.wording.times import Clock


def conversation(shown: Conversation, names: Mapping[Who, str], clock: Clock) -> Iterator[str]:
    """The whole task; ``names`` are those of people in automatic lines."""
    zone = clock.zone
    task = shown.task
    yield f"#{task.id}  {task.title}"
    facts = [status_name(task.status)]
    if task.contact is not None:
        facts.append(_("client {name} ({id})").format(name=task.contact.name, id=task.contact.id))
    facts += [f"{chat.account} {chat.key}" for chat in shown.chats]
    if task.assignee is not None:
        facts.append(_("assigned to {name}").format(name=task.assignee.name))
    if shown.participants:
        people = ", ".join(one.name for one in shown.participants)
        facts.append(_("with {names}").format(names=people))
    facts += [f"+{tag}" for tag in task.tags]
    if task.snoozed_until is not None:
        facts.append(_("snoozed until {time}").format(time=local(task.snoozed_until, zone)))
    if task.deleted_at is not None:
        facts.append(_("in the trash"))
    yield " · ".join(facts)
    if task.previous_task_id is not None:
        title = shown.previous_title or ""
        yield _("before it: #{id} {title}").format(id=task.previous_task_id, title=title)
    lines: list[CommentRow | ActivityRow] = [*shown.comments, *shown.activities]
    for line in sorted(lines, key=_moment):
        if isinstance(line, CommentRow):
            yield ""
            yield from comment_lines(line, zone)
        else:
            yield f"-- {local(line.at, zone)}  {activity_words(line, names, clock)}"


def _moment(line: CommentRow | ActivityRow) -> tuple[datetime, bool]:
    """The order of a conversation; an automatic line stands behind what caused it."""
    if isinstance(line, CommentRow):
        return line.created_at, False
    return line.at, True


def comment_lines(row: CommentRow, zone: tzinfo | None) -> Iterator[str]:
    name = row.author.name or _("somebody outside pfinbox")
    yield f"[{row.id}] {local(row.created_at, zone)}  {name}  {_kind(row)}"
    if row.quote is not None and not row.in_thread:
        yield from (f"    > {line}" for line in row.quote[1].splitlines()[:3])
    yield from (f"    {line}" for line in (row.new_text or row.text).splitlines())
    for file in row.attachments:
        yield (
            "    "
            + _("file {id}: {name} ({size} bytes)").format(
                id=file.id, name=file.name, size=file.size
            )
            + kept_until(file.removed_at)
        )
    for warning in row.warnings:
        yield f"    ! {warning.sentence()}"
    for name, signs in row.reactions:
        yield f"    {' '.join(signs)}  {name}"
    for delivery in row.deliveries:
        yield f"    → {delivery_line(delivery, zone)}"
    for amendment in row.amendments:
        yield f"    → {amendment_words(amendment)}"


def _kind(row: CommentRow) -> str:
    """What a reader must know first: is this said to the client, or among ourselves?"""
    words: list[str] = []
    if row.aside:
        incoming = row.direction == "incoming"
        words.append(_("from somebody outside") if incoming else _("to somebody outside"))
    elif row.direction == "incoming":
        words.append(_("from the client"))
    elif row.internal:
        words.append(_("internal"))
    else:
        words.append(_("to the client"))
    to = ", ".join(one.name for one in row.notified)
    if to:
        words.append(_("for {names}").format(names=to))
    flags = (
        (row.sent_elsewhere, _("sent elsewhere")),
        (row.automatic, _("automatic")),
        (row.hidden, _("hidden from clients")),
        (row.verified is False, _("unverified")),
        (bool(row.edits), _("edited")),
        (row.deleted_at is not None, _("deleted")),
    )
    words += [word for is_so, word in flags if is_so]
    return f"({'; '.join(words)})"


def delivery_line(row: DeliveryRow, zone: tzinfo | None) -> str:
    moment = row.sent_at if row.sent_at is not None else row.due_at
    line = _("{name} by {account} {address}: {state}, {time} (delivery {id})").format(
        name=row.recipient.name,
        account=row.account,
        address=row.address,
        state=delivery_state(row.state),
        time=local(moment, zone),
        id=row.id,
    )
    return f"{line}: {row.error.sentence()}" if row.error is not None else line


def print_plan(plan: DeliveryPlan, zone: tzinfo | None, *, as_json: bool) -> None:
    """What a dry run says."""
    if as_json:
        print_json(plan.as_json())
    else:
        print_lines(plan_lines(plan, zone))


async def print_comment(
    inbox: Inbox, comment_id: int, zone: tzinfo | None, *, as_json: bool, **more: object
) -> None:
    """What was written, as it is stored now; ``more`` stands beside it in JSON."""
    row = await inbox.read(read.comment, comment_id)
    if as_json:
        print_json({**present.comment(row), **more})
    else:
        print_lines(comment_lines(row, zone))


def plan_lines(plan: DeliveryPlan, zone: tzinfo | None) -> Iterator[str]:
    """Who would get the comment, and by what; errors and warnings below."""
    for row in plan.rows:
        yield _plan_line(row, zone)
        reasons = [row.error] if row.error is not None else []
        for reason in [*reasons, *row.warnings]:
            yield f"    ! {reason.sentence()}"
    for reason in plan.warnings:
        yield f"! {reason.sentence()}"


def _plan_line(row: PlanRow, zone: tzinfo | None) -> str:
    if row.account is None:
        where = _("in the inbox") if row.recipient.kind == "agent" else _("no way to send it")
    else:
        where = _("by {account} ({channel}) {address}").format(
            account=row.account.name, channel=row.account.channel, address=row.address
        )
        if row.template is not None:
            where += _(", as template {name}").format(name=row.template)
    when = f", {local(row.when, zone)}" if row.when is not None else ""
    line = _("copy to {name} {where}") if row.copy else _("to {name} {where}")
    return line.format(name=row.name, where=where) + when
