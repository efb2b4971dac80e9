"""Whom an agent's answer by e-mail goes to (R22): shown in the notice, used for the answer."""

from collections.abc import Sequence

from pfinbox.domain.model import Account, Task, Who
from pfinbox.domain.notices.answers import recipients
from pfinbox.i18n import _
from pfinbox.services import access
from pfinbox.store import load, snapshots
from pfinbox.store.uow import UnitOfWork


async def of_answer(
    uow: UnitOfWork, task: Task, comment_id: int, agent_id: int, by: Account
) -> tuple[Who, ...]:
    """Everyone whom a comment went to and its author, colleagues who have left excepted.

    Contacts are kept out where the task's account or ``by``, which takes the mail, says so.
    """
    said = (await load.originals.said(uow, task.id, comment_id))[comment_id]
    accounts = await snapshots.accounts(uow)
    own = accounts.get(task.account_id) if task.account_id is not None else None
    allowed = by.contact_notices_by_mail and (own is None or own.contact_notices_by_mail)
    author = said.author if said.author.id else None
    found = recipients(said.notified, author, agent_id, contacts=allowed)
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
