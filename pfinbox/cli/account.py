"""``pfinbox account``: the configured connections, as the daemon reports them."""

import click

from pfinbox.cli import present, render
from pfinbox.cli.output import json_option, print_json, print_lines
from pfinbox.cli.session import Session
from pfinbox.cli.speaking import group
from pfinbox.i18n import N_
from pfinbox.store import queries


@group(help=N_("Mailboxes and bots."))
def account() -> None:
    pass


@account.command("list", help=N_("List the accounts and how they do."))
@json_option
@click.pass_obj
def list_accounts(session: Session, as_json: bool) -> None:
    rows = session.run(lambda desk: desk.read(queries.accounts))
    if as_json:
        print_json([present.account(row) for row in rows])
    else:
        print_lines(render.accounts(rows, session.zone))
