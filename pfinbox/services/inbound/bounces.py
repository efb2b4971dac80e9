"""A mail came back: believed only about a Message-ID of ours (R24)."""

from sqlalchemy import select, update

from pfinbox.domain.contract.envelope import Message
from pfinbox.domain.contract.reason import Reason
from pfinbox.domain.model import Account
from pfinbox.domain.outbound.delivery import MOVES, Event, State
from pfinbox.services.outbound import delivery_failure, send_recovery, shared_parts
from pfinbox.store import tables as t
from pfinbox.store.uow import UnitOfWork
from pfinbox.store.write import deliveries


async def believe(uow: UnitOfWork, account: Account, message: Message) -> bool:
    """Mark what the bounce is about as failed; False when it is about nothing of ours.

    What has failed already is known: the same bounce, or the next about the same, changes nothing.
    """
    reason = message.bounce_reason or Reason("bounced", {"detail": ""})
    rows = (
        await uow.connection.execute(
            select(t.delivery.c.id, t.delivery.c.state, t.part.c.id.label("part_id"))
            .join(t.delivery_part, t.delivery_part.c.delivery_id == t.delivery.c.id)
            .join(t.part, t.part.c.id == t.delivery_part.c.part_id)
            .where(
                t.part.c.account_id == account.id,
                t.part.c.source_id.in_(message.bounced),
                t.delivery.c.state.in_((*MOVES[Event.BOUNCED].sources, State.FAILED)),
            )
        )
    ).all()
    # Several recipients shared one mail: the bounce names its own, when it names one.
    named = [str(one).lower() for one in reason.args.get("recipients", ())]
    ids = {row.id for row in rows}
    if named and len(ids) > 1:
        ids = set(
            await uow.connection.scalars(
                select(t.delivery.c.id).where(
                    t.delivery.c.id.in_(ids), t.delivery.c.address.in_(named)
                )
            )
        )
    if not ids:
        return False
    left = [row for row in rows if row.id in ids and row.state != State.FAILED]
    parts = {row.id: row.part_id for row in left}
    for delivery_id, part_id in sorted(parts.items()):
        # It can only come back once it was handed over: the others of one mail have it (R24).
        await send_recovery.proven(uow, part_id)
        await delivery_failure.arise(uow, Event.BOUNCED, delivery_id, reason)
        # It is to be sent again whole, when somebody says so, and to this one alone.
        if not await shared_parts.leave(uow, delivery_id, missed=part_id):
            await deliveries.move_parts(uow, Event.BOUNCED, [part_id])
        if not reason.args.get("permanent", False):
            continue  # a full mailbox is nothing against the address
        address = await uow.connection.scalar(
            select(t.delivery.c.address).where(t.delivery.c.id == delivery_id)
        )
        await uow.connection.execute(
            update(t.address)
            .where(t.address.c.channel == account.channel, t.address.c.value == address)
            .values(bounced_at=uow.now)
        )
    uow.touch("tasks", "outbox", "contacts")
    return True
