"""The deliveries that the other side tells something of, some time after it took them (R24)."""

from datetime import datetime

from sqlalchemy import ColumnElement, and_, select

from pfinbox.domain.outbound.bounces import Handed
from pfinbox.domain.outbound.delivery import MOVES, PartState, State, Step
from pfinbox.domain.outbound.doubts import Doubt
from pfinbox.domain.outbound.outgoing import words
from pfinbox.store import tables as t
from pfinbox.store.uow import UnitOfWork


async def reported(
    uow: UnitOfWork, account_id: int, source_id: str, nonce: str = ""
) -> list[Handed]:
    """Deliveries of our message with this id, ours or the other side's, that had left.

    ``nonce``: or of the part with this one.
    """
    aliased = select(t.comment_alias.c.part_id).where(
        t.comment_alias.c.account_id == account_id, t.comment_alias.c.source_id == source_id
    )
    named = select(t.part.c.id).where(
        t.part.c.account_id == account_id, t.part.c.source_id == source_id
    )
    ours = select(t.part.c.id).where(t.part.c.account_id == account_id, t.part.c.nonce == nonce)
    return await _handed(uow, t.part.c.id.in_(named.union(aliased, *([ours] if nonce else []))))


async def reported_until(
    uow: UnitOfWork, account_id: int, chat_key: str, until: datetime
) -> list[Handed]:
    """Deliveries that had left in a chat when they were handed over then or earlier."""
    chat = select(t.chat.c.id).where(t.chat.c.account_id == account_id, t.chat.c.key == chat_key)
    return await _handed(
        uow,
        and_(
            t.delivery.c.chat_id == chat.scalar_subquery(),
            t.delivery.c.first_tried_at <= until,
            # What was seen already stays as it is.
            t.delivery.c.seen_at.is_(None),
            t.delivery.c.state == State.SENT,
        ),
    )


async def in_doubt(uow: UnitOfWork, account_id: int, chat_key: str) -> list[Doubt]:
    """The parts in a chat that may have arrived, also where a person says that they did."""
    rows = await uow.connection.execute(
        select(t.part.c.id, t.part.c.comment_id, t.part.c.content, t.delivery.c.due_at)
        .join(t.delivery_part, t.delivery_part.c.part_id == t.part.c.id)
        .join(t.delivery, t.delivery.c.id == t.delivery_part.c.delivery_id)
        .join(t.chat, t.chat.c.id == t.delivery.c.chat_id)
        .where(
            t.chat.c.account_id == account_id,
            t.chat.c.key == chat_key,
            t.delivery.c.state.in_((State.TRANSMITTING, State.UNKNOWN, State.SENT)),
            t.part.c.state.in_((PartState.TRANSMITTING, PartState.UNKNOWN)),
        )
        .order_by(t.part.c.id)
    )
    return [Doubt(row.id, row.comment_id, words(row.content), row.due_at) for row in rows]


async def _handed(uow: UnitOfWork, which: ColumnElement[bool]) -> list[Handed]:
    states = (*MOVES[Step.BOUNCED].sources, State.FAILED)
    rows = await uow.connection.execute(
        select(t.delivery.c.id, t.part.c.id, t.delivery.c.state, t.delivery.c.address)
        .join(t.delivery_part, t.delivery_part.c.delivery_id == t.delivery.c.id)
        .join(t.part, t.part.c.id == t.delivery_part.c.part_id)
        .where(which, t.delivery.c.state.in_(states))
        .order_by(t.delivery.c.id)
    )
    return [Handed(*row) for row in rows]
