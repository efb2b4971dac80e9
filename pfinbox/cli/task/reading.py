"""``pfinbox task list`` and ``pfinbox task show``."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

import click

from pfinbox.cli.shell.output import json_option, print_bytes, print_json, print_lines
from pfinbox.cli.shell.params import ID
from pfinbox.cli.shell.session import Session
from pfinbox.cli.shell.speaking import command, option
from pfinbox.cli.show import present, render, seeing, talk
from pfinbox.cli.show.tasks import listed, tasks_json
from pfinbox.domain.actor import AgentActor
from pfinbox.domain.model import Who
from pfinbox.errors import NotFound
from pfinbox.i18n import N_, _
from pfinbox.services.inbox import Inbox
from pfinbox.store import read
from pfinbox.store.uow import UnitOfWork
from pfinbox.wording.activities import names_in
from pfinbox.wording.times import Clock


@command("list", help=N_("List tasks, newest activity first."))
@option("--all", "everything", is_flag=True, help=N_("Finished, deleted and merged ones too."))
@option("--view", metavar="VIEW", help=N_("inbox, mine, to_answer, tag:NAME …"))
@option("--query", default="", metavar="WORDS", help=N_("Only tasks with these words."))
@option("--limit", type=click.IntRange(min=1), help=N_("At most so many."))
@json_option
@click.pass_obj
def list_tasks(
    session: Session,
    everything: bool,
    view: str | None,
    query: str,
    limit: int | None,
    as_json: bool,
) -> None:
    if everything and view is not None:
        raise click.UsageError(_("give --all or --view, not both"))
    name = view or ("all" if everything else "active")

    async def work(inbox: Inbox) -> None:
        async with inbox.store.read() as uow:
            rows = await listed(uow, inbox.actor, name, query, limit)
            if as_json:
                print_json(await tasks_json(uow, rows))
            else:
                print_lines(render.tasks(rows, session.zone))

    session.run(work)


@command(help=N_("Show a task with its comments."))
@click.argument("task_id", metavar="N", type=ID)
@option("--raw", metavar="COMMENT", type=ID, help=N_("Print the comment's original bytes."))
@option("--as-contact", metavar="ID", type=ID, help=N_("What that client sees, and why."))
@json_option
@click.pass_obj
def show(
    session: Session, task_id: int, raw: int | None, as_contact: int | None, as_json: bool
) -> None:
    if as_contact is not None:
        reader = as_contact
        session.run(lambda inbox: seeing.show(inbox, reader, json=as_json, task_id=task_id))
        return
    if raw is not None:
        original = raw
        print_bytes(session.run(lambda inbox: inbox.read(_raw(task_id, original))))
        return

    async def work(inbox: Inbox) -> None:
        async with inbox.store.read() as uow:
            shown = await read.conversation(uow, inbox.actor, task_id, limit=None)
            if as_json:
                print_json(present.conversation(shown))
                return
            people = await read.agents(uow)
        names = names_in(shown) | {Who("agent", one.id): one.name for one in people}
        clock = Clock(datetime.now(UTC), session.zone)
        print_lines(talk.conversation(shown, names, clock))

    session.run(work)


def _raw(task_id: int, comment_id: int) -> Callable[[UnitOfWork, AgentActor], Awaitable[bytes]]:
    """The original of a comment, which must be in that task."""

    async def look_up(uow: UnitOfWork, me: AgentActor) -> bytes:
        root = await read.resolve_task(uow, me, task_id)
        comment = await read.comment(uow, me, comment_id)
        if await read.resolve_task(uow, me, comment.origin_task_id) != root:
            raise NotFound(
                _("comment {id} is not in task #{task}").format(id=comment_id, task=root)
            )
        return await read.raw(uow, me, comment_id)

    return look_up
