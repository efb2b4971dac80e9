"""Loading the cards of everybody who stands on the messages of a batch (R2, R27)."""

from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any

from sqlalchemy import Select, bindparam, select

from pfinbox.domain.contract.channel import Capability
from pfinbox.domain.contract.incoming import Incoming, Message, Unreadable
from pfinbox.domain.inbound.working_set import WorkingSet
from pfinbox.domain.people.cards import Sender
from pfinbox.domain.people.cards import scope as scope_of
from pfinbox.domain.text.cleaning import clean_line
from pfinbox.store import tables as t
from pfinbox.store.load.inbound.portions import in_portions
from pfinbox.store.uow import UnitOfWork


async def load(uow: UnitOfWork, ws: WorkingSet, items: Sequence[Incoming]) -> None:
    """``ws.people`` and ``ws.on_cards``."""
    account, scope = ws.account, scope_of(ws.account)
    values = {one for item in items for one in _values(ws, item)} - {""}
    if not values:
        return
    mail = {one.channel for one in ws.accounts.values() if one.can(Capability.GLOBAL_ADDRESSES)}
    # An import may have left one address on two cards: the first one counts.
    async for row in in_portions(uow, _addresses(), "values", values):
        if row.channel in mail and row.scope == 0:
            ws.on_cards.add(row.value)
        if row.channel == account.channel and row.scope == scope:
            blocked = row.blocked_at is not None
            sender = Sender(
                row.root_id,
                row.card_id,
                row.id,
                blocked,
                known=True,
                value=row.value,
                username=row.username,
            )
            ws.people.setdefault(row.value, sender)


def _values(ws: WorkingSet, item: Incoming) -> Iterable[str]:
    event = item.event
    if isinstance(event, Unreadable) and event.sender is not None:
        yield clean_line(event.sender.value)
    if not isinstance(event, Message):
        return
    yield clean_line(event.sender.value)
    if event.answer_to is not None:
        yield clean_line(event.answer_to.value)
    if event.original is not None:
        yield clean_line(event.original.sender.value)
    if event.sent_elsewhere or event.in_sent:
        # Of a client's mail nobody in To and Cc gets a card.
        for party in (*event.to, *event.cc):
            yield party.value
            yield clean_line(party.value)


@cache
def _addresses() -> Select[Any]:
    return (
        select(
            t.address.c.id,
            t.address.c.channel,
            t.address.c.scope,
            t.address.c.value,
            t.address.c.username,
            t.address.c.blocked_at,
            t.contact.c.root_id,
            t.contact.c.id.label("card_id"),
        )
        .join(t.contact, t.contact.c.id == t.address.c.contact_id)
        .where(t.address.c.value.in_(bindparam("values", expanding=True)))
        .order_by(t.address.c.duplicate, t.address.c.contact_id)
    )
