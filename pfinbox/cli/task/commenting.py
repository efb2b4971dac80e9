"""``pfinbox task comment``: say something to the client, to colleagues, or only to the task."""

import mimetypes
from dataclasses import dataclass
from pathlib import Path

import click

from pfinbox.cli import present, talk, whom
from pfinbox.cli.columns import local
from pfinbox.cli.output import json_option, print_json, print_lines
from pfinbox.cli.params import FILE, ID, read_text
from pfinbox.cli.session import Desk, Session
from pfinbox.domain.envelope import File
from pfinbox.domain.model import Notify
from pfinbox.domain.plan import DeliveryPlan
from pfinbox.errors import Refused, UsageError
from pfinbox.i18n import _
from pfinbox.services import comments
from pfinbox.services.comments import CommentRequest
from pfinbox.store import queries
from pfinbox.store.uow import UnitOfWork


@dataclass(frozen=True, slots=True)
class _To:
    """Who is to get it, as the options say; ``names`` empty means the picker's default."""

    task_id: int
    names: tuple[str, ...]
    internal: bool
    address: str | None
    reply_via: str | None
    separately: bool
    quote: int | None


@click.command(
    help=_("Write to the client or colleagues. Without --notify: those whom the picker proposes.")
)
@click.argument("task_id", metavar="N", type=ID)
@click.option("--text", metavar="TEXT")
@click.option("--text-file", metavar="FILE", type=FILE, help=_("The text from a file; - is stdin."))
@click.option("--notify", metavar=f"client|{whom.SYNTAX}", multiple=True, help=_("Who gets it."))
@click.option("--internal", is_flag=True, help=_("Nobody outside gets it."))
@click.option("--attach", metavar="FILE", type=FILE, multiple=True)
@click.option("--send-at", metavar="WHEN", help=_("tomorrow 9:00, mon 14:30, in 2h …"))
@click.option("--address", metavar="ADDRESS", help=_("The client's e-mail address to use."))
@click.option("--reply-via", metavar="own|last|all|ACCOUNT", help=_("The channel to use."))
@click.option("--quote", metavar="COMMENT", type=ID, help=_("The comment that it answers."))
@click.option("--hidden", is_flag=True, help=_("Hide it from clients with access."))
@click.option("--separately", is_flag=True, help=_("Each contact gets a mail of their own."))
@click.option("--seen", metavar="COMMENT", type=ID, help=_("Refuse if something newer came in."))
@click.option("--force", is_flag=True, help=_("Send although the client has written since."))
@click.option("--key", metavar="KEY", help=_("The same key twice is one comment."))
@click.option("--dry-run", is_flag=True, help=_("Only show who would get it, and how."))
@json_option
@click.pass_obj
def comment(
    session: Session,
    task_id: int,
    text: str | None,
    text_file: str | None,
    notify: tuple[str, ...],
    internal: bool,
    attach: tuple[str, ...],
    send_at: str | None,
    address: str | None,
    reply_via: str | None,
    quote: int | None,
    hidden: bool,
    separately: bool,
    seen: int | None,
    force: bool,
    key: str | None,
    dry_run: bool,
    as_json: bool,
) -> None:
    to = _To(task_id, notify, internal, address, reply_via, separately, quote)
    words = read_text(text, text_file) or ""
    files = tuple(_file(path) for path in attach)
    when = session.moment(send_at) if send_at is not None else None

    async def plan(uow: UnitOfWork, me: int) -> DeliveryPlan:
        chosen = await _chosen(uow, me, to)
        return await comments.plan(uow, me, task_id, chosen, when=when, answers=quote)

    async def save(uow: UnitOfWork, me: int) -> int:
        request = CommentRequest(
            task_id,
            words,
            await _chosen(uow, me, to),
            quote_id=quote,
            attachments=files,
            send_at=when,
            hidden=hidden,
            seen=seen,
            force=force,
            client_key=key,
        )
        return (await comments.add_comment(uow, me, request)).comment_id

    async def work(desk: Desk) -> None:
        if dry_run:
            _show_plan(await desk.read(plan), session, as_json)
            return
        comment_id = await desk.write(save)
        row = await desk.read(lambda uow, me: queries.comment(uow, me, comment_id))
        if as_json:
            print_json(present.comment(row))
        else:
            print_lines(talk.comment_lines(row, session.zone))

    session.run(work)
    if when is not None and not as_json and not dry_run:
        print_lines([_("it goes out at {time}").format(time=local(when, session.zone))])


def _show_plan(found: DeliveryPlan, session: Session, as_json: bool) -> None:
    if as_json:
        print_json(found.as_json())
    else:
        print_lines(talk.plan_lines(found, session.zone))


async def _chosen(uow: UnitOfWork, me: int, to: _To) -> Notify:
    """The notify set; Refused when nobody is chosen and it was not said to be internal."""
    if to.names:
        who = tuple([await whom.recipient(uow, me, to.task_id, name) for name in to.names])
    else:
        default = await comments.preselect(uow, me, to.task_id, answers=to.quote, note=to.internal)
        who = default.who
    chosen = Notify(who, separately=to.separately, reply_via=to.reply_via)
    if to.internal and chosen.contacts:
        raise UsageError(_("an internal comment cannot go to a contact"))
    if not who and not to.internal:
        raise Refused(
            _("nobody is chosen to get it: add --notify client, --notify agent:LOGIN or --internal")
        )
    if to.address is None:
        return chosen
    contact_id = await _owner(uow, me, to.task_id, chosen, to.address)
    return Notify(who, {contact_id: to.address}, to.separately, to.reply_via)


async def _owner(uow: UnitOfWork, me: int, task_id: int, chosen: Notify, address: str) -> int:
    """Whose address it is, among the contacts chosen."""
    if len(chosen.contacts) == 1:
        return chosen.contacts[0]
    known = (await queries.choices(uow, me, task_id)).addresses
    for contact_id in chosen.contacts:
        if address in known.get(contact_id, ()):
            return contact_id
    raise UsageError(_("{address} is the address of nobody chosen").format(address=address))


def _file(path: str) -> File:
    try:
        with click.open_file(path, "rb") as opened:
            content = bytes(opened.read())
    except OSError as error:
        raise click.UsageError(
            _("{file} cannot be read: {detail}").format(file=path, detail=error.strerror)
        ) from error
    media_type, encoding = mimetypes.guess_type(path)
    if media_type is None or encoding is not None:
        # Of a .tar.gz it names what is inside, not the file itself.
        media_type = "application/octet-stream"
    return File(Path(path).name, media_type, content)
