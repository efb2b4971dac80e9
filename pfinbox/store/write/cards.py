"""Writing contacts' cards, and the addresses on them."""

from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import delete, update

from pfinbox.domain.merging.cards import GivenBack
from pfinbox.store import tables as t
from pfinbox.store.uow import UnitOfWork


async def add(uow: UnitOfWork, name: str, **values: object) -> int:
    """Add a card; returns its id."""
    contact_id = await uow.add_root(t.contact, name=name, created_at=uow.now, **values)
    uow.touch("contacts")
    return contact_id


async def change(uow: UnitOfWork, contact_id: int, **values: object) -> None:
    """Set columns of a card."""
    if values:
        await uow.change(t.contact, contact_id, **values)
    uow.touch("contacts")


async def add_address(
    uow: UnitOfWork,
    contact_id: int,
    channel: str,
    scope: int,
    value: str,
    username: str | None = None,
    *,
    main: bool = False,
) -> int:
    """Add an address to a card; the database refuses one that another card has."""
    row_id = await uow.add(
        t.address,
        contact_id=contact_id,
        channel=channel,
        scope=scope,
        value=value,
        username=username,
        main=main,
    )
    uow.touch("contacts")
    return row_id


async def set_username(uow: UnitOfWork, address_id: int, username: str) -> None:
    """Keep the username that the channel gives an address now."""
    await uow.connection.execute(
        update(t.address)
        .where(t.address.c.id == address_id, t.address.c.username.is_distinct_from(username))
        .values(username=username)
    )


async def make_main(uow: UnitOfWork, address_id: int, siblings: Collection[int]) -> None:
    """Make one of these addresses of a card the main one."""
    await uow.connection.execute(
        update(t.address)
        .where(t.address.c.id.in_(siblings))
        .values(main=t.address.c.id == address_id)
    )


async def remove_address(uow: UnitOfWork, address_id: int) -> None:
    """The address is on no card any more; no chat names it."""
    await uow.connection.execute(delete(t.address).where(t.address.c.id == address_id))
    uow.touch("contacts")


async def give_back(
    uow: UnitOfWork,
    card_ids: Collection[int],
    deliveries: Mapping[int, int],
    comments: Sequence[GivenBack],
) -> None:
    """Give deliveries and comments of ``card_ids`` to the cards that they were written to."""
    for delivery_id, card_id in deliveries.items():
        await uow.change(t.delivery, delivery_id, contact_id=card_id)
    for comment in comments:
        if not comment.keep:
            await uow.connection.execute(
                delete(t.notify).where(
                    t.notify.c.comment_id == comment.comment_id,
                    t.notify.c.contact_id.in_(card_ids),
                )
            )
        for card_id in comment.card_ids:
            await uow.add(t.notify, comment_id=comment.comment_id, contact_id=card_id)


async def mark_bounced(uow: UnitOfWork, channel: str, value: str) -> None:
    """Mark an address whose mail comes back for good."""
    await uow.connection.execute(
        update(t.address)
        .where(t.address.c.channel == channel, t.address.c.value == value)
        .values(bounced_at=uow.now)
    )
