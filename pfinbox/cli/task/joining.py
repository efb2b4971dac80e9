"""``pfinbox task merge``, ``unmerge`` and ``move-comment``."""

import click

from pfinbox.cli.shell.columns import local
from pfinbox.cli.shell.output import json_option, print_json, print_lines
from pfinbox.cli.shell.params import ID
from pfinbox.cli.shell.session import Session
from pfinbox.cli.shell.speaking import command, option
from pfinbox.cli.show import seeing
from pfinbox.cli.show.tasks import show_tasks
from pfinbox.i18n import N_
from pfinbox.services.inbox import Inbox
from pfinbox.services.merging import comment_moving, merging, unmerge_plan, unmerging
from pfinbox.services.merging.unmerge_plan import Preview


@command(help=N_("Merge tasks into SURVIVOR; every number goes on working."))
@click.argument("survivor", metavar="SURVIVOR", type=ID)
@click.argument("others", metavar="OTHER...", type=ID, nargs=-1, required=True)
@option("--reply-via", metavar="ACCOUNT", help=N_("Where the others' channels differ."))
@option(
    "--force",
    is_flag=True,
    help=N_("Also tasks of different contacts, and although contacts would see more."),
)
@json_option
@click.pass_obj
def merge(
    session: Session,
    survivor: int,
    others: tuple[int, ...],
    reply_via: str | None,
    force: bool,
    as_json: bool,
) -> None:
    async def work(inbox: Inbox) -> None:
        number = await inbox.write(
            merging.merge_tasks, survivor, others, reply_via=reply_via, force=force
        )
        await show_tasks(inbox, session, (number,), as_json)

    seeing.run(session, work, force=force, json=as_json)


@command(help=N_("Take a task out of the one that it was merged into."))
@click.argument("task_id", metavar="N", type=ID)
@option("--dry-run", is_flag=True, help=N_("Say where each comment would be."))
@seeing.force_option
@json_option
@click.pass_obj
def unmerge(session: Session, task_id: int, dry_run: bool, force: bool, as_json: bool) -> None:
    async def work(inbox: Inbox) -> None:
        if dry_run:
            found = await inbox.read(unmerge_plan.preview_unmerge, task_id)
            _preview(found, session, as_json)
            return
        await inbox.write(unmerging.unmerge_task, task_id)
        await show_tasks(inbox, session, (task_id,), as_json)

    seeing.run(session, work, force=force, json=as_json)


def _preview(found: Preview, session: Session, as_json: bool) -> None:
    if as_json:
        places = [{"comment_id": p.comment_id, "task_id": p.task_id} for p in found.places]
        print_json({"comments": places, "refusal": found.refusal})
        return
    lines = [f"#{p.task_id}  {local(p.at, session.zone)}  {p.line}" for p in found.places]
    print_lines([*lines, *([found.refusal] if found.refusal else [])])


@command("move-comment", help=N_("Put what a client wrote into another or a new task."))
@click.argument("comment_id", metavar="COMMENT", type=ID)
@option("--to", "to_task", metavar="N", type=ID, help=N_("The task; without it a new one."))
@seeing.force_option
@json_option
@click.pass_obj
def move_comment(
    session: Session, comment_id: int, to_task: int | None, force: bool, as_json: bool
) -> None:
    async def work(inbox: Inbox) -> None:
        number = await inbox.write(comment_moving.move_comment, comment_id, to_task=to_task)
        await show_tasks(inbox, session, (number,), as_json)

    seeing.run(session, work, force=force, json=as_json)
