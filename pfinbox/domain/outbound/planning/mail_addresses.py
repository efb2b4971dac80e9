"""E-mail to one contact: by which account, at which address, and what stands against it (R17)."""

from pfinbox.domain.contract.channel import Capability
from pfinbox.domain.contract.reason import Reason
from pfinbox.domain.model import Account, Chat, Contact, Task
from pfinbox.domain.outbound.planning.delivery_plan import Later, People


def mails(account: Account) -> bool:
    return account.can(Capability.GLOBAL_ADDRESSES)


def mail_account(task: Task, via: str, people: People) -> Account | None:
    candidates = [a for a in people.accounts.values() if mails(a) and a.configured]
    by_name = [a for a in candidates if a.name == via]
    own = [a for a in candidates if a.id == task.account_id]
    default = [a for a in candidates if a.id == people.mail_account_id]
    shared = sorted((a for a in candidates if a.role == "shared"), key=lambda a: a.id)
    for account in (*by_name, *own, *default, *shared):
        return account
    return None


def mail_address(
    contact: Contact, account: Account, chosen: str | None, last_used: str | None
) -> tuple[str, Reason | None]:
    """The address (R17): the chosen one, the one the client wrote from, the card's main one."""
    # An id that belongs to one account is no address to write to from another.
    mine = [a for a in contact.addresses if a.channel == account.channel and a.scope == 0]
    if chosen:
        if chosen not in (address.value for address in mine) and chosen != last_used:
            args = {"address": chosen, "name": contact.name}
            return chosen, Reason("address_not_theirs", args)
        return chosen, None
    if last_used:
        return last_used, None
    usable = sorted(mine, key=lambda a: (a.blocked, a.bounced, not a.main, a.id))
    if not usable:
        return "", Reason("no_route", {"name": contact.name})
    return usable[0].value, None


def blocked(contact: Contact, value: str) -> Reason | None:
    """An address that was marked as spam (R42) would be held when it is due; say so at once."""
    theirs = [address for address in contact.addresses if address.value == value]
    return Reason("contact_blocked") if any(address.blocked for address in theirs) else None


def about(contact: Contact, value: str) -> list[Reason]:
    found: list[Reason] = []
    for address in contact.addresses:
        if address.value != value:
            continue
        if address.duplicate:
            found.append(Reason("duplicate_address", {"address": value}))
        if address.bounced:
            found.append(Reason("bounced", {"detail": value}))
    return found


def later(task: Task, contact: Contact, chat: Chat, people: People) -> Later | None:
    """Where a comment follows by e-mail that its contact does not see in the chat.

    At the address that they left there, else at one of their card's (R9, R26).
    """
    seconds = people.accounts[chat.account_id].limits.mail_after
    account = mail_account(task, "own", people)
    if not seconds or account is None:
        return None
    address, error = mail_address(contact, account, None, chat.left_address)
    if error is not None or blocked(contact, address) is not None:
        return None
    return Later(account, address, seconds)
