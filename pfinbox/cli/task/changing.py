"""``pfinbox task new``, ``set``, ``delete`` and ``restore``."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime

import click

from pfinbox.cli.shell.columns import local
from pfinbox.cli.shell.output import json_option, print_lines
from pfinbox.cli.shell.params import ID
from pfinbox.cli.shell.session import Session
from pfinbox.cli.shell.speaking import command, option
from pfinbox.cli.show import seeing, whom
from pfinbox.cli.show.tasks import show_tasks
from pfinbox.domain.actor import AgentActor
from pfinbox.domain.tasks.change import TaskChange
from pfinbox.i18n import N_, _
from pfinbox.services.inbox import Inbox
from pfinbox.services.tasks import tasks
from pfinbox.store.uow import UnitOfWork

ids_argument = click.argument("task_ids", metavar="N...", type=ID, nargs=-1, required=True)


@command(help=N_("Make a task by hand; nothing goes out until somebody comments."))
@option("--title", required=True)
@option("--contact", metavar="ID", type=ID, help=N_("The client."))
@option("--account", metavar="NAME", help=N_("The account whose rules it lives under."))
@json_option
@click.pass_obj
def new(
    session: Session, title: str, contact: int | None, account: str | None, as_json: bool
) -> None:
    async def work(inbox: Inbox) -> None:
        number = await inbox.write(tasks.new, title, contact_id=contact, account=account)
        await show_tasks(inbox, session, (number,), as_json)

    session.run(work)


@command("set", help=N_("Change tasks; what is not named stays as it is."))
@ids_argument
@option("--status", metavar="STATUS")
@option("--assignee", metavar=whom.SYNTAX)
@option("--unassign", is_flag=True)
@option("--title")
@option("--tag", "tags", metavar="TAG", multiple=True)
@option("--untag", "untags", metavar="TAG", multiple=True)
@option("--snooze", metavar="WHEN", help=N_("Until then, or until the client writes."))
@option("--no-snooze", is_flag=True)
@option("--participant", "participants", metavar=whom.SYNTAX, multiple=True)
@option("--remove-participant", "leaving", metavar=whom.SYNTAX, multiple=True)
@option("--contact", metavar="ID", type=ID, help=N_("The client."))
@option("--reply-via", metavar="own|last|all|ACCOUNT")
@seeing.force_option
@json_option
@click.pass_obj
def set_task(
    session: Session,
    task_ids: tuple[int, ...],
    assignee: str | None,
    unassign: bool,
    snooze: str | None,
    no_snooze: bool,
    participants: tuple[str, ...],
    leaving: tuple[str, ...],
    force: bool,
    as_json: bool,
    status: str | None,
    title: str | None,
    tags: tuple[str, ...],
    untags: tuple[str, ...],
    contact: int | None,
    reply_via: str | None,
) -> None:
    if assignee is not None and unassign:
        raise click.UsageError(_("give --assignee or --unassign, not both"))
    if snooze is not None and no_snooze:
        raise click.UsageError(_("give --snooze or --no-snooze, not both"))
    until = session.moment(snooze) if snooze is not None else None
    plain = TaskChange(
        status=status,
        unassign=unassign,
        title=title,
        add_tags=tags,
        remove_tags=untags,
        snooze_until=until,
        no_snooze=no_snooze,
        contact_id=contact,
        reply_via=reply_via,
    )
    if plain == TaskChange() and not (assignee or participants or leaving):
        raise click.UsageError(_("say what to change"))

    async def use(uow: UnitOfWork, me: AgentActor) -> None:
        wanted = replace(
            plain,
            assignee=await whom.someone(uow, me, assignee) if assignee is not None else None,
            add_participants=tuple([await whom.someone(uow, me, one) for one in participants]),
            remove_participants=tuple([await whom.someone(uow, me, one) for one in leaving]),
        )
        await tasks.change(uow, me, task_ids, wanted)

    write_tasks(session, task_ids, use, as_json, until, force=force)


@command(help=N_("Move tasks to the trash."))
@ids_argument
@json_option
@click.pass_obj
def delete(session: Session, task_ids: tuple[int, ...], as_json: bool) -> None:
    write_tasks(session, task_ids, lambda uow, me: tasks.delete(uow, me, task_ids), as_json)


@command(help=N_("Take tasks out of the trash."))
@ids_argument
@json_option
@click.pass_obj
def restore(session: Session, task_ids: tuple[int, ...], as_json: bool) -> None:
    write_tasks(session, task_ids, lambda uow, me: tasks.restore(uow, me, task_ids), as_json)


def write_tasks(
    session: Session,
    task_ids: tuple[int, ...],
    use: Callable[[UnitOfWork, AgentActor], Awaitable[None]],
    as_json: bool,
    until: datetime | None = None,
    *,
    force: bool = False,
) -> None:
    async def work(inbox: Inbox) -> None:
        await inbox.write(use)
        await show_tasks(inbox, session, task_ids, as_json)

    seeing.run(session, work, force=force, json=as_json)
    if until is not None and not as_json:
        print_lines([_("snoozed until {time}").format(time=local(until, session.zone))])
