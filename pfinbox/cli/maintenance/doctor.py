"""``pfinbox doctor``: what is wrong with configuration, store and accounts."""

import asyncio

import click

from pfinbox.cli.shell.output import print_lines
from pfinbox.cli.shell.session import Session
from pfinbox.cli.shell.speaking import command
from pfinbox.i18n import N_, _


@command(help=N_("Look for what is wrong; exit code 1 when something is."))
@click.pass_context
def doctor(ctx: click.Context) -> None:
    session: Session = ctx.obj
    ctx.exit(0 if asyncio.run(_examine(session.config_path)) else 1)


async def _examine(path: str | None) -> bool:
    """Print what was found as it is found: an account may take a minute to answer."""
    from pfinbox.bootstrap.doctor import examine

    well = True
    async for found in examine(path):
        well = well and found.problem is None
        word = _("ok") if found.problem is None else _("PROBLEM")
        took = _("  ({n} s)").format(n=f"{found.seconds:.2f}") if found.seconds is not None else ""
        line = f"{word}  {found.subject}{took}"
        print_lines([line if found.problem is None else f"{line}: {found.problem}"])
    return well
