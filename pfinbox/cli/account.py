"""``pfinbox account``: the configured connections, as the daemon reports them."""

import click

from pfinbox.cli.shell.output import json_option, print_json, print_lines
from pfinbox.cli.shell.session import Session
from pfinbox.cli.shell.speaking import group, option
from pfinbox.cli.show import present, render
from pfinbox.domain.actor import AgentActor
from pfinbox.i18n import N_, _
from pfinbox.services.comments import templates
from pfinbox.store import read
from pfinbox.store.rows import AccountRow
from pfinbox.store.uow import UnitOfWork


@group(help=N_("Mailboxes and bots."))
def account() -> None:
    pass


@account.command("list", help=N_("List the accounts and how they do."))
@json_option
@click.pass_obj
def list_accounts(session: Session, as_json: bool) -> None:
    rows, notes = session.run(lambda inbox: inbox.read(_read))
    if as_json:
        print_json([present.account(row) for row in rows])
    else:
        print_lines([*render.accounts(rows, session.zone), *notes])


@account.command("templates", help=N_("List the texts that a service has approved."))
@option("--account", metavar="NAME", help=N_("Those of this account alone."))
@json_option
@click.pass_obj
def list_templates(session: Session, account: str | None, as_json: bool) -> None:
    rows = session.run(lambda inbox: inbox.read(templates.listed, account=account))
    if as_json:
        print_json([present.template(row) for row in rows])
    else:
        print_lines(render.templates(rows) or [_("no account has a template")])


async def _read(uow: UnitOfWork, me: AgentActor) -> tuple[tuple[AccountRow, ...], list[str]]:
    """The accounts, and what is to be said about all of them."""
    daemon, full = await read.daemon(uow), read.full_disk(uow)
    return await read.accounts(uow, me), [
        *([] if daemon else [_("no daemon is running: nothing comes or goes")]),
        *render.standing_by(daemon),
        *([full.sentence()] if full else []),
    ]
