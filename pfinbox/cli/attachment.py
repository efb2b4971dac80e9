"""``pfinbox attachment``: files of comments."""

import os
from pathlib import Path

import click

from pfinbox.cli.shell.output import print_bytes, print_lines
from pfinbox.cli.shell.params import ID
from pfinbox.cli.shell.session import Session
from pfinbox.cli.shell.speaking import group, option
from pfinbox.domain.actor import AgentActor
from pfinbox.domain.text.filename import file_name
from pfinbox.errors import PfinboxError, Refused
from pfinbox.i18n import N_, _
from pfinbox.store import read
from pfinbox.store.uow import UnitOfWork


@group(help=N_("Files."))
def attachment() -> None:
    pass


@attachment.command(help=N_("Save a file under its own name, or where --to says; - is stdout."))
@click.argument("attachment_id", metavar="ID", type=ID)
@option("--to", metavar="FILE", type=click.Path(dir_okay=False, allow_dash=True))
@click.pass_obj
def get(session: Session, attachment_id: int, to: str | None) -> None:
    async def look_up(uow: UnitOfWork, me: AgentActor) -> tuple[str, bytes]:
        row = await read.attachment(uow, me, attachment_id)
        return row.name, await read.attachment_content(uow, me, attachment_id)

    name, content = session.run(lambda inbox: inbox.read(look_up))
    if to == "-":
        print_bytes(content)
        return
    path = Path(to) if to is not None else Path(file_name(name, attachment_id))
    _save(path, content, overwrite=to is not None)
    print_lines([str(path)])


def _save(path: Path, content: bytes, *, overwrite: bool) -> None:
    """A name that a sender chose never overwrites anything."""
    flags = os.O_WRONLY | os.O_CREAT | (os.O_TRUNC if overwrite else os.O_EXCL | os.O_NOFOLLOW)
    try:
        with os.fdopen(os.open(path, flags, 0o600), "wb") as file:
            file.write(content)
    except FileExistsError as error:
        raise Refused(
            _("{path} exists already; say where to save it: --to FILE").format(path=path)
        ) from error
    except OSError as error:
        raise PfinboxError(
            _("{path} cannot be written: {detail}").format(path=path, detail=error.strerror)
        ) from error
