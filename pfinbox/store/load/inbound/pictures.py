"""Who wrote to a daemon's accounts lately and whose picture may be another one by now."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, or_, select

from pfinbox.domain.contract.channel import Capability
from pfinbox.record import record
from pfinbox.store import tables as t
from pfinbox.store.uow import UnitOfWork

_SHOWN = t.account.c.capabilities.op("&")(int(Capability.PICTURES)) != 0


@record
class Unseen:
    """A person at a channel, by an address and by a chat in which that address wrote last."""

    address_id: int
    account_id: int
    chat_key: str
    value: str


async def newest_comment(uow: UnitOfWork) -> int:
    """The highest id of a comment, 0 where there is none."""
    return await uow.connection.scalar(select(func.max(t.comment.c.id))) or 0


async def unseen(uow: UnitOfWork, lease_id: int, after: int, up_to: int) -> Sequence[Unseen]:
    """Who wrote one of the comments after that one, in the order of their words.

    Only those who are not blocked, and whose picture is unknown or no longer good.
    """
    wrote = (
        select(t.comment.c.chat_id)
        .where(t.comment.c.id > after, t.comment.c.id <= up_to)
        .where(t.comment.c.direction == "incoming", t.comment.c.sent_elsewhere.is_(False))
        .where(t.comment.c.chat_id.is_not(None))
        .distinct()
    )
    # The chats are named one by one: there may be a great many others.
    chats = (await uow.connection.scalars(wrote)).all()
    if not chats:
        return ()
    old = or_(t.picture.c.address_id.is_(None), t.picture.c.good_until <= uow.now)
    return await _found(uow, _of_lease(lease_id).where(t.chat.c.id.in_(chats), old))


async def redrawn(
    uow: UnitOfWork, lease_id: int, account_id: int, people: Collection[str], until: datetime
) -> Sequence[Unseen]:
    """People of an account by their addresses' values, whose picture is good until then at most."""
    theirs = t.address.c.value.in_(sorted(people))
    old = or_(t.picture.c.address_id.is_(None), t.picture.c.good_until <= until)
    return await _found(uow, _of_lease(lease_id).where(t.account.c.id == account_id, theirs, old))


def _of_lease(lease_id: int) -> Select[Any]:
    return (
        select(t.address.c.id, t.account.c.id, t.chat.c.key, t.address.c.value)
        .select_from(t.chat)
        .join(t.account, t.account.c.id == t.chat.c.account_id)
        .join(t.address, t.address.c.id == t.chat.c.address_id)
        .outerjoin(t.picture, t.picture.c.address_id == t.address.c.id)
        .where(
            t.account.c.lease_id == lease_id,
            _SHOWN,
            t.chat.c.blocked_at.is_(None),
            t.address.c.blocked_at.is_(None),
        )
        .order_by(t.chat.c.id)
    )


async def _found(uow: UnitOfWork, statement: Select[Any]) -> Sequence[Unseen]:
    """Each address once."""
    rows = await uow.connection.execute(statement)
    return list({row[0]: Unseen(*row) for row in rows}.values())
