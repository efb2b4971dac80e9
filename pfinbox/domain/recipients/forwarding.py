"""What may be passed on to somebody outside, and to whom (R45)."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from pfinbox.domain.contract.outgoing import Forwarded
from pfinbox.domain.contract.party import Party
from pfinbox.domain.model import Account, Contact, Notify, Task
from pfinbox.domain.recipients.correspondents import OurSide, mailbox
from pfinbox.errors import NotFound, Refused, UsageError
from pfinbox.i18n import _
from pfinbox.record import record


@record
class Passable:
    """A comment of a task; ``words``: its new text, as the mails quoted below were not chosen."""

    id: int
    incoming: bool
    internal: bool
    hidden: bool
    deleted: bool
    words: str
    at: datetime
    author: str = ""
    author_id: int | None = None
    # By which account and address the client wrote it.
    account_id: int | None = None
    address_id: int | None = None
    # Our account by which it was sent: a forward names that, never an agent's own address.
    sent_from: str | None = None
    subject: str | None = None


def recipients(
    task: Task, to: Iterable[str], cc: Iterable[str], side: OurSide, cards: Mapping[str, int]
) -> Notify:
    """By e-mail always; Refused for the client, agents and our own accounts."""
    copies = {party.value: party for party in map(mailbox, cc)}
    people = {party.value: party for party in map(mailbox, to)}
    if not people:
        raise UsageError(_("say to which address it goes"))
    for value in (*people, *copies):
        if side.is_account(value):
            words = _("{address} is an address of our own")
        elif side.is_ours(value):
            words = _("{address} is a colleague's: notify them by a comment")
        elif value in cards and cards[value] in task.client_cards:
            words = _("{address} is the client's own: write to the client by a comment")
        else:
            continue
        raise Refused(words.format(address=value))
    return by_address(people.values(), copies.values(), "own")


def by_address(to: Iterable[Party], cc: Iterable[Party], reply_via: str) -> Notify:
    """One mail to these addresses, each of them once; whose card they stand on is not known yet."""
    people = {party.value: party for party in to}
    copies = {party.value: party for party in cc if party.value not in people}
    return Notify(
        newcomers=(*people.values(), *copies.values()), reply_via=reply_via, copies=tuple(copies)
    )


def chosen(task: Task, comments: Sequence[Passable], ids: Sequence[int]) -> list[Passable]:
    """The comments to pass on, in the order of the conversation; without ``ids`` the client's last.

    ``comments``: those of the task, or at least the ones that ``ids`` name.
    """
    if not ids:
        said = [one for one in comments if one.incoming and not (one.hidden or one.deleted)]
        if not said:
            raise Refused(
                _("no client wrote in task #{id}; name the comments to forward").format(id=task.id)
            )
        return said[-1:]
    found = [one for one in comments if one.id in ids]
    for missing in set(ids) - {one.id for one in found}:
        raise NotFound(_("comment {id} is not in task #{task}").format(id=missing, task=task.id))
    for one in found:
        if one.internal:
            raise Refused(
                _("comment {id} is internal; what is to leave, write it yourself").format(id=one.id)
            )
        if one.deleted:
            raise Refused(_("comment {id} was deleted").format(id=one.id))
    return found


def passed_on(
    task: Task, one: Passable, accounts: Mapping[int, Account], authors: Mapping[int, Contact]
) -> Forwarded:
    """The comment as it stands below the text of the forward."""
    account = accounts.get(one.account_id) if one.account_id is not None else None
    author = authors.get(one.author_id) if one.author_id is not None else None
    address = one.sent_from or ""
    if one.incoming:
        address = _wrote_from(account, author, one.address_id) if account and author else ""
    return Forwarded(
        author=f"{one.author} <{address}>".strip() if address else one.author,
        at=one.at,
        subject=one.subject or task.title,
        text=one.words.strip("\n"),
    )


def _wrote_from(account: Account, author: Contact, address_id: int | None) -> str:
    """The author's e-mail address: in a thread of their own the one it goes by, else the main."""
    theirs = [one for one in author.addresses if one.channel == account.channel and not one.scope]
    best = min(theirs, key=lambda a: (a.id != address_id, not a.main, a.id), default=None)
    return best.value if best is not None else ""


def below(forwarded: Sequence[Forwarded]) -> str | None:
    """Forwarded messages as they stand under the comment."""
    return "\n\n".join("\n".join([*one.lines(), "", one.text]) for one in forwarded) or None
