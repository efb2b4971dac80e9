"""``pfinbox tui``, which ``pfinbox`` alone does too."""

import click
from click.core import ParameterSource

from pfinbox.cli.shell.session import Session
from pfinbox.cli.shell.speaking import command, option
from pfinbox.errors import UsageError
from pfinbox.i18n import N_, _
from pfinbox.importing import kept


@command(help=N_("Open the inbox in the terminal."))
@option("--no-daemon", is_flag=True, help=N_("Start no daemon where none is running."))
@option(
    "--restricted",
    is_flag=True,
    help=N_("No other program, and no file outside the drop folder (for ssh's forced command)."),
)
@click.pass_context
def tui(ctx: click.Context, no_daemon: bool, restricted: bool) -> None:
    session: Session = ctx.obj
    root = ctx.find_root()
    # --no-daemon before the verb means the same.
    no_daemon = no_daemon or bool(root.params.get("no_daemon"))
    if restricted:
        # Neither the environment nor a file may choose the agent.
        if root.get_parameter_source("agent") is not ParameterSource.COMMANDLINE:
            raise UsageError(_("--restricted needs --agent LOGIN beside it"))
    elif not session.config_path and not session.config_file.exists():
        from pfinbox.cli.init import first_start

        ctx.exit(first_start(session, start_daemon=not no_daemon))
    with kept():
        from pfinbox.bootstrap.terminal.screen import run_tui

    start = not (no_daemon or restricted)
    ctx.exit(run_tui(session.config, session.login, start_daemon=start, restricted=restricted))
