"""Messages that are missing for good: noticed, said, and taken note of by a person."""

from collections.abc import Collection

from pfinbox.domain.actor import AgentActor, SystemActor
from pfinbox.domain.contract.gap import Gap
from pfinbox.domain.events.chats import MessagesMissing
from pfinbox.domain.inbound import gaps as rules
from pfinbox.domain.model import Account
from pfinbox.errors import NotFound
from pfinbox.i18n import _
from pfinbox.services.events import reactions
from pfinbox.store import load, read
from pfinbox.store.rows import AccountRow
from pfinbox.store.uow import UnitOfWork
from pfinbox.store.write import accounts as write


async def reached(uow: UnitOfWork, _actor: SystemActor, names: Collection[str]) -> None:
    """These accounts can be reached now: by asking, or because the door is open to what is pushed.

    Said now and then: a service that keeps messages for a day has lost some after two.
    """
    for reach in await load.accounts.reaches(uow, names):
        gap = rules.outlasted(reach.reached_at, reach.kept_for, uow.now)
        if gap is not None:
            await write.set_gap(uow, reach.account_id, gap.joined(reach.gap))
    await write.reached(uow, names)


async def tell(uow: UnitOfWork, account: Account, gap: Gap) -> None:
    """The service has lost messages: said in the task of the chat, and of the account."""
    chats = await load.chats.named(uow, account.id, gap.chat_key) if gap.chat_key else []
    for chat in chats:
        serving = await load.chats.current_task(uow, chat.id)
        if serving is not None:
            told = gap.as_json()
            event = MessagesMissing(told["reason"], told["since"], told["until"])
            await reactions.follow(uow, serving.id, event)
    for reach in await load.accounts.reaches(uow, [account.name]):
        await write.set_gap(uow, account.id, gap.joined(reach.gap))


async def acknowledge(uow: UnitOfWork, actor: AgentActor, name: str) -> AccountRow:
    """An agent knows that messages are missing: the account says no more of it."""
    rows = {row.name: row for row in await read.accounts(uow, actor)}
    if name not in rows:
        names = ", ".join(rows) or _("none")
        raise NotFound(
            _("there is no account {name}; known: {names}").format(name=name, names=names)
        )
    (reach,) = await load.accounts.reaches(uow, [name])
    await write.set_gap(uow, reach.account_id, None)
    return {row.name: row for row in await read.accounts(uow, actor)}[name]
