"""``pfinbox account``: the configured connections, as the daemon reports them."""

import asyncio
from typing import TYPE_CHECKING

import click

from pfinbox.cli.shell.output import json_option, print_json, print_lines
from pfinbox.cli.shell.session import Session
from pfinbox.cli.shell.speaking import group, option
from pfinbox.cli.show import present, render
from pfinbox.domain.actor import AgentActor
from pfinbox.i18n import N_, _
from pfinbox.services.comments import templates
from pfinbox.services.inbound import gaps
from pfinbox.store import read
from pfinbox.store.rows import AccountRow
from pfinbox.store.uow import UnitOfWork

if TYPE_CHECKING:
    from pfinbox.bootstrap.account_check import Checked
    from pfinbox.store.load.accounts import Shown


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


@account.command(help=N_("Take note that messages of an account are missing for good."))
@click.argument("account", metavar="NAME")
@json_option
@click.pass_obj
def acknowledge(session: Session, account: str, as_json: bool) -> None:
    row = session.run(lambda inbox: inbox.write(gaps.acknowledge, account))
    if as_json:
        print_json(present.account(row))
    else:
        print_lines(render.accounts([row], session.zone))


@account.command(
    help=N_("Compare what the server has with what is here (as an admin); exit code 1 on a gap.")
)
@click.argument("name", metavar="NAME")
@json_option
@click.pass_context
def check(ctx: click.Context, name: str, as_json: bool) -> None:
    session: Session = ctx.obj
    found = asyncio.run(_check(session, name))
    missing, extra = found.comparison.missing, found.comparison.extra
    if as_json:
        print_json(
            {
                "missing": [{"key": one.key, "source_id": one.source_id} for one in missing],
                "extra": [_extra(one.key, found.shown.get(one.key)) for one in extra],
            }
        )
    else:
        print_lines(_("only there: {key} {id}").format(key=o.key, id=o.source_id) for o in missing)
        print_lines(_only_here(one.key, found.shown.get(one.key)) for one in extra)
        if not missing and not extra:
            print_lines([_("all that the server has is here")])
    ctx.exit(1 if missing or extra else 0)


async def _check(session: Session, name: str) -> "Checked":
    from pfinbox.bootstrap import account_check
    from pfinbox.bootstrap.stores import open_store

    store = await open_store(session.config, allowed=session.admin)
    try:
        return await account_check.check(store, session.config, name)
    finally:
        await store.close()


def _extra(key: str, shown: "Shown | None") -> dict[str, object]:
    return {
        "key": key,
        "source_id": shown.source_id if shown else None,
        "task_id": shown.task_id if shown else None,
        "comment_id": shown.comment_id if shown else None,
    }


def _only_here(key: str, shown: "Shown | None") -> str:
    if shown is None:
        return _("only here: {key}, which no comment shows").format(key=key)
    return _("only here: {key} in #{task}").format(key=key, task=shown.task_id)


async def _read(uow: UnitOfWork, me: AgentActor) -> tuple[tuple[AccountRow, ...], list[str]]:
    """The accounts, and what is to be said about all of them."""
    daemon, full = await read.daemon(uow), read.full_disk(uow)
    return await read.accounts(uow, me), [
        *([] if daemon else [_("no daemon is running: nothing comes or goes")]),
        *render.standing_by(daemon),
        *([full.sentence()] if full else []),
    ]
