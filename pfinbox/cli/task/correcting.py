"""``pfinbox task edit-comment`` and ``delete-comment``: one's own."""

import click

from pfinbox.cli import present
from pfinbox.cli.output import json_option, print_json
from pfinbox.cli.params import ID
from pfinbox.cli.session import Desk, Session
from pfinbox.i18n import _
from pfinbox.services import corrections
from pfinbox.store import queries

comment_argument = click.argument("comment_id", metavar="COMMENT", type=ID)


@click.command(
    "edit-comment", help=_("Another text for a comment, also at the clients who have it.")
)
@comment_argument
@click.option("--text", required=True)
@json_option
@click.pass_obj
def edit_comment(session: Session, comment_id: int, text: str, as_json: bool) -> None:
    async def work(desk: Desk) -> None:
        await desk.write(lambda uow, me: corrections.edit_comment(uow, me, comment_id, text))
        await _show(desk, comment_id, as_json)

    session.run(work)


@click.command(
    "delete-comment", help=_("Mark a comment as deleted, also at the clients who have it.")
)
@comment_argument
@json_option
@click.pass_obj
def delete_comment(session: Session, comment_id: int, as_json: bool) -> None:
    async def work(desk: Desk) -> None:
        await desk.write(lambda uow, me: corrections.delete_comment(uow, me, comment_id))
        await _show(desk, comment_id, as_json)

    session.run(work)


async def _show(desk: Desk, comment_id: int, as_json: bool) -> None:
    if as_json:
        row = await desk.read(lambda uow, me: queries.comment(uow, me, comment_id))
        print_json(present.comment(row))
