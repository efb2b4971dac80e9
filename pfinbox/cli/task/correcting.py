"""``pfinbox task edit-comment`` and ``delete-comment``: one's own."""

import click

from pfinbox.cli.shell.output import json_option, print_json
from pfinbox.cli.shell.params import ID
from pfinbox.cli.shell.session import Session
from pfinbox.cli.shell.speaking import command, option
from pfinbox.cli.show import present, seeing
from pfinbox.domain.actor import AgentActor
from pfinbox.i18n import N_, _
from pfinbox.services.comments import corrections
from pfinbox.services.inbox import Inbox
from pfinbox.store import read
from pfinbox.store.uow import UnitOfWork

comment_argument = click.argument("comment_id", metavar="COMMENT", type=ID)


@command("edit-comment", help=N_("Another text for a comment, also at the clients who have it."))
@comment_argument
@option("--text")
@option("--hide/--unhide", "hidden", default=None, help=N_("From all clients' pages."))
@seeing.force_option
@json_option
@click.pass_obj
def edit_comment(
    session: Session,
    comment_id: int,
    text: str | None,
    hidden: bool | None,
    force: bool,
    as_json: bool,
) -> None:
    if text is None and hidden is None:
        raise click.UsageError(_("give --text, --hide or --unhide"))

    async def use(uow: UnitOfWork, me: AgentActor) -> None:
        if text is not None:
            await corrections.edit_comment(uow, me, comment_id, text)
        if hidden is not None:
            await corrections.set_hidden(uow, me, comment_id, hidden)

    async def work(inbox: Inbox) -> None:
        await inbox.write(use)
        await _show(inbox, comment_id, as_json)

    seeing.run(session, work, force=force, json=as_json)


@command("delete-comment", help=N_("Mark a comment as deleted, also at the clients who have it."))
@comment_argument
@json_option
@click.pass_obj
def delete_comment(session: Session, comment_id: int, as_json: bool) -> None:
    async def work(inbox: Inbox) -> None:
        await inbox.write(corrections.delete_comment, comment_id)
        await _show(inbox, comment_id, as_json)

    session.run(work)


async def _show(inbox: Inbox, comment_id: int, as_json: bool) -> None:
    if as_json:
        row = await inbox.read(read.comment, comment_id)
        print_json(present.comment(row))
