"""Printing one card, as every verb on it does at its end."""

from pfinbox.cli.shell.output import print_json, print_lines
from pfinbox.cli.shell.session import Session
from pfinbox.cli.show import present, render
from pfinbox.cli.show.tasks import tasks_json
from pfinbox.services.inbox import Inbox
from pfinbox.store import read


async def show_card(inbox: Inbox, session: Session, contact_id: int, as_json: bool) -> None:
    async with inbox.store.read() as uow:
        row = await read.contact(uow, inbox.actor, contact_id)
        if not as_json:
            print_lines(render.card(row, session.zone))
            return
        tasks = await tasks_json(uow, row.tasks)
    print_json({**present.card(row), "tasks": tasks})
