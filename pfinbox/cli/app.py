"""The root command: global options, and every noun with where it is."""

from importlib.metadata import version as version_of

import click

from pfinbox.cli.lazy import LazyGroup
from pfinbox.cli.session import Session
from pfinbox.i18n import _

_COMMANDS = {
    "tui": ("pfinbox.cli.tui:tui", _("Open the inbox (so does pfinbox alone)")),
    "daemon": ("pfinbox.cli.daemon:daemon", _("Receive and send")),
    "demo": ("pfinbox.cli.demo:demo", _("Try it with invented clients")),
    "doctor": ("pfinbox.cli.doctor:doctor", _("Look for what is wrong")),
    "task": ("pfinbox.cli.task:task", _("Conversations with clients")),
    "contact": ("pfinbox.cli.contact:contact", _("Clients' cards")),
    "agent": ("pfinbox.cli.agent:agent", _("Colleagues")),
    "account": ("pfinbox.cli.account:account", _("Mailboxes and bots")),
    "outbox": ("pfinbox.cli.outbox:outbox", _("What is on its way, or stuck")),
    "quarantine": ("pfinbox.cli.quarantine:quarantine", _("What could not be read")),
    "attachment": ("pfinbox.cli.attachment:attachment", _("Files")),
    "search": ("pfinbox.cli.search:search", _("Search all comments")),
    "status": ("pfinbox.cli.status:status", _("Counts in one line")),
    "export": ("pfinbox.cli.export:export", _("Every conversation as JSON lines")),
    "backup": ("pfinbox.cli.backup:backup", _("Everything into a folder")),
    "restore": ("pfinbox.cli.backup:restore", _("A backup takes the store's place")),
    "db": ("pfinbox.cli.db:db", _("The database")),
}


@click.group(
    cls=LazyGroup,
    lazy=_COMMANDS,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    help=_("The support inbox that lives in a terminal."),
)
@click.option(
    "--config",
    "config_path",
    metavar="FILE",
    envvar="PFINBOX_CONFIG",
    type=click.Path(dir_okay=False),
    help=_("The configuration file."),
)
@click.option("--agent", metavar="LOGIN", envvar="PFINBOX_AGENT", help=_("Who you are."))
@click.version_option(version_of("pfinbox"), prog_name="pfinbox")
@click.pass_context
def root(ctx: click.Context, config_path: str | None, agent: str | None) -> None:
    ctx.obj = Session(config_path, agent)
    if ctx.invoked_subcommand is None:
        from pfinbox.cli.tui import tui

        ctx.invoke(tui)
