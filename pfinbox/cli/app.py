"""The root command: global options, and every noun with where it is."""

import click

from pfinbox.cli.shell.lazy import LazyGroup
from pfinbox.cli.shell.session import Session
from pfinbox.cli.shell.speaking import Option, option
from pfinbox.errors import UsageError
from pfinbox.i18n import N_, _

_COMMANDS = {
    "tui": ("pfinbox.cli.tui:tui", N_("Open the inbox (so does pfinbox alone)")),
    "daemon": ("pfinbox.cli.daemon:daemon", N_("Receive and send")),
    "web": ("pfinbox.cli.web:web", N_("Serve clients' pages")),
    "demo": ("pfinbox.cli.demo:demo", N_("Try it with invented clients")),
    "init": ("pfinbox.cli.init:init", N_("Begin: make the configuration and an account")),
    "doctor": ("pfinbox.cli.maintenance.doctor:doctor", N_("Look for what is wrong")),
    "task": ("pfinbox.cli.task:task", N_("Conversations with clients")),
    "contact": ("pfinbox.cli.contact.changing:contact", N_("Clients' cards")),
    "agent": ("pfinbox.cli.agent:agent", N_("Colleagues")),
    "account": ("pfinbox.cli.account:account", N_("Mailboxes and bots")),
    "outbox": ("pfinbox.cli.outbox.waiting:outbox", N_("What is on its way, or stuck")),
    "quarantine": ("pfinbox.cli.quarantine:quarantine", N_("What could not be read")),
    "canned": ("pfinbox.cli.canned:canned", N_("Texts that are sent again and again")),
    "attachment": ("pfinbox.cli.attachment:attachment", N_("Files")),
    "search": ("pfinbox.cli.search:search", N_("Search all comments")),
    "status": ("pfinbox.cli.status:status", N_("Counts in one line")),
    "export": ("pfinbox.cli.export:export", N_("Every conversation as JSON lines")),
    "backup": ("pfinbox.cli.maintenance.backup:backup", N_("Everything into a folder")),
    "restore": ("pfinbox.cli.maintenance.backup:restore", N_("A backup takes the store's place")),
    "db": ("pfinbox.cli.maintenance.db:db", N_("The database")),
}


@click.group(
    cls=LazyGroup,
    lazy=_COMMANDS,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    help=N_("The support inbox that lives in a terminal."),
)
@option(
    "--config",
    "config_path",
    metavar="FILE",
    envvar="PFINBOX_CONFIG",
    type=click.Path(dir_okay=False),
    help=N_("The configuration file."),
)
@option("--agent", metavar="LOGIN", envvar="PFINBOX_AGENT", help=N_("Who you are."))
@option(
    "--restricted",
    is_flag=True,
    help=N_("As of tui: no other program, no file outside the drop folder."),
)
@option("--no-daemon", is_flag=True, help=N_("As of tui: start no daemon."))
@click.version_option(
    # Found by click only when asked for: looking it up takes as long as a small command.
    package_name="pfinbox",
    prog_name="pfinbox",
    cls=Option,
    help=N_("Show the version and exit."),
)
@click.pass_context
def root(
    ctx: click.Context,
    config_path: str | None,
    agent: str | None,
    restricted: bool,
    no_daemon: bool,
) -> None:
    ctx.obj = Session(config_path, agent, ctx.obj)
    if ctx.invoked_subcommand is None:
        from pfinbox.cli.tui import tui

        ctx.invoke(tui, restricted=restricted, no_daemon=no_daemon)
    elif restricted:
        raise UsageError(_("--restricted opens the inbox in the terminal and goes with no verb"))
    elif no_daemon and ctx.invoked_subcommand != "tui":
        raise UsageError(_("--no-daemon is for the inbox in the terminal only"))
