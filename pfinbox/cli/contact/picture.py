"""``pfinbox contact picture``: what a service shows of a person."""

import click

from pfinbox.cli.contact.joining import contact_argument
from pfinbox.cli.shell.params import ID
from pfinbox.cli.shell.saving import put
from pfinbox.cli.shell.session import Session
from pfinbox.cli.shell.speaking import command, option
from pfinbox.i18n import N_
from pfinbox.services import queries


@command(help=N_("Save a person's picture, or write it where --to says; - is stdout."))
@contact_argument
@option("--address", "address_id", metavar="ID", type=ID, help=N_("Of which address of the card."))
@option("--to", metavar="FILE", type=click.Path(dir_okay=False, allow_dash=True))
@click.pass_obj
def picture(session: Session, contact_id: int, address_id: int | None, to: str | None) -> None:
    row, content = session.run(lambda inbox: inbox.read(queries.picture, contact_id, address_id))
    ending = row.media_type.rpartition("/")[2]
    put(content, to, f"contact-{contact_id}.{ending}")
