"""Whose an e-mail address is: ours, an agent's, or a card's."""

from collections.abc import Collection

from sqlalchemy import select

from pfinbox.domain.contract.channel import Capability
from pfinbox.domain.model import Account
from pfinbox.domain.recipients import correspondents as rules
from pfinbox.domain.recipients.correspondents import OurSide
from pfinbox.store import snapshots
from pfinbox.store import tables as t
from pfinbox.store.uow import UnitOfWork


async def our_side(uow: UnitOfWork) -> OurSide:
    """Our own addresses, as the store has them now."""
    accounts, agents = await snapshots.accounts(uow), await snapshots.agents(uow)
    return rules.our_side(accounts.values(), agents.values())


async def cards(uow: UnitOfWork, values: Collection[str]) -> dict[str, int]:
    """The root cards on which these e-mail addresses stand; the first one of several (R27)."""
    channels = {a.channel for a in (await snapshots.accounts(uow)).values() if _mails(a)}
    rows = await uow.connection.execute(
        select(t.address.c.value, t.contact.c.root_id)
        .join(t.contact, t.contact.c.id == t.address.c.contact_id)
        .where(
            t.address.c.channel.in_(channels), t.address.c.scope == 0, t.address.c.value.in_(values)
        )
        .order_by(t.address.c.duplicate.desc(), t.address.c.contact_id.desc())
    )
    return {row.value: row.root_id for row in rows}


def _mails(account: Account) -> bool:
    return account.can(Capability.GLOBAL_ADDRESSES)
