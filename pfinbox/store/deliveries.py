"""The only place that writes the state of a delivery or of a part.

Every write names the states that the event moves, and where the event is its claimant's, the claim:
whatever has become of the row meanwhile by somebody else's hand stays as it is.
"""

from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import bindparam, or_, update

from pfinbox.domain.outbound.delivery import MOVES, PART_MOVES, Claim, Event, State
from pfinbox.store import tables as t
from pfinbox.store.uow import UnitOfWork

# A delivery in one of these is its claimant's; in the last one only to hear of a late answer.
_CLAIMED = (State.SENDING, State.TRANSMITTING, State.UNKNOWN)


async def move(
    uow: UnitOfWork,
    event: Event,
    delivery_ids: Collection[int],
    claim: Claim | None = None,
    **values: object,
) -> set[int]:
    """Let the event happen to those of these deliveries that it may happen to; returns them.

    ``claim``: the claimant's; with ``Event.CLAIMED`` the new one. ``values`` are written with it.
    """
    move = MOVES[event]
    changed = update(t.delivery).where(
        t.delivery.c.id.in_(delivery_ids), t.delivery.c.state.in_(sorted(move.sources))
    )
    written: dict[Any, Any] = dict(values)
    if event is Event.CLAIMED:
        if claim is None:
            raise ValueError("a claim names its claimant")
        written |= {"lease_id": claim.lease_id, "epoch": claim.epoch}
    elif move.claimed:
        if claim is None:
            raise ValueError(f"{event}: only its claimant says so")
        changed = changed.where(
            t.delivery.c.lease_id == claim.lease_id, t.delivery.c.epoch == claim.epoch
        )
    if move.to is not None:
        written["state"] = move.to.value
        if move.to not in _CLAIMED:
            written["lease_id"] = None
    elif not written:
        written["state"] = t.delivery.c.state
    done = await uow.connection.scalars(changed.values(written).returning(t.delivery.c.id))
    uow.touch("outbox", "tasks")
    return set(done)


async def move_each(
    uow: UnitOfWork, event: Event, claims: Mapping[int, Claim], **values: object
) -> set[int]:
    """The same for deliveries of several claims, by their ids; most have one epoch."""
    by_claim: dict[Claim, list[int]] = {}
    for delivery_id, claim in claims.items():
        by_claim.setdefault(claim, []).append(delivery_id)
    moved: set[int] = set()
    for claim, delivery_ids in by_claim.items():
        moved |= await move(uow, event, delivery_ids, claim, **values)
    return moved


async def move_each_part(
    uow: UnitOfWork, event: Event, source_ids: Mapping[int, str | None], **values: object
) -> None:
    """Let the event happen to these parts, each with its own source id."""
    sources, to = PART_MOVES[event]
    changed = (
        update(t.part)
        # No list of states: the driver does many rows with a fixed number of values.
        .where(
            t.part.c.id == bindparam("moved_id"),
            or_(*(t.part.c.state == source.value for source in sorted(sources))),
        )
        .values(state=to.value, source_id=bindparam("its_source_id"), **values)
    )
    rows = [{"moved_id": one, "its_source_id": value} for one, value in source_ids.items()]
    await uow.connection.execute(changed, rows)


async def move_parts(
    uow: UnitOfWork, event: Event, part_ids: Collection[int], **values: object
) -> set[int]:
    """The same for the parts of deliveries that the event has happened to."""
    sources, to = PART_MOVES[event]
    done = await uow.connection.scalars(
        update(t.part)
        .where(t.part.c.id.in_(part_ids), t.part.c.state.in_(sorted(sources)))
        .values(state=to.value, **values)
        .returning(t.part.c.id)
    )
    return set(done)
