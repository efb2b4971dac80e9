"""``pfinbox attachment``: files of comments."""

import click

from pfinbox.cli.shell.params import ID
from pfinbox.cli.shell.saving import put
from pfinbox.cli.shell.session import Session
from pfinbox.cli.shell.speaking import group, option
from pfinbox.domain.actor import AgentActor
from pfinbox.domain.text.filename import file_name
from pfinbox.i18n import N_
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
    put(content, to, file_name(name, attachment_id))
