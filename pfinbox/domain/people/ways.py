"""By which accounts a contact can be written to from the card (R29)."""

from pfinbox.domain.contract.channel import Capability
from pfinbox.domain.contract.reason import Reason
from pfinbox.domain.model import Account, Chat, Contact
from pfinbox.domain.people.cards import is_on
from pfinbox.errors import Refused, UsageError
from pfinbox.i18n import _
from pfinbox.record import record


@record
class Way:
    """One account by which a contact can be written to, or why not.

    ``task_id``: the open task that goes on; None: a new one will be opened.
    """

    account: Account
    task_id: int | None = None
    error: Reason | None = None
    # The messenger's chat; None where there is none, or mails have threads of their own.
    chat: Chat | None = None
    # An approved text alone may be the first message.
    by_template: bool = False


def is_offered(contact: Contact, account: Account) -> bool:
    """Whether *Message* names the account at all."""
    known = any(chat.account_id == account.id for chat in contact.chats)
    return account.configured and (known or any(is_on(account, one) for one in contact.addresses))


def way(contact: Contact, account: Account) -> Way:
    """What the contact's addresses and chats allow; which task the chat has is not looked at."""
    theirs = [one for one in contact.addresses if is_on(account, one)]
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
        if theirs and account.can(Capability.TEMPLATES):
            return Way(account, by_template=True)
        why = Reason("cannot_write_first", {"account": account.name, "name": contact.name})
        return Way(account, error=why)
    if chat.blocked:
        return Way(account, error=Reason("contact_blocked"))
    if not chat.writable:
        closed = chat.state_reason or Reason("chat_closed", {"name": contact.name})
        return Way(account, error=closed)
    return Way(account, chat=chat)


def _chat(contact: Contact, account: Account) -> Chat | None:
    """The contact's chat to use: one that can be written to before others, then the latest."""

    def rank(chat: Chat) -> tuple[bool, float, int]:
        at = chat.last_incoming_at
        return (chat.writable and not chat.blocked, at.timestamp() if at else 0.0, chat.id)

    return max((c for c in contact.chats if c.account_id == account.id), key=rank, default=None)


def only_way(contact: Contact, ways: list[Way]) -> str:
    """The account by which this contact can be written to, where there is but one.

    UsageError names them where there are several, Refused says why there is none.
    """
    able = [way.account.name for way in ways if way.error is None]
    if len(able) > 1:
        raise UsageError(
            _("there are several ways; name one with --account: {names}").format(
                names=", ".join(able)
            )
        )
    if not able:
        errors = [way.error for way in ways if way.error is not None]
        why = errors[0] if errors else Reason("no_route", {"name": contact.name})
        raise Refused(why.sentence())
    return able[0]
