"""``pfinbox contact merge``, ``unmerge``, ``message``, ``export`` and ``erase``."""

from dataclasses import asdict

import click

from pfinbox.cli.shell.approved import approved, parameter_option, template_option
from pfinbox.cli.shell.output import json_option, print_json, print_lines
from pfinbox.cli.shell.params import ID
from pfinbox.cli.shell.session import Session
from pfinbox.cli.shell.speaking import command, option
from pfinbox.cli.show import seeing
from pfinbox.cli.show.card import show_card
from pfinbox.cli.show.tasks import show_tasks
from pfinbox.domain.actor import AgentActor
from pfinbox.domain.model import Notify, Who
from pfinbox.domain.purging import Erasure
from pfinbox.i18n import N_, _
from pfinbox.services.comments import comments, conversations
from pfinbox.services.comments.comments import CommentRequest
from pfinbox.services.inbox import Inbox
from pfinbox.services.merging import contact_merging
from pfinbox.services.privacy import erasing, exporting
from pfinbox.store.uow import UnitOfWork
from pfinbox.wording.names import removed

contact_argument = click.argument("contact_id", metavar="ID", type=ID)


@command(help=N_("Merge cards of one person into SURVIVOR."))
@click.argument("survivor", metavar="SURVIVOR", type=ID)
@click.argument("others", metavar="OTHER...", type=ID, nargs=-1, required=True)
@seeing.force_option
@json_option
@click.pass_obj
def merge(
    session: Session, survivor: int, others: tuple[int, ...], force: bool, as_json: bool
) -> None:
    async def work(inbox: Inbox) -> None:
        card_id = await inbox.write(contact_merging.merge_contacts, survivor, others)
        await show_card(inbox, session, card_id, as_json)

    seeing.run(session, work, force=force, json=as_json)


@command(help=N_("Take a card out of the one that it was merged into."))
@contact_argument
@seeing.force_option
@json_option
@click.pass_obj
def unmerge(session: Session, contact_id: int, force: bool, as_json: bool) -> None:
    async def work(inbox: Inbox) -> None:
        await inbox.write(contact_merging.unmerge_contact, contact_id)
        await show_card(inbox, session, contact_id, as_json)

    seeing.run(session, work, force=force, json=as_json)


@command(help=N_("Write to a contact by one of their channels."))
@contact_argument
@option("--ways", is_flag=True, help=N_("Only list by what accounts, and why not."))
@option("--account", metavar="NAME", help=N_("By which; needless where there is one way."))
@option("--title", help=N_("Of a new conversation."))
@option("--text")
@template_option
@parameter_option
@json_option
@click.pass_obj
def message(
    session: Session,
    contact_id: int,
    ways: bool,
    account: str | None,
    title: str | None,
    text: str | None,
    template: str | None,
    parameter: tuple[str, ...],
    as_json: bool,
) -> None:
    if ways:
        session.run(lambda inbox: _ways(inbox, contact_id, as_json))
        return
    choice, words = approved(template, parameter), text or ""
    if text is None and choice is None:
        raise click.UsageError(_("give --text, --template or --ways"))

    async def use(uow: UnitOfWork, me: AgentActor) -> int:
        by = account or await conversations.only_way(uow, me, contact_id)
        task_id = await conversations.message(uow, me, contact_id, by, title=title)
        notify = Notify((Who("contact", contact_id),), reply_via=by)
        await comments.add_comment(uow, me, CommentRequest(task_id, words, notify, template=choice))
        return task_id

    async def work(inbox: Inbox) -> None:
        number = await inbox.write(use)
        await show_tasks(inbox, session, (number,), as_json)

    session.run(work)


async def _ways(inbox: Inbox, contact_id: int, as_json: bool) -> None:
    """Each account that could reach the contact: the task that goes on, a new one, or why not."""
    found = await inbox.read(conversations.ways, contact_id)
    if as_json:
        print_json(
            [
                {
                    "account": way.account.name,
                    "channel": way.account.channel,
                    "task_id": way.task_id,
                    "error": way.error.as_json() if way.error is not None else None,
                }
                for way in found
            ]
        )
        return
    for way in found:
        words = _("a new conversation")
        if way.error is not None:
            words = way.error.sentence()
        elif way.task_id is not None:
            words = _("goes on in #{id}").format(id=way.task_id)
        print_lines([f"{way.account.name} ({way.account.channel}): {words}"])


@command(help=N_("Everything about a contact, as JSON."))
@contact_argument
@click.pass_obj
def export(session: Session, contact_id: int) -> None:
    async def work(inbox: Inbox) -> None:
        print_json(await inbox.read(exporting.export_contact, contact_id))

    session.run(work)


@command(help=N_("Remove a contact and all their conversations for good; says what goes."))
@contact_argument
@option("--dry-run", is_flag=True, help=N_("Only say what would go."))
@json_option
@click.pass_obj
def erase(session: Session, contact_id: int, dry_run: bool, as_json: bool) -> None:
    async def work(inbox: Inbox) -> Erasure:
        if dry_run:
            return await inbox.read(erasing.preview_erase, contact_id)
        return await inbox.write(erasing.erase_contact, contact_id)

    gone = asdict(session.run(work))
    numbers = {**gone.pop("conversations"), **gone}
    if as_json:
        print_json(numbers)
    else:
        print_lines([removed(numbers, only_said=dry_run)])
