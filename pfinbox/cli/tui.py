"""``pfinbox tui``, which ``pfinbox`` alone does too."""

import click

from pfinbox.cli.session import Session
from pfinbox.cli.speaking import command, option
from pfinbox.i18n import N_


@command(help=N_("Open the inbox in the terminal."))
@option("--no-daemon", is_flag=True, help=N_("Start no daemon where none is running."))
@click.pass_context
def tui(ctx: click.Context, no_daemon: bool) -> None:
    session: Session = ctx.obj
    if not session.config_path and not session.config_file.exists():
        from pfinbox.cli.init import first_start

        ctx.exit(first_start(session, start_daemon=not no_daemon))
    from pfinbox.bootstrap.screen import run_tui

    ctx.exit(run_tui(session.config, session.login, start_daemon=not no_daemon))
