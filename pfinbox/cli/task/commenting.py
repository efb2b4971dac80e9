"""``pfinbox task comment``: say something to the client, to colleagues, or only to the task."""

from dataclasses import replace

import click

from pfinbox.cli.shell.approved import approved, parameter_option, template_option
from pfinbox.cli.shell.columns import local
from pfinbox.cli.shell.output import json_option, print_lines
from pfinbox.cli.shell.params import FILE, ID, read_file, read_text
from pfinbox.cli.shell.session import Session
from pfinbox.cli.shell.speaking import command, option
from pfinbox.cli.show import talk, whom
from pfinbox.domain.actor import AgentActor
from pfinbox.domain.model import Notify
from pfinbox.domain.outbound.planning.delivery_plan import DeliveryPlan
from pfinbox.domain.recipients.correspondents import mailbox
from pfinbox.domain.recipients.original import QuoteUnseen
from pfinbox.domain.tasks.then import Then
from pfinbox.errors import Refused, UsageError
from pfinbox.i18n import N_, _
from pfinbox.record import record
from pfinbox.services import access
from pfinbox.services.comments import comments, planning
from pfinbox.services.comments.comments import ClientWrote, CommentRequest, Saved
from pfinbox.services.inbox import Inbox
from pfinbox.store import read
from pfinbox.store.uow import UnitOfWork


@record
class _To:
    """Who gets the comment, as the options say; no ``names``: the picker's default."""

    task_id: int
    names: tuple[str, ...]
    internal: bool
    address: str | None
    reply_via: str | None
    separately: bool
    quote: int | None
    reply_all: bool


@command(
    help=N_("Write to the client or colleagues. Without --notify: those whom the picker proposes.")
)
@click.argument("task_id", metavar="N", type=ID)
@option("--text", metavar="TEXT")
@option("--text-file", metavar="FILE", type=FILE, help=N_("The text from a file; - is stdin."))
@template_option
@parameter_option
@option("--notify", metavar=f"client|{whom.SYNTAX}", multiple=True, help=N_("Who gets it."))
@option("--internal", is_flag=True, help=N_("Nobody outside gets it."))
@option("--attach", metavar="FILE", type=FILE, multiple=True)
@option("--send-at", metavar="WHEN", help=N_("tomorrow 9:00, mon 14:30, in 2h …"))
@option("--address", metavar="ADDRESS", help=N_("The client's e-mail address to use."))
@option("--reply-via", metavar="own|last|all|ACCOUNT", help=N_("The channel to use."))
@option("--quote", metavar="COMMENT", type=ID, help=N_("The comment that it answers."))
@option(
    "--quote-unseen",
    is_flag=True,
    help=N_("Quote it although somebody who gets this has not seen it."),
)
@option("--reply-all", is_flag=True, help=N_("To everyone whom the comment under --quote went to."))
@option("--hidden", is_flag=True, help=N_("Hide it from clients with access."))
@option("--separately", is_flag=True, help=N_("Each contact gets a mail of their own."))
@option("--seen", metavar="COMMENT", type=ID, help=N_("Refuse if something newer came in."))
@option("--force", is_flag=True, help=N_("Save it although the client wrote since --seen."))
@option(
    "--send-anyway",
    is_flag=True,
    help=N_("With --send-at: send it even if the client writes before."),
)
@option(
    "--then",
    metavar="close|next|snooze:WHEN",
    help=N_("Also close or hide the task, or name the next one to answer."),
)
@option("--key", metavar="KEY", help=N_("The same key twice is one comment."))
@option("--dry-run", is_flag=True, help=N_("Only show who would get it, and how."))
@json_option
@click.pass_obj
def comment(
    session: Session,
    task_id: int,
    text: str | None,
    text_file: str | None,
    template: str | None,
    parameter: tuple[str, ...],
    notify: tuple[str, ...],
    internal: bool,
    attach: tuple[str, ...],
    send_at: str | None,
    address: str | None,
    reply_via: str | None,
    quote: int | None,
    quote_unseen: bool,
    reply_all: bool,
    hidden: bool,
    separately: bool,
    seen: int | None,
    force: bool,
    send_anyway: bool,
    then: str | None,
    key: str | None,
    dry_run: bool,
    as_json: bool,
) -> None:
    if send_anyway and send_at is None:
        raise UsageError(_("--send-anyway needs --send-at; --force goes past what came by now"))
    to = _To(task_id, notify, internal, address, reply_via, separately, quote, reply_all)
    words = read_text(text, text_file) or ""
    choice = approved(template, parameter)
    files = tuple(read_file(path) for path in attach)
    when = session.moment(send_at) if send_at is not None else None
    after = _then(session, then)

    async def plan(uow: UnitOfWork, me: AgentActor) -> DeliveryPlan:
        if seen is not None:
            await access.task_of_comment(uow, me, seen)
        chosen = await _chosen(uow, me, to)
        return await planning.plan(
            uow,
            me,
            task_id,
            chosen,
            when=when,
            answers=quote,
            quotes=True,
            along=planning.Along(choice, [file.weighed for file in files]),
        )

    async def save(uow: UnitOfWork, me: AgentActor) -> Saved:
        if seen is not None:
            await access.task_of_comment(uow, me, seen)
        request = CommentRequest(
            task_id,
            words,
            await _chosen(uow, me, to),
            template=choice,
            quote_id=quote,
            quote_unseen="send" if quote_unseen else "refuse",
            attachments=files,
            send_at=when,
            hidden=hidden,
            seen=seen,
            force=force,
            send_anyway=send_anyway,
            client_key=whom.own_key(me.id, key),
            then=after,
        )
        return await comments.add_comment(uow, me, request)

    async def work(inbox: Inbox) -> None:
        if dry_run:
            talk.print_plan(await inbox.read(plan), session.zone, as_json=as_json)
            return
        try:
            saved = await inbox.write(save)
        except QuoteUnseen as refusal:
            raise Refused(_("{why}; --quote-unseen goes on").format(why=refusal)) from None
        except ClientWrote as refusal:
            raise Refused(_("{why}; --force goes on").format(why=refusal)) from None
        more = {"next_task_id": saved.next_id} if after.next else {}
        await talk.print_comment(inbox, saved.comment_id, session.zone, as_json=as_json, **more)
        if after.next and not as_json:
            none = _("no other client waits for an answer")
            print_lines([_("next: #{id}").format(id=saved.next_id) if saved.next_id else none])

    session.run(work)
    if when is not None and not as_json and not dry_run:
        print_lines([_("it goes out at {time}").format(time=local(when, session.zone))])


def _then(session: Session, words: str | None) -> Then:
    """What ``--then`` asks for."""
    kind, _colon, when = (words or "").partition(":")
    if kind == "snooze" and when:
        return Then(snooze_until=session.moment(when))
    if words not in (None, "close", "next"):
        raise UsageError(_("--then is close, next or snooze:WHEN"))
    return Then(close=words == "close", next=words == "next")


async def _chosen(uow: UnitOfWork, me: AgentActor, to: _To) -> Notify:
    """The notify set; Refused when nobody is chosen and it was not said to be internal."""
    if to.reply_all and (to.quote is None or to.internal):
        raise UsageError(_("--reply-all needs --quote COMMENT, and is not --internal"))
    chosen = Notify()
    if to.reply_all or not to.names:
        chosen = await planning.preselect(
            uow, me, to.task_id, answers=to.quote, note=to.internal, reply_all=to.reply_all
        )
    # Named besides those whom the mail went to.
    named = [await whom.recipient(uow, me, to.task_id, name) for name in to.names]
    who = tuple(dict.fromkeys((*chosen.who, *named)))
    chosen = replace(chosen, who=who, separately=to.separately, reply_via=to.reply_via)
    if "client" in to.names and to.address is None:
        chosen = await planning.to_client(uow, me, to.task_id, chosen)
    if to.internal and not chosen.internal:
        raise UsageError(_("an internal comment cannot go to a contact"))
    if not who and not chosen.newcomers and not to.internal:
        raise Refused(
            _("nobody is chosen to get it: add --notify client, --notify agent:LOGIN or --internal")
        )
    if to.address is None:
        return chosen
    address = mailbox(to.address).value
    contact_id = await _owner(uow, me, to.task_id, chosen, address)
    return replace(chosen, addresses={**chosen.addresses, contact_id: address})


async def _owner(
    uow: UnitOfWork, me: AgentActor, task_id: int, chosen: Notify, address: str
) -> int:
    """The contact, among those chosen, whose address this is."""
    if len(chosen.contacts) == 1:
        return chosen.contacts[0]
    known = (await read.choices(uow, me, task_id)).addresses
    for contact_id in chosen.contacts:
        if address in known.get(contact_id, ()):
            return contact_id
    raise UsageError(_("{address} is the address of nobody chosen").format(address=address))
