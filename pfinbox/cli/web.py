"""``pfinbox web``: serve clients' pages where the daemon does not."""

import click

from pfinbox.cli.shell.session import Session
from pfinbox.cli.shell.speaking import command, option
from pfinbox.i18n import N_


@command(help=N_("Serve clients' pages until it is stopped; the daemon does it by itself."))
@option("--verbose", is_flag=True, help=N_("Say more about what it does."))
@click.pass_context
def web(ctx: click.Context, verbose: bool) -> None:
    from pfinbox.bootstrap import door, logs

    session: Session = ctx.obj
    config = session.config
    logs.set_up_logging(None, verbose=verbose, form=config.log_format)
    ctx.exit(door.run_web(config))
