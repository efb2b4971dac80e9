"""``pfinbox init``: from nothing to an inbox that works, also where ``pfinbox`` finds nothing."""

import sys

import click

from pfinbox.cli.shell.session import Session, os_user
from pfinbox.cli.shell.speaking import command
from pfinbox.errors import Refused, UsageError
from pfinbox.i18n import N_, _


@command(help=N_("Make the configuration: an account that works, or a look at the demo."))
@click.pass_context
def init(ctx: click.Context) -> None:
    session: Session = ctx.obj
    if session.config_file.exists():
        raise Refused(
            _(
                "{path} exists already; another file is begun with: pfinbox --config FILE init"
            ).format(path=session.config_file)
        )
    ctx.exit(first_start(session))


def first_start(session: Session, *, start_daemon: bool = True) -> int:
    """The wizard, then whatever was chosen there; returns the exit code."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise UsageError(
            _("there is no configuration at {path}, and no terminal to ask in").format(
                path=session.config_file
            )
        )
    from pfinbox.bootstrap.first_start import run_first_start

    chosen = run_first_start(session.config_file, login=session.named)
    if chosen.go_on == "demo":
        from pfinbox.bootstrap.terminal.rehearsal import run_demo

        return run_demo(session.named or os_user())
    if chosen.go_on != "inbox":
        return 0
    from pfinbox.bootstrap.terminal.screen import run_tui

    config = session.config
    # The agent named at the start may have taken another login in the wizard.
    return run_tui(config, config.agent.login or session.login, start_daemon=start_daemon)
