"""Deliveries and parts, as the rules about what became of them look at them."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import and_, bindparam, exists, func, or_, select

from pfinbox.domain.outbound.bounces import Handed
from pfinbox.domain.outbound.delivery import MOVES, Attempts, PartState, State, Step
from pfinbox.record import record
from pfinbox.store import tables as t
from pfinbox.store.uow import UnitOfWork

_ATTEMPTS = select(
    t.delivery.c.id,
    t.delivery.c.address,
    t.delivery.c.attempts,
    t.delivery.c.first_tried_at,
    t.delivery.c.doubted,
).where(t.delivery.c.id.in_(bindparam("ids", expanding=True)))
_root = t.task.alias("root")
# It had a moment of its own; or it was taken for failed, and the client for waiting.
_ANSWERS = or_(t.comment.c.due_at.is_not(None), _root.c.waiting_since.is_not(None))
_SENT = (
    select(t.comment.c.id, _root.c.id, _ANSWERS)
    .join(t.task, t.task.c.id == t.comment.c.task_id)
    .join(_root, _root.c.id == t.task.c.root_id)
    .join(t.delivery, t.delivery.c.comment_id == t.comment.c.id)
    .where(
        t.delivery.c.id.in_(bindparam("ids", expanding=True)),
        t.delivery.c.chat_id.is_not(None),  # else only a colleague was told
    )
    .distinct()
    .order_by(t.comment.c.id)
)


_UNDER_WAY = (
    select(
        t.delivery.c.id,
        t.delivery.c.account_id,
        t.delivery.c.state,
        t.delivery.c.lease_id,
        t.delivery.c.epoch,
        t.delivery.c.attempts,
        t.delivery.c.first_tried_at,
    )
    .join(t.account, t.account.c.id == t.delivery.c.account_id)
    .where(t.delivery.c.state.in_((State.SENDING, State.TRANSMITTING)))
)
_over = exists().where(t.lease.c.id == t.delivery.c.lease_id, t.lease.c.released_at.is_not(None))
# An account that is configured no longer has no holder who could come for it.
_OURS_TO_RECOVER = _UNDER_WAY.where(
    or_(
        t.account.c.lease_id == bindparam("holder"),
        and_(t.account.c.configured.is_(False), _over),
    )
)
_LEFT_BEHIND = _UNDER_WAY.where(
    t.account.c.id == bindparam("account"),
    t.delivery.c.lease_id.is_distinct_from(bindparam("holder")),
)


async def attempts(uow: UnitOfWork, delivery_ids: Collection[int]) -> list[Attempts]:
    rows = await uow.connection.execute(_ATTEMPTS, {"ids": list(delivery_ids)})
    return [Attempts(*row) for row in rows]


@record
class SentComment:
    """A comment that a contact has now; ``answers``: it did not count as an answer until now."""

    comment_id: int
    root_id: int
    answers: bool


async def sent_comments(uow: UnitOfWork, delivery_ids: Collection[int]) -> list[SentComment]:
    """The comments of these deliveries to contacts."""
    rows = await uow.connection.execute(_SENT, {"ids": list(delivery_ids)})
    return [SentComment(*row) for row in rows]


async def part(uow: UnitOfWork, part_id: int) -> tuple[PartState, str | None] | None:
    """State and source id; None once it is purged."""
    row = (
        await uow.connection.execute(
            select(t.part.c.state, t.part.c.source_id).where(t.part.c.id == part_id)
        )
    ).first()
    return (PartState(row.state), row.source_id) if row is not None else None


async def parts(uow: UnitOfWork, delivery_id: int, state: PartState | None = None) -> list[int]:
    """The parts of a delivery, or those in this state."""
    query = select(t.delivery_part.c.part_id).where(t.delivery_part.c.delivery_id == delivery_id)
    if state is not None:
        query = query.join(t.part, t.part.c.id == t.delivery_part.c.part_id).where(
            t.part.c.state == state
        )
    return list(await uow.connection.scalars(query.order_by(t.delivery_part.c.part_id)))


async def wholly_sent(uow: UnitOfWork, part_id: int) -> list[int]:
    """The deliveries of a part that have no unsent part."""
    others = t.delivery_part.alias("others")
    unsent = (
        select(others.c.delivery_id)
        .join(t.part, t.part.c.id == others.c.part_id)
        .where(t.part.c.state != PartState.SENT)
    )
    found = await uow.connection.scalars(
        select(t.delivery_part.c.delivery_id).where(
            t.delivery_part.c.part_id == part_id, t.delivery_part.c.delivery_id.not_in(unsent)
        )
    )
    return list(found)


@record
class SharedPart:
    id: int
    state: str
    sent_at: datetime | None


async def shared_parts(uow: UnitOfWork, delivery_id: int) -> list[SharedPart]:
    """The parts of a delivery that other deliveries have, too."""
    shared = t.delivery_part.alias("shared")
    rows = await uow.connection.execute(
        select(t.part.c.id, t.part.c.state, t.part.c.sent_at)
        .join(t.delivery_part, t.delivery_part.c.part_id == t.part.c.id)
        .where(
            t.delivery_part.c.delivery_id == delivery_id,
            t.part.c.id.in_(select(shared.c.part_id).where(shared.c.delivery_id != delivery_id)),
        )
        .order_by(t.part.c.id)
    )
    return [SharedPart(*row) for row in rows]


@record
class NamedPart:
    """A part by its source id, with a recipient of it."""

    id: int
    source_id: str
    state: str
    address: str


async def named_parts(
    uow: UnitOfWork, account_id: int, source_ids: Collection[str]
) -> list[NamedPart]:
    """Parts with these source ids, once for each recipient."""
    rows = await uow.connection.execute(
        select(t.part.c.id, t.part.c.source_id, t.part.c.state, t.delivery.c.address)
        .join(t.delivery_part, t.delivery_part.c.part_id == t.part.c.id)
        .join(t.delivery, t.delivery.c.id == t.delivery_part.c.delivery_id)
        .where(t.part.c.account_id == account_id, t.part.c.source_id.in_(source_ids))
    )
    return [NamedPart(*row) for row in rows]


async def bounceable(uow: UnitOfWork, account_id: int, source_ids: Collection[str]) -> list[Handed]:
    """Deliveries of the mails with these ids that can have come back, with their parts."""
    states = (*MOVES[Step.BOUNCED].sources, State.FAILED)
    rows = await uow.connection.execute(
        select(t.delivery.c.id, t.part.c.id, t.delivery.c.state, t.delivery.c.address)
        .join(t.delivery_part, t.delivery_part.c.delivery_id == t.delivery.c.id)
        .join(t.part, t.part.c.id == t.delivery_part.c.part_id)
        .where(
            t.part.c.account_id == account_id,
            t.part.c.source_id.in_(source_ids),
            t.delivery.c.state.in_(states),
        )
    )
    return [Handed(*row) for row in rows]


@record
class UnderWay:
    """A delivery that a daemon has claimed or handed over, and nothing more is known."""

    id: int
    account_id: int
    state: str
    lease_id: int
    epoch: int
    attempts: int
    first_tried_at: datetime | None


async def under_way(uow: UnitOfWork, lease_id: int) -> list[UnderWay]:
    """What this daemon may look after: of its accounts, and of those that have none any more."""
    rows = await uow.connection.execute(_OURS_TO_RECOVER, {"holder": lease_id})
    return [UnderWay(*row) for row in rows]


async def left_behind(uow: UnitOfWork, account_id: int, lease_id: int) -> list[UnderWay]:
    """What other daemons had under way on an account that this one has now."""
    rows = await uow.connection.execute(_LEFT_BEHIND, {"account": account_id, "holder": lease_id})
    return [UnderWay(*row) for row in rows]


@record
class Trouble:
    """Whom a delivery that did not arrive concerns; the task is the root."""

    comment_id: int
    # To a colleague: it changes nothing but its own state.
    notice: bool
    author_id: int | None
    task_id: int
    assignee_id: int | None
    active: bool
    purged: bool
    # It is hidden until a moment, or was until one that has passed.
    asleep: bool


async def trouble(uow: UnitOfWork, delivery_id: int) -> Trouble:
    root = t.task.alias("root")
    row: Any = (
        await uow.connection.execute(
            select(
                t.delivery.c.comment_id,
                t.delivery.c.notice.is_not(None),
                t.comment.c.agent_id,
                root.c.id,
                root.c.assignee_agent_id,
                root.c.active,
                root.c.purged_at.is_not(None),
                root.c.snoozed_until.is_not(None),
            )
            .join(t.comment, t.comment.c.id == t.delivery.c.comment_id)
            .join(t.task, t.task.c.id == t.comment.c.task_id)
            .join(root, root.c.id == t.task.c.root_id)
            .where(t.delivery.c.id == delivery_id)
        )
    ).one()
    return Trouble(*row)


async def acknowledged(
    uow: UnitOfWork, account_id: int, address: str, day: datetime, hour: datetime
) -> tuple[int, int]:
    """Acknowledgements to an address and by an account since then, whatever became of them."""
    lately = (
        select(func.count())
        .select_from(t.delivery)
        .join(t.comment, t.comment.c.id == t.delivery.c.comment_id)
        .where(t.comment.c.automatic, t.comment.c.direction == "outgoing")
    )
    to_address = lately.where(t.comment.c.created_at > day, t.delivery.c.address == address)
    by_account = lately.where(t.comment.c.created_at > hour, t.delivery.c.account_id == account_id)
    counts = select(to_address.scalar_subquery(), by_account.scalar_subquery())
    row = (await uow.connection.execute(counts)).one()
    return int(row[0]), int(row[1])
