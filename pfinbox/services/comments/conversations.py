"""*Message* on a card: starting, or going on with, a conversation by any of its channels (R29)."""

from dataclasses import dataclass

from pfinbox.domain.actor import AgentActor
from pfinbox.domain.contract.channel import Capability
from pfinbox.domain.contract.reason import Reason
from pfinbox.domain.events import TaskCreated
from pfinbox.domain.model import Account, Agent, Chat, Contact, Notify
from pfinbox.domain.recipients.correspondents import mailbox
from pfinbox.domain.text.cleaning import clean_line
from pfinbox.errors import Refused, UsageError
from pfinbox.i18n import _
from pfinbox.services import access
from pfinbox.services.comments import correspondents
from pfinbox.services.tasks import previous_task, routing
from pfinbox.store import journal, snapshots, statuses
from pfinbox.store import tables as t
from pfinbox.store.load import contacts as load_contacts
from pfinbox.store.search import index
from pfinbox.store.uow import UnitOfWork


@dataclass(frozen=True, slots=True)
class Way:
    """One account by which a contact can be written to, or why not.

    ``task_id``: the open task that goes on; None: a new one will be opened.
    """

    account: Account
    task_id: int | None = None
    error: Reason | None = None


async def ways(uow: UnitOfWork, actor: AgentActor, contact_id: int) -> list[Way]:
    """What *Message* offers for this card, accounts in their order; nothing is stored."""
    contact, agent = await _people(uow, actor, contact_id)
    found = []
    for account in (await access.accounts(uow, actor)).values():
        known = any(chat.account_id == account.id for chat in contact.chats)
        addressed = any(_is_of(account, a.channel, a.scope) for a in contact.addresses)
        if account.configured and (known or addressed):
            found.append(await _way(uow, agent, contact, account))
    return found


async def only_way(uow: UnitOfWork, actor: AgentActor, contact_id: int) -> str:
    """The account by which this contact can be written to, where there is but one.

    UsageError names them where there are several, Refused says why there is none.
    """
    found = await ways(uow, actor, contact_id)
    able = [way.account.name for way in found if way.error is None]
    if len(able) > 1:
        raise UsageError(
            _("there are several ways; name one with --account: {names}").format(
                names=", ".join(able)
            )
        )
    if not able:
        errors = [way.error for way in found if way.error is not None]
        contact, _agent = await _people(uow, actor, contact_id)
        why = errors[0] if errors else Reason("no_route", {"name": contact.name})
        raise Refused(why.sentence())
    return able[0]


async def ways_to(uow: UnitOfWork, actor: AgentActor, text: str) -> tuple[int | None, list[Way]]:
    """By which accounts an e-mail address can be written to, and the card that it stands on.

    UsageError where it is no address, Refused where it leads back to us.
    """
    party = mailbox(text)
    side = await load_contacts.our_side(uow)
    if side.is_account(party.value):
        raise Refused(_("{address} is our own address").format(address=party.value))
    if side.is_ours(party.value):
        raise Refused(_("{address} is a colleague's address").format(address=party.value))
    card = (await load_contacts.by_mail(uow, [party.value])).get(party.value)
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
    return await _open(uow, actor, contact, account, title)


async def _people(uow: UnitOfWork, actor: AgentActor, contact_id: int) -> tuple[Contact, Agent]:
    root = await access.the_contact(uow, actor, contact_id)
    contact = (await snapshots.contacts(uow, [root]))[root]
    return contact, (await snapshots.agents(uow, [actor.id]))[actor.id]


def _is_of(account: Account, channel: str, scope: int) -> bool:
    wanted = 0 if account.can(Capability.GLOBAL_ADDRESSES) else account.id
    return channel == account.channel and scope == wanted


async def _way(
    uow: UnitOfWork, agent: Agent, contact: Contact, account: Account, *, lock: bool = False
) -> Way:
    theirs = [a for a in contact.addresses if _is_of(account, a.channel, a.scope)]
    if account.can(Capability.THREADS):
        if not theirs:
            return Way(account, error=Reason("no_route", {"name": contact.name}))
        if all(address.blocked for address in theirs):
            return Way(account, error=Reason("contact_blocked"))
        return Way(account)
    chat = _chat(contact, account)
    if chat is None:
        if theirs and account.can(Capability.WRITE_FIRST):
            return Way(account)
        why = Reason("cannot_write_first", {"account": account.name, "name": contact.name})
        return Way(account, error=why)
    if chat.blocked:
        return Way(account, error=Reason("contact_blocked"))
    if not chat.writable:
        closed = chat.state_reason or Reason("chat_closed", {"name": contact.name})
        return Way(account, error=closed)
    if lock:
        await routing.lock_chat(uow, chat.id)
    current = await routing.current_task(uow, chat.id)
    if current is None or not current.open:
        return Way(account)
    if not await access.may_see(uow, agent, current):
        # One chat never has two open tasks (R4).
        return Way(account, error=Reason("with_a_colleague", {"name": contact.name}))
    return Way(account, task_id=current.id)


def _chat(contact: Contact, account: Account) -> Chat | None:
    """The contact's chat to use: one that can be written to before others, then the latest."""

    def rank(chat: Chat) -> tuple[bool, float, int]:
        at = chat.last_incoming_at
        return (chat.writable and not chat.blocked, at.timestamp() if at else 0.0, chat.id)

    return max((c for c in contact.chats if c.account_id == account.id), key=rank, default=None)


async def _open(
    uow: UnitOfWork, actor: AgentActor, contact: Contact, account: Account, title: str | None
) -> int:
    line = clean_line(title) if title else ""
    if not line and account.can(Capability.SUBJECT):
        raise UsageError(_("a new conversation needs a title: the client gets it as the subject"))
    task_id = await uow.add_root(
        t.task,
        title=line or contact.name,
        status=await statuses.first_status(uow),
        active=True,
        contact_id=contact.id,
        account_id=account.id,
        previous_task_id=await previous_task.last_task(uow, contact.id),
        private_to_id=account.owner_id if account.role == "personal" else None,
        created_at=uow.now,
        last_activity_at=uow.now,
    )
    if not account.can(Capability.THREADS):
        chat = _chat(contact, account)
        chat_id = chat.id if chat is not None else await _first_chat(uow, contact, account)
        await routing.move_current(uow, chat_id, task_id)
    await index.index_task(uow, task_id)
    await journal.record(uow, task_id, TaskCreated(), actor.id)
    uow.touch("tasks")
    return task_id


async def _first_chat(uow: UnitOfWork, contact: Contact, account: Account) -> int:
    """The chat of a contact who never wrote; a messenger names it by the contact's id."""
    address = next(a for a in contact.addresses if _is_of(account, a.channel, a.scope))
    return await uow.add(
        t.chat,
        account_id=account.id,
        key=address.value,
        contact_id=contact.id,
        address_id=address.id,
        created_at=uow.now,
    )
