"""*Message* on a card: starting, or going on with, a conversation by any of its channels (R29)."""

from dataclasses import replace

from pfinbox.domain.actor import AgentActor
from pfinbox.domain.contract.channel import Capability
from pfinbox.domain.contract.reason import Reason
from pfinbox.domain.events.tasks import TaskCreated
from pfinbox.domain.model import Account, Agent, Contact, Notify
from pfinbox.domain.people import ways as rules
from pfinbox.domain.people.cards import is_on
from pfinbox.domain.people.ways import Way
from pfinbox.domain.recipients.correspondents import mailbox
from pfinbox.domain.text.cleaning import clean_line
from pfinbox.errors import Refused, UsageError
from pfinbox.i18n import _
from pfinbox.services import access
from pfinbox.services.comments import correspondents
from pfinbox.services.events import reactions
from pfinbox.store import load, locks, snapshots, statuses, write
from pfinbox.store.uow import UnitOfWork


async def ways(uow: UnitOfWork, actor: AgentActor, contact_id: int) -> list[Way]:
    """What *Message* offers for this card, accounts in their order; nothing is stored."""
    contact, agent = await _people(uow, actor, contact_id)
    accounts = (await access.accounts(uow, actor)).values()
    offered = [account for account in accounts if rules.is_offered(contact, account)]
    return [await _way(uow, agent, contact, account) for account in offered]


async def only_way(uow: UnitOfWork, actor: AgentActor, contact_id: int) -> str:
    """The account by which this contact can be written to, where there is but one."""
    contact, _agent = await _people(uow, actor, contact_id)
    return rules.only_way(contact, await ways(uow, actor, contact_id))


async def ways_to(uow: UnitOfWork, actor: AgentActor, text: str) -> tuple[int | None, list[Way]]:
    """By which accounts an e-mail address can be written to, and the card that it stands on.

    UsageError where it is no address, Refused where it leads back to us.
    """
    party = mailbox(text)
    side = await load.cards.our_side(uow)
    if side.is_account(party.value):
        raise Refused(_("{address} is our own address").format(address=party.value))
    if side.is_ours(party.value):
        raise Refused(_("{address} is a colleague's address").format(address=party.value))
    card = (await load.cards.by_mail(uow, [party.value])).get(party.value)
    return card, [
        Way(account)
        for account in (await access.accounts(uow, actor)).values()
        if account.configured and account.can(Capability.GLOBAL_ADDRESSES)
    ]


async def message_to(
    uow: UnitOfWork, actor: AgentActor, text: str, account_name: str, *, title: str | None = None
) -> tuple[int, int]:
    """Like :func:`message` to an e-mail address, whose card is made where there is none.

    The task, and the card.
    """
    await ways_to(uow, actor, text)
    account = await access.the_account(uow, actor, account_name)
    private = account.id if account.role == "personal" else None
    newcomer = Notify(newcomers=(mailbox(text),))
    notify, _known = await correspondents.settle(uow, newcomer, private)
    (contact_id,) = notify.contacts
    return await message(uow, actor, contact_id, account_name, title=title), contact_id


async def message(
    uow: UnitOfWork,
    actor: AgentActor,
    contact_id: int,
    account_name: str,
    *,
    title: str | None = None,
) -> int:
    """The task in which to write to this contact by this account; comment there to send.

    In a messenger it is the chat's open task, else a new one bound to that chat; by e-mail it is
    always a new one. Refused says beforehand why the account cannot be used.
    """
    contact, agent = await _people(uow, actor, contact_id)
    account = await access.the_account(uow, actor, account_name)
    way = await _way(uow, agent, contact, account, lock=True)
    if way.error is not None:
        raise Refused(way.error.sentence())
    if way.task_id is not None:
        return way.task_id
    return await _open(uow, actor, contact, way, title)


async def _people(uow: UnitOfWork, actor: AgentActor, contact_id: int) -> tuple[Contact, Agent]:
    root = await access.the_contact(uow, actor, contact_id)
    contact = (await snapshots.contacts(uow, [root]))[root]
    return contact, (await snapshots.agents(uow, [actor.id]))[actor.id]


async def _way(
    uow: UnitOfWork, agent: Agent, contact: Contact, account: Account, *, lock: bool = False
) -> Way:
    way = rules.way(contact, account)
    if way.chat is None:
        return way
    if lock:
        await locks.chats(uow, [way.chat.id])
    current = await load.chats.current_task(uow, way.chat.id)
    if current is None or not current.open:
        return way
    if not await access.may_see(uow, agent, current):
        # One chat never has two open tasks (R4).
        return replace(way, error=Reason("with_a_colleague", {"name": contact.name}))
    return replace(way, task_id=current.id)


async def _open(
    uow: UnitOfWork, actor: AgentActor, contact: Contact, way: Way, title: str | None
) -> int:
    account, line = way.account, clean_line(title) if title else ""
    if not line and account.can(Capability.SUBJECT):
        raise UsageError(_("a new conversation needs a title: the client gets it as the subject"))
    task_id = await write.tasks.add(
        uow,
        line or contact.name,
        status=await statuses.first_status(uow),
        contact_id=contact.id,
        account_id=account.id,
        previous_task_id=await load.previous_task.last_task(uow, contact.id),
        private_to_id=account.owner_id if account.role == "personal" else None,
    )
    if not account.can(Capability.THREADS):
        chat_id = way.chat.id if way.chat is not None else None
        if chat_id is None:
            address = next(one for one in contact.addresses if is_on(account, one))
            # A messenger names a chat by its contact's id.
            chat_id = await write.chats.add(uow, account.id, address.value, contact.id, address.id)
        await write.chats.move_current(uow, chat_id, task_id)
    await reactions.follow(uow, task_id, TaskCreated(), actor.id)
    return task_id
