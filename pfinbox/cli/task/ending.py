"""``pfinbox task spam``, ``unspam`` and ``purge``."""

from dataclasses import asdict

import click

from pfinbox.cli.shell.output import json_option, print_json, print_lines
from pfinbox.cli.shell.session import Session
from pfinbox.cli.shell.speaking import command, option
from pfinbox.cli.task.changing import ids_argument, write_tasks
from pfinbox.domain.purging import Gone
from pfinbox.i18n import N_
from pfinbox.services.inbox import Inbox
from pfinbox.services.privacy import trash
from pfinbox.services.tasks import spam as spamming
from pfinbox.wording.names import removed


@command(help=N_("Trash tasks and block who wrote them."))
@ids_argument
@json_option
@click.pass_obj
def spam(session: Session, task_ids: tuple[int, ...], as_json: bool) -> None:
    write_tasks(session, task_ids, lambda uow, me: spamming.spam(uow, me, task_ids), as_json)


@command(help=N_("Take tasks out of Spam and unblock who wrote them."))
@ids_argument
@json_option
@click.pass_obj
def unspam(session: Session, task_ids: tuple[int, ...], as_json: bool) -> None:
    write_tasks(session, task_ids, lambda uow, me: spamming.unspam(uow, me, task_ids), as_json)


@command(help=N_("Remove trashed tasks for good; says what goes."))
@ids_argument
@option("--dry-run", is_flag=True, help=N_("Only say what would go."))
@json_option
@click.pass_obj
def purge(session: Session, task_ids: tuple[int, ...], dry_run: bool, as_json: bool) -> None:
    async def work(inbox: Inbox) -> Gone:
        if dry_run:
            return await inbox.read(trash.preview_purge, task_ids)
        return await inbox.write(trash.purge, task_ids)

    gone = asdict(session.run(work))
    if as_json:
        print_json(gone)
    else:
        print_lines([removed(gone, only_said=dry_run)])
