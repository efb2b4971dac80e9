"""``pfinbox quarantine``: what was received, kept whole, and could not be read."""

import click

from pfinbox.cli.shell.output import json_option, print_bytes, print_json, print_lines
from pfinbox.cli.shell.params import ID
from pfinbox.cli.shell.session import Session
from pfinbox.cli.shell.speaking import group, option
from pfinbox.cli.show import present, render
from pfinbox.config import account_settings
from pfinbox.domain.contract.channel import AccountContext, Channel
from pfinbox.errors import NotFound
from pfinbox.i18n import N_, _
from pfinbox.plugins import load_channel
from pfinbox.services.inbound import receiving
from pfinbox.services.inbox import Inbox
from pfinbox.store import read
from pfinbox.store.load import purged
from pfinbox.store.rows import QuarantineRow


@group(help=N_("What could not be read."))
def quarantine() -> None:
    pass


@quarantine.command("list", help=N_("List it, oldest first."))
@json_option
@click.pass_obj
def list_items(session: Session, as_json: bool) -> None:
    rows = session.run(lambda inbox: inbox.read(read.quarantine))
    if as_json:
        print_json([present.quarantined(row) for row in rows])
    else:
        print_lines(render.quarantine(rows, session.zone))


@quarantine.command(help=N_("Show one item; --raw prints its bytes as they were received."))
@click.argument("receipt_id", metavar="ID", type=ID)
@option("--raw", is_flag=True)
@json_option
@click.pass_obj
def show(session: Session, receipt_id: int, raw: bool, as_json: bool) -> None:
    if raw:
        content = session.run(lambda inbox: inbox.read(read.quarantine_raw, receipt_id))
        print_bytes(content)
        return
    row = session.run(lambda inbox: inbox.read(read.quarantine_item, receipt_id))
    if as_json:
        print_json(present.quarantined(row))
    else:
        print_lines(render.quarantine([row], session.zone))


@quarantine.command(help=N_("Read it again, after a fix; without ID everything."))
@click.argument("receipt_ids", metavar="[ID...]", type=ID, nargs=-1)
@json_option
@click.pass_obj
def reprocess(session: Session, receipt_ids: tuple[int, ...], as_json: bool) -> None:
    async def work(inbox: Inbox) -> list[tuple[QuarantineRow, int | None]]:
        async with inbox.store.read() as uow:
            if receipt_ids:
                # All of them are there before any is changed.
                rows = [await read.quarantine_item(uow, inbox.actor, i) for i in receipt_ids]
            else:
                rows = list(await read.quarantine(uow, inbox.actor))
            mac_key = await purged.mac_key(uow)
        names = sorted({row.account for row in rows})
        channels = {name: _channel(session, name, mac_key) for name in names}
        try:
            return [(row, await _read(inbox, row.id, channels[row.account])) for row in rows]
        finally:
            for channel in channels.values():
                await channel.close()

    done = session.run(work)
    if as_json:
        print_json([{"id": row.id, "comment_id": comment_id} for row, comment_id in done])
        return
    for row, comment_id in done:
        if comment_id is None:
            print_lines([_("{id}: still not readable").format(id=row.id)])
        else:
            print_lines([_("{id}: comment {comment}").format(id=row.id, comment=comment_id)])


async def _read(inbox: Inbox, receipt_id: int, channel: Channel) -> int | None:
    return await inbox.write(receiving.reprocess, receipt_id, channel.parse)


def _channel(session: Session, name: str, mac_key: bytes) -> Channel:
    """The account's channel, not connected: it only has to read."""
    config = session.config
    account = config.accounts.get(name)
    if account is None:
        raise NotFound(_("account {name} is not configured on this machine").format(name=name))
    spec = load_channel(account.channel)
    settings = account_settings(config, account, spec)
    return spec.open(AccountContext(name, settings, mac_key, config.inbox.company))
