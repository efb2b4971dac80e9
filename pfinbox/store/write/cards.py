"""Writing contacts' cards, the addresses on them, and what services show of people there."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from hashlib import sha256

from sqlalchemy import delete, select, update

from pfinbox.domain.merging.cards import GivenBack
from pfinbox.store import tables as t
from pfinbox.store.row_statements import inserting
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
    await uow.connection.execute(delete(t.picture).where(t.picture.c.address_id == address_id))
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


async def keep_picture(
    uow: UnitOfWork, address_id: int, media_type: str | None, content: bytes, good_until: datetime
) -> None:
    """The picture of a person at an address, None in place of its type where there is none."""
    shown = media_type is not None
    await _write_picture(
        uow,
        address_id,
        good_until=good_until,
        fetched_at=uow.now if shown else None,
        media_type=media_type,
        size=len(content) if shown else None,
        sha256=sha256(content).hexdigest() if shown else None,
        content=content if shown else None,
    )
    uow.touch("contacts")


async def put_off_picture(uow: UnitOfWork, address_id: int, until: datetime) -> None:
    """What is known of the picture stays as it is until then."""
    await _write_picture(uow, address_id, good_until=until)


async def _write_picture(uow: UnitOfWork, address_id: int, **values: object) -> None:
    """Nothing where the address was erased meanwhile (R34)."""
    address = select(t.address.c.id).where(t.address.c.id == address_id)
    if not uow.sqlite:
        address = address.with_for_update(read=True, key_share=True)
    if await uow.connection.scalar(address) is None:
        return
    statement = inserting(t.picture, uow.sqlite).values(address_id=address_id, **values)
    await uow.connection.execute(
        statement.on_conflict_do_update(index_elements=["address_id"], set_=values)
    )
