"""``pfinbox db``: the database's schema; for admins."""

import asyncio

import click

from pfinbox.cli.shell.output import print_lines
from pfinbox.cli.shell.session import Session
from pfinbox.cli.shell.speaking import group
from pfinbox.i18n import N_, _


@group(help=N_("The database."))
def db() -> None:
    pass


@db.command(help=N_("Bring an older database up to date (as an admin); a missing one is made."))
@click.pass_obj
def upgrade(session: Session) -> None:
    asyncio.run(_open(session, upgrade=True))
    print_lines([_("the database is up to date")])


@db.command(help=N_("Look whether the database can be used as it is (as an admin)."))
@click.pass_obj
def check(session: Session) -> None:
    asyncio.run(_open(session, upgrade=False))
    print_lines([_("the database can be used")])


async def _open(session: Session, *, upgrade: bool) -> None:
    """Opening looks at the schema."""
    from pfinbox.bootstrap.stores import open_store
    from pfinbox.store.integrity import pages

    store = await open_store(session.config, upgrade=upgrade, allowed=session.admin)
    try:
        await pages.check(store)
    finally:
        await store.close()
