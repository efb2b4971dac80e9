"""``pfinbox demo``: the inbox with invented clients, all on this machine."""

import click

from pfinbox.cli.shell.session import Session, os_user
from pfinbox.cli.shell.speaking import command, option
from pfinbox.i18n import LANGUAGES, N_, set_language


@command(help=N_("Try it with invented clients; nothing leaves this machine."))
@option("--language", type=click.Choice(LANGUAGES), help=N_("Of clients and screens."))
@click.pass_context
def demo(ctx: click.Context, language: str | None) -> None:
    from pfinbox.bootstrap.terminal.rehearsal import run_demo

    session: Session = ctx.obj
    if language is not None:
        set_language(language)
    # Not the configuration's agent: whoever tries it need not have one.
    ctx.exit(run_demo(session.named or os_user(), language=language))
