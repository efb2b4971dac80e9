"""The recipients of one mail share its parts (R45); a delivery that goes alone gets its own.

Its own parts are copies with the same source ids, so that it stays the same message, and the
others are not sent it again.
"""

import secrets
from collections.abc import Collection, Mapping

from sqlalchemy import insert, select

from pfinbox.domain.outbound.delivery import PartState
from pfinbox.store import tables as t
from pfinbox.store.uow import UnitOfWork


async def leave(uow: UnitOfWork, delivery_id: int, *, missed: int | None = None) -> bool:
    """Give a delivery parts of its own where it shares them with others; False where it does not.

    ``missed``: the part that the others got just now and this recipient did not.
    """
    shared = t.delivery_part.alias("shared")
    parts = (
        await uow.connection.execute(
            select(t.part)
            .join(t.delivery_part, t.delivery_part.c.part_id == t.part.c.id)
            .where(
                t.delivery_part.c.delivery_id == delivery_id,
                t.part.c.id.in_(
                    select(shared.c.part_id).where(shared.c.delivery_id != delivery_id)
                ),
            )
            .order_by(t.part.c.id)
        )
    ).all()
    for part in parts:
        has = part.state == PartState.SENT and part.id != missed
        copy = await uow.add(
            t.part,
            comment_id=part.comment_id,
            account_id=part.account_id,
            chat_id=part.chat_id,
            position=part.position,
            state=PartState.SENT if has else PartState.PENDING,
            nonce=secrets.token_hex(8),
            source_id=part.source_id,
            content=part.content,
            sent_at=part.sent_at if has else None,
        )
        await uow.connection.execute(
            t.delivery_part.delete().where(
                t.delivery_part.c.delivery_id == delivery_id, t.delivery_part.c.part_id == part.id
            )
        )
        await uow.connection.execute(
            insert(t.delivery_part).values(delivery_id=delivery_id, part_id=copy)
        )
    return bool(parts)


async def leave_behind(uow: UnitOfWork, going: Mapping[int, Collection[int]]) -> None:
    """Parts are handed over for some of their deliveries: the others will need their own.

    ``going``: the deliveries by part. Others are held, withdrawn, or were retried alone.
    """
    rows = await uow.connection.execute(
        select(t.delivery_part.c.part_id, t.delivery_part.c.delivery_id).where(
            t.delivery_part.c.part_id.in_(list(going))
        )
    )
    for row in rows.all():
        if row.delivery_id not in going[row.part_id]:
            await leave(uow, row.delivery_id, missed=row.part_id)
