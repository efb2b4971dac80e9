"""Whom an agent's answer by e-mail goes to (R22): shown in the notice, used for the answer."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, select

from pfinbox.domain.model import Account, Task, Who
from pfinbox.domain.notices import recipients
from pfinbox.i18n import _
from pfinbox.services import access
from pfinbox.store import snapshots
from pfinbox.store import tables as t
from pfinbox.store.uow import UnitOfWork


async def of_answer(
    uow: UnitOfWork, task: Task, comment: Row[Any], agent_id: int, by: Account
) -> tuple[Who, ...]:
    """Everyone whom ``comment`` went to and its author, colleagues who have left excepted.

    Contacts are kept out where the task's account or ``by``, which takes the mail, says so.
    """
    rows = await uow.connection.execute(
        select(t.notify.c.agent_id, t.contact.c.root_id)
        .outerjoin(t.contact, t.contact.c.id == t.notify.c.contact_id)
        .where(t.notify.c.comment_id == comment.id)
        .order_by(t.notify.c.id)
    )
    notified = [
        Who("agent", row.agent_id) if row.agent_id is not None else Who("contact", row.root_id)
        for row in rows
    ]
    author: Who | None = None
    if comment.agent_id is not None:
        author = Who("agent", comment.agent_id)
    elif comment.contact_id is not None:
        author = Who("contact", await snapshots.contact_root(uow, comment.contact_id))
    accounts = await snapshots.accounts(uow)
    own = accounts.get(task.account_id) if task.account_id is not None else None
    allowed = by.contact_notices_by_mail and (own is None or own.contact_notices_by_mail)
    found = recipients(notified, author, agent_id, contacts=allowed)
    agents = await snapshots.agents(uow, [who.id for who in found if who.kind == "agent"])
    seeing = await access.those_who_see(uow, agents.values(), task)
    here = {one.id for one in seeing if one.active}
    return tuple(who for who in found if who.kind == "contact" or who.id in here)


async def names(uow: UnitOfWork, task: Task, who: Sequence[Who]) -> list[str]:
    """What these people are called; contacts are marked, the task's own as its client."""
    agents = await snapshots.agents(uow, [one.id for one in who if one.kind == "agent"])
    cards = await snapshots.contacts(uow, [one.id for one in who if one.kind == "contact"])
    return [
        agents[one.id].name if one.kind == "agent" else marked(task, one.id, cards[one.id].name)
        for one in who
    ]


def marked(task: Task, contact_id: int, name: str) -> str:
    """A contact's name with a word that tells the client from others outside."""
    template = _("{name} (client)") if contact_id == task.contact_id else _("{name} (contact)")
    return template.format(name=name)
