"""``pfinbox contact``: clients' cards."""

import click

from pfinbox.cli.contact.joining import erase, export, merge, message, unmerge
from pfinbox.cli.contact.picture import picture
from pfinbox.cli.contact.portal import invite_portal, portal_sessions_
from pfinbox.cli.shell.output import json_option, print_json, print_lines
from pfinbox.cli.shell.params import ID
from pfinbox.cli.shell.session import Session
from pfinbox.cli.shell.speaking import group, option
from pfinbox.cli.show import present, render, seeing
from pfinbox.cli.show.card import show_card
from pfinbox.domain.visibility import SETTINGS
from pfinbox.i18n import N_, _
from pfinbox.services.inbox import Inbox
from pfinbox.services.people import contacts
from pfinbox.services.people.contacts import NewAddress
from pfinbox.services.system import configuration
from pfinbox.store import read

address_option = option(
    "--address",
    "addresses",
    metavar="CHANNEL:VALUE",
    multiple=True,
    help=N_("email:maria@client.example; an account's name where ids are per account."),
)


@group(help=N_("Clients' cards."))
def contact() -> None:
    pass


@contact.command("list", help=N_("List cards by name."))
@option("--query", default="", metavar="WORDS", help=N_("In name, company or address."))
@option("--limit", type=click.IntRange(min=1), default=200, show_default=True)
@json_option
@click.pass_obj
def list_contacts(session: Session, query: str, limit: int, as_json: bool) -> None:
    rows = session.run(lambda inbox: inbox.read(read.contacts, query=query, limit=limit))
    if as_json:
        print_json([present.card(row) for row in rows])
    else:
        print_lines(render.cards(rows))


@contact.command(help=N_("Show a card with all its tasks."))
@click.argument("contact_id", metavar="ID", type=ID)
@option(
    "--see-as",
    metavar="SETTING",
    type=click.Choice(["now", *SETTINGS]),
    help=N_("What the client would see of each comment, and why; now: as it is set."),
)
@json_option
@click.pass_obj
def show(session: Session, contact_id: int, see_as: str | None, as_json: bool) -> None:
    if see_as is None:
        session.run(lambda inbox: show_card(inbox, session, contact_id, as_json))
        return
    setting = None if see_as == "now" else see_as
    session.run(lambda inbox: seeing.show(inbox, contact_id, json=as_json, setting=setting))


@contact.command(help=N_("Make a card."))
@option("--name", required=True)
@option("--company")
@address_option
@option("--selectable", is_flag=True, help=N_("It can be chosen in tasks."))
@option("--notes", default="", help=N_("Never seen by any contact."))
@json_option
@click.pass_obj
def new(
    session: Session,
    name: str,
    company: str | None,
    addresses: tuple[str, ...],
    selectable: bool,
    notes: str,
    as_json: bool,
) -> None:
    given = tuple(_address(one) for one in addresses)

    async def work(inbox: Inbox) -> None:
        card_id = await inbox.write(
            contacts.new,
            name,
            company=company,
            addresses=given,
            selectable=selectable,
            notes=notes,
        )
        await show_card(inbox, session, card_id, as_json)

    session.run(work)


@contact.command("set", help=N_("Change a card; what is not named stays as it is."))
@click.argument("contact_id", metavar="ID", type=ID)
@option("--name")
@option("--company")
@option("--selectable/--not-selectable", default=None)
@option("--notes")
@option(
    "--contacts-see",
    type=click.Choice([*SETTINGS, "default"]),
    help=N_("What this client sees on the personal page; default: as everybody."),
)
@option("--portal", type=click.Choice(["on", "off"]), help=N_("The personal page."))
@seeing.force_option
@address_option
@option(
    "--remove-address",
    "removed",
    metavar="VALUE",
    multiple=True,
    help=N_("An address by which there is no conversation."),
)
@option("--main-address", metavar="VALUE", help=N_("The address to use by default."))
@json_option
@click.pass_obj
def set_contact(
    session: Session,
    contact_id: int,
    name: str | None,
    company: str | None,
    selectable: bool | None,
    notes: str | None,
    contacts_see: str | None,
    portal: str | None,
    force: bool,
    addresses: tuple[str, ...],
    removed: tuple[str, ...],
    main_address: str | None,
    as_json: bool,
) -> None:
    given = tuple(_address(one) for one in addresses)
    changed = (name, company, selectable, notes, contacts_see, portal, main_address)
    if not given and not removed and all(value is None for value in changed):
        raise click.UsageError(_("say what to change"))

    async def work(inbox: Inbox) -> None:
        await inbox.write(
            contacts.set_,
            contact_id,
            name=name,
            company=company,
            selectable=selectable,
            notes=notes,
            contacts_see="" if contacts_see == "default" else contacts_see,
            portal=None if portal is None else portal == "on",
            add_addresses=given,
            remove_addresses=removed,
            main_address=main_address,
        )
        await show_card(inbox, session, contact_id, as_json)

    seeing.run(session, work, force=force, json=as_json)


@contact.command(
    "contacts-see",
    help=N_("Let contacts see as [inbox] contacts_see says, after a look at what that shows."),
)
@seeing.force_option
@json_option
@click.pass_obj
def contacts_see(session: Session, force: bool, as_json: bool) -> None:
    async def work(inbox: Inbox) -> str:
        return await inbox.write(configuration.confirm_contacts_see)

    setting = seeing.run(session, work, force=force, json=as_json)
    if as_json:
        print_json({"contacts_see": setting})
    else:
        print_lines([_("contacts see: {setting}").format(setting=setting)])


for _command in (
    merge,
    unmerge,
    message,
    export,
    erase,
    picture,
    invite_portal,
    portal_sessions_,
):
    contact.add_command(_command)


def _address(text: str) -> NewAddress:
    channel, colon, value = text.partition(":")
    if not colon or not channel or not value:
        raise click.BadParameter(
            _("{text} is not CHANNEL:VALUE, such as email:maria@client.example").format(text=text),
            param_hint="--address",
        )
    return channel, value
