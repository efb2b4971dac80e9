"""``pfinbox outbox reroute``: another channel or address for what did not arrive (R24)."""

import click

from pfinbox.cli.shell.output import json_option, print_json, print_lines
from pfinbox.cli.shell.params import ID
from pfinbox.cli.shell.session import Session
from pfinbox.cli.shell.speaking import command, option
from pfinbox.cli.show import present, talk
from pfinbox.domain.recipients.correspondents import mailbox
from pfinbox.i18n import N_
from pfinbox.services.inbox import Inbox
from pfinbox.services.outbound import rerouting
from pfinbox.store import read


@command(help=N_("Send a failed, unknown or held delivery another way to the same person."))
@click.argument("delivery_id", metavar="ID", type=ID)
@option("--reply-via", metavar="V", help=N_("own, last, all or an account's name."))
@option("--address", metavar="A", help=N_("One of the client's e-mail addresses."))
@option("--force", is_flag=True, help=N_("Although it may have arrived already."))
@json_option
@click.pass_obj
def reroute(
    session: Session,
    delivery_id: int,
    reply_via: str | None,
    address: str | None,
    force: bool,
    as_json: bool,
) -> None:
    chosen = mailbox(address).value if address is not None else None

    async def work(inbox: Inbox) -> None:
        ids = await inbox.write(
            rerouting.reroute, delivery_id, reply_via=reply_via, address=chosen, force=force
        )
        rows = [await inbox.read(read.delivery, one) for one in ids]
        if as_json:
            print_json([present.outbox_item(row) for row in rows])
        else:
            print_lines(talk.delivery_line(row, session.zone) for row in rows)

    session.run(work)
