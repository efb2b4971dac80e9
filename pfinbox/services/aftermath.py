"""Hand-overs whose end nobody saw: a dead daemon's, and those that a copy proves (R24)."""

from sqlalchemy import or_, select, update

from pfinbox.domain.delivery import State
from pfinbox.domain.reason import Reason
from pfinbox.services import trouble
from pfinbox.store import tables as t
from pfinbox.store.uow import UnitOfWork


async def proven(uow: UnitOfWork, part_id: int) -> None:
    """The part was seen at the other side: unknown no longer."""
    changed = await uow.connection.execute(
        update(t.part)
        .where(t.part.c.id == part_id, t.part.c.state == "unknown")
        .values(state="sent", sent_at=uow.now)
    )
    if changed.rowcount == 0:
        return
    others = t.delivery_part.alias("others")
    unsent = (
        select(others.c.delivery_id)
        .join(t.part, t.part.c.id == others.c.part_id)
        .where(t.part.c.state != "sent")
    )
    await uow.connection.execute(
        update(t.delivery)
        .where(
            t.delivery.c.state == State.UNKNOWN,
            t.delivery.c.id.in_(
                select(t.delivery_part.c.delivery_id).where(t.delivery_part.c.part_id == part_id)
            ),
            t.delivery.c.id.not_in(unsent),
        )
        .values(state=State.SENT, sent_at=uow.now, error=None)
    )
    uow.touch("outbox", "tasks")


async def recover(uow: UnitOfWork, account_id: int, lease_id: int) -> None:
    """What a dead daemon left: claimed is pending again, handed over is unknown."""
    left = (
        await uow.connection.execute(
            select(t.delivery.c.id, t.delivery.c.state).where(
                t.delivery.c.account_id == account_id,
                t.delivery.c.state.in_((State.SENDING, State.TRANSMITTING)),
                or_(t.delivery.c.lease_id != lease_id, t.delivery.c.lease_id.is_(None)),
            )
        )
    ).all()
    for row in left:
        if row.state == State.TRANSMITTING:
            await uow.connection.execute(
                update(t.part)
                .where(
                    t.part.c.state == "transmitting",
                    t.part.c.id.in_(
                        select(t.delivery_part.c.part_id).where(
                            t.delivery_part.c.delivery_id == row.id
                        )
                    ),
                )
                .values(state="unknown")
            )
            await trouble.unknown(uow, row.id, Reason("crashed_while_sending"))
        else:
            await uow.connection.execute(
                update(t.delivery)
                .where(t.delivery.c.id == row.id)
                .values(state=State.PENDING, lease_id=None, epoch=None)
            )
    if left:
        uow.touch("outbox", "tasks")
