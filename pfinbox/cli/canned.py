"""``pfinbox canned``: texts that agents send again and again, everybody's and one's own."""

import click

from pfinbox.cli.shell.output import json_option, print_json, print_lines
from pfinbox.cli.shell.params import FILE, read_text
from pfinbox.cli.shell.session import Session
from pfinbox.cli.shell.speaking import group, option
from pfinbox.cli.show import present
from pfinbox.errors import NotFound
from pfinbox.i18n import N_, _
from pfinbox.services.comments import canned as replies
from pfinbox.services.inbox import Inbox
from pfinbox.store.rows import CannedRow

_mine = option("--mine", is_flag=True, help=N_("One of your own, which nobody else sees."))


@group(help=N_("Canned replies."))
def canned() -> None:
    pass


@canned.command("list", help=N_("List everybody's and your own."))
@json_option
@click.pass_obj
def list_replies(session: Session, as_json: bool) -> None:
    rows = session.run(lambda inbox: inbox.read(replies.listed))
    if as_json:
        print_json([present.canned(row) for row in rows])
    else:
        print_lines(_line(row) for row in rows)


@canned.command("set", help=N_("Make one or change its text; NAME with folders: Shipping/Late."))
@click.argument("name", metavar="NAME")
@option("--text", metavar="TEXT")
@option("--text-file", metavar="FILE", type=FILE, help=N_("The text from a file; - is stdin."))
@_mine
@json_option
@click.pass_obj
def set_reply(
    session: Session,
    name: str,
    text: str | None,
    text_file: str | None,
    mine: bool,
    as_json: bool,
) -> None:
    words = read_text(text, text_file) or ""

    async def work(inbox: Inbox) -> CannedRow:
        try:
            held = await inbox.read(replies.named, name, own=mine)
        except NotFound:
            held = None
        ident = held.id if held is not None else None
        await inbox.write(replies.save, name, words, ident, own=mine)
        return await inbox.read(replies.named, name, own=mine)

    row = session.run(work)
    if as_json:
        print_json(present.canned(row))
    else:
        print_lines([_line(row)])


@canned.command(help=N_("Remove one."))
@click.argument("name", metavar="NAME")
@_mine
@json_option
@click.pass_obj
def remove(session: Session, name: str, mine: bool, as_json: bool) -> None:
    async def work(inbox: Inbox) -> CannedRow:
        row = await inbox.read(replies.named, name, own=mine)
        await inbox.write(replies.remove, row.id)
        return row

    row = session.run(work)
    if as_json:
        print_json(present.canned(row))
    else:
        print_lines([_("{name} is removed").format(name=row.name)])


def _line(row: CannedRow) -> str:
    mark = _("  (mine)") if row.own else ""
    return f"{row.name}{mark}  {' '.join(row.text.split())[:60]}"
