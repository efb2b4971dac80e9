"""``pfinbox export``: every conversation that this agent sees, for other programs."""

import click

from pfinbox.cli.shell.output import print_json
from pfinbox.cli.shell.session import Session
from pfinbox.cli.shell.speaking import command, option
from pfinbox.cli.show import present
from pfinbox.cli.show.tasks import listed
from pfinbox.errors import NotFound
from pfinbox.i18n import N_
from pfinbox.services.inbox import Inbox
from pfinbox.store import read


@command(help=N_("Every task with its comments as JSON, one a line, as task show --json."))
@option("--query", default="", metavar="WORDS", help=N_("Only tasks with these words."))
@click.pass_obj
def export(session: Session, query: str) -> None:
    async def work(inbox: Inbox) -> None:
        async with inbox.store.read() as uow:
            ids = [row.id for row in await listed(uow, inbox.actor, "all", query, None)]
        for task_id in sorted(ids):
            # Short transactions: an export may take minutes, and others write meanwhile.
            try:
                shown = await inbox.read(read.conversation, task_id, limit=None)
            except NotFound:
                continue  # purged since
            print_json(present.conversation(shown), indent=None)

    session.run(work)
