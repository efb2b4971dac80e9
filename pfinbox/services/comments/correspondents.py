"""People who come into a task by their e-mail address: on somebody's mail, or forwarded to (R45).

Their cards are made when a comment to them is stored, not when a mail that names them arrives:
most people in Cc never write and are never written to, and an address that only leads to us
(a list, an alias that nobody configured) must not fill the contacts.
"""

from collections.abc import Collection
from dataclasses import replace

from pfinbox.domain.actor import AgentActor
from pfinbox.domain.contract.channel import Capability
from pfinbox.domain.contract.party import Party
from pfinbox.domain.events.tasks import Joined
from pfinbox.domain.model import Notify, Task, Who
from pfinbox.domain.recipients.original import Original, others_on
from pfinbox.errors import Refused
from pfinbox.i18n import _
from pfinbox.record import record
from pfinbox.services.events import reactions
from pfinbox.services.people import senders
from pfinbox.store import load, snapshots, write
from pfinbox.store.search import index
from pfinbox.store.uow import UnitOfWork


@record
class OnMail:
    """Everyone else on a mail: contacts by their root, and people who are on no card."""

    contacts: tuple[int, ...] = ()
    newcomers: tuple[Party, ...] = ()


NOBODY = OnMail()


async def on_mail(uow: UnitOfWork, original: Original) -> OnMail:
    """The people of To and Cc of a client's mail, without its author, ourselves and agents."""
    if not original.incoming or not original.recipients:
        return NOBODY
    people = others_on(original, await load.cards.our_side(uow))
    known = await load.cards.by_mail(uow, [one.value for one in people])
    found = dict.fromkeys(known[one.value] for one in people if one.value in known)
    return OnMail(
        tuple(contact_id for contact_id in found if contact_id != original.author_id),
        tuple(one for one in people if one.value not in known),
    )


async def known(uow: UnitOfWork, notify: Notify) -> tuple[Notify, frozenset[int]]:
    """Choose newcomers who have a card by now by that card; returns these cards, too."""
    if not notify.newcomers:
        return notify, frozenset()
    found = await load.cards.by_mail(uow, [one.value for one in notify.newcomers])
    return _by_card(notify, found)


async def settle(
    uow: UnitOfWork, notify: Notify, private: int | None = None
) -> tuple[Notify, frozenset[int]]:
    """Like :func:`known`, with a card made for everyone who has none.

    ``private``: the personal account by which they become known; else the card is everybody's.
    """
    if not notify.newcomers:
        return notify, frozenset()
    found = await load.cards.by_mail(uow, [one.value for one in notify.newcomers])
    side = await load.cards.our_side(uow)
    for one in notify.newcomers:
        if side.is_ours(one.value):
            raise Refused(_("{address} is an address of our own").format(address=one.value))
    account = next(
        a for a in (await snapshots.accounts(uow)).values() if a.can(Capability.GLOBAL_ADDRESSES)
    )
    for one in notify.newcomers:
        if one.value not in found:
            sender = await senders.find_or_make(uow, account, one, known_by=private)
            found[one.value] = sender.contact_id
            await index.index_contact(uow, sender.contact_id)
    return _by_card(notify, found)


def _by_card(notify: Notify, found: dict[str, int]) -> tuple[Notify, frozenset[int]]:
    here = {one.value: found[one.value] for one in notify.newcomers if one.value in found}
    return (
        replace(
            notify,
            who=(*notify.who, *(Who("contact", i) for i in here.values())),
            # The address by which the contact was chosen, not another one of the card.
            addresses={**{i: value for value, i in here.items()}, **notify.addresses},
            newcomers=tuple(one for one in notify.newcomers if one.value not in here),
        ),
        frozenset(here.values()),
    )


async def join(
    uow: UnitOfWork, actor: AgentActor, task: Task, contact_ids: Collection[int]
) -> None:
    """Contacts who were written to become participants, so they can be chosen again."""
    here = {task.contact_id, *(who.id for who in task.participants if who.kind == "contact")}
    for contact_id in sorted(set(contact_ids) - here):
        await write.tasks.join(uow, task.id, Who("contact", contact_id), let_in=False)
        await reactions.follow(uow, task.id, Joined(kind="contact", id=contact_id), actor.id)
