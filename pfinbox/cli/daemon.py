"""``pfinbox daemon``: receive and send."""

import logging

import click

from pfinbox.cli.shell.output import print_lines
from pfinbox.cli.shell.session import Session, os_user
from pfinbox.cli.shell.speaking import command, option
from pfinbox.i18n import N_
from pfinbox.importing import kept, load


@command(help=N_("Receive and send until it is stopped."))
@option("--once", is_flag=True, help=N_("Poll every account until idle, send, and exit."))
@option("--print-systemd", is_flag=True, help=N_("Print a unit for systemd, and exit."))
@option("--verbose", is_flag=True, help=N_("Say more about what it does."))
# Started by an inbox: it ends with its stdin and has no terminal to write to.
@option("--attended", is_flag=True, hidden=True)
@click.pass_context
def daemon(
    ctx: click.Context, once: bool, print_systemd: bool, verbose: bool, attended: bool
) -> None:
    session: Session = ctx.obj
    config = session.config
    if print_systemd:
        from pfinbox.bootstrap.unit import unit

        print_lines(unit(config, os_user()).splitlines())
        return
    from pfinbox.bootstrap import early, logs, serve

    file = logs.log_file(config) if attended else None
    logs.set_up_logging(file, verbose=verbose, form=config.log_format)
    if attended:
        # A daemon started by the screen is read only in its log.
        for warning in config.warnings:
            logging.getLogger(__name__).warning("%s", warning)
    early.begin(config)
    with kept():
        load(serve)
    ctx.exit(serve.run_daemon(config, once=once, attended=attended))
