"""The recipients of one mail share its parts (R45); a delivery that goes alone gets its own.

Its own parts are copies with the same source ids, so that it stays the same message, and the
others are not sent it again.
"""

import secrets
from collections.abc import Iterable

from pfinbox.domain.outbound.delivery import PartState
from pfinbox.store.load.outbound import deliveries as load
from pfinbox.store.uow import UnitOfWork
from pfinbox.store.write.outbound import outgoing


async def leave(uow: UnitOfWork, delivery_id: int, *, missed: int | None = None) -> bool:
    """Give a delivery parts of its own where it shares them with others; False where it does not.

    ``missed``: the part that the others got just now and this recipient did not.
    """
    parts = await load.shared_parts(uow, delivery_id)
    for part in parts:
        has = part.state == PartState.SENT and part.id != missed
        await outgoing.copy_part(
            uow,
            delivery_id,
            part.id,
            state=PartState.SENT if has else PartState.PENDING,
            nonce=secrets.token_hex(8),
            sent_at=part.sent_at if has else None,
        )
    return bool(parts)


async def leave_behind(uow: UnitOfWork, left: Iterable[tuple[int, int]]) -> None:
    """Parts are handed over, but not for these of their deliveries: these will need their own.

    ``left``: delivery and part. They are held, withdrawn, or were retried alone.
    """
    for delivery_id, part_id in left:
        await leave(uow, delivery_id, missed=part_id)
