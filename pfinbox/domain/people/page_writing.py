"""By which chat a contact's words from their page come in, so that an answer finds them (R15)."""

from datetime import UTC, datetime

from pfinbox.domain.contract.channel import Capability
from pfinbox.domain.model import Account, Chat, Contact, Task
from pfinbox.domain.outbound.planning.delivery_plan import People
from pfinbox.domain.outbound.planning.mail_addresses import mail_account
from pfinbox.errors import Refused
from pfinbox.i18n import _
from pfinbox.record import record

_LONG_AGO = datetime.min.replace(tzinfo=UTC)


@record
class Way:
    """``chat`` None: one of its own, by e-mail. ``address``: as whom the contact writes there."""

    account: Account
    chat: Chat | None
    address: str


def way_into(task: Task, contact: Contact, people: People) -> Way:
    """The contact's own chat in the task, else e-mail; Refused where there is neither."""
    own = [
        chat
        for chat in task.chats
        if chat.contact_id == contact.id and not chat.outside and chat.address and not chat.blocked
    ]
    by = {chat.id: people.accounts.get(chat.account_id) for chat in own}
    usable = [chat for chat in own if (account := by[chat.id]) is not None and account.configured]
    # The task's own before those that came by merges; then where the contact wrote last.
    usable.sort(key=lambda chat: (chat.own, not chat.aside, chat.last_incoming_at or _LONG_AGO))
    if usable:
        account = people.accounts[usable[-1].account_id]
        return Way(account, usable[-1], usable[-1].address)
    return _by_mail(mail_account(task, "own", people), contact)


def way_of_new(name: str | None, contact: Contact, people: People) -> Way:
    """By the account of this name, where clients are known by their e-mail address there."""
    named = [one for one in people.accounts.values() if one.name == name and _by_address(one)]
    anyhow = Task(0, title="", status="", active=True, contact_id=contact.id, account_id=None)
    return _by_mail(next(iter(named), None) or mail_account(anyhow, "own", people), contact)


def _by_address(account: Account) -> bool:
    return account.configured and account.can(Capability.GLOBAL_ADDRESSES)


def _by_mail(account: Account | None, contact: Contact) -> Way:
    if account is not None:
        addresses = [
            one for one in contact.addresses if one.channel == account.channel and not one.blocked
        ]
        best = sorted(addresses, key=lambda one: (one.duplicate, not one.main, one.id))
        if best:
            return Way(account, None, best[0].value)
    raise Refused(_("There is no way to answer you here. Please write to us by e-mail."))
