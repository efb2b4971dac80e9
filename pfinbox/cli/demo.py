"""``pfinbox demo``: the inbox with invented clients, all on this machine."""

import click

from pfinbox.cli.session import Session, os_user
from pfinbox.i18n import _


@click.command(help=_("Try it with invented clients; nothing leaves this machine."))
@click.option("--language", type=click.Choice(["en", "ru", "pl"]), help=_("Only these clients."))
@click.pass_context
def demo(ctx: click.Context, language: str | None) -> None:
    from pfinbox.bootstrap.rehearsal import run_demo

    session: Session = ctx.obj
    # Not the configuration's agent: whoever tries it need not have one.
    ctx.exit(run_demo(session.named or os_user(), language=language))
