"""``pfinbox status``: the counts of the views in one line, for status bars and scripts."""

import click

from pfinbox.cli.shell.output import json_option, print_json, print_lines
from pfinbox.cli.shell.session import Session
from pfinbox.cli.shell.speaking import command, option
from pfinbox.domain.actor import AgentActor
from pfinbox.errors import UsageError
from pfinbox.i18n import N_, _
from pfinbox.store import read
from pfinbox.store.uow import UnitOfWork


@command(help=N_("Counts in one line."))
@option(
    "--format",
    "template",
    metavar="F",
    help=N_("Such as '{to_answer}/{inbox}'; also {unread}, {failed}, {mine}, {outbox}, {daemon} …"),
)
@json_option
@click.pass_obj
def status(session: Session, template: str | None, as_json: bool) -> None:
    values = session.run(lambda inbox: inbox.read(_values))
    if as_json:
        print_json(values)
        return
    if template is None:
        template = _("{to_answer} to answer, {inbox} in the inbox, {outbox} in the outbox")
        if values["failed"]:
            template += _(", {failed} not sent")
        if values["daemon"] == "none":
            template += _(", no daemon is running")
        if values["standing_by"]:
            template += _(", daemons that stand by: {standing_by}")
        if values["disk"] == "full":
            template += _(", the disk is full")
        if values["sending"] == "held":
            template += _(", sending is held (pfinbox outbox release)")
        if values["failed_accounts"]:
            template += _(", failed accounts: {failed_accounts}")
        if values["unserved_accounts"]:
            template += _(", accounts that nobody serves: {unserved_accounts}")
    try:
        print_lines([template.format_map(values)])
    except (KeyError, ValueError, IndexError, AttributeError, TypeError) as error:
        known = ", ".join(values)
        raise UsageError(
            _("{format} is no format; known names: {known}").format(
                format=repr(template), known=known
            )
        ) from error


async def _values(uow: UnitOfWork, me: AgentActor) -> dict[str, int | str]:
    counts = {one.key: one.count for one in await read.views(uow, me)}
    news = await read.news(uow, me)
    states = [account.state for account in await read.accounts(uow, me)]
    daemon = await read.daemon(uow)
    return {
        **{name: counts[name] for name in read.VIEWS},
        "unread": len(news.unread),
        "failed": news.failed,
        "failed_accounts": states.count("failed"),
        "unserved_accounts": states.count("unserved"),
        "daemon": "none" if daemon is None else "running",
        "standing_by": len(daemon.standing_by) if daemon else 0,
        "disk": "ok" if read.full_disk(uow) is None else "full",
        "sending": "on" if await read.sending_held(uow) is None else "held",
    }
