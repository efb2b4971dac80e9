"""Changes of what clients have already (R11): the parts, what is due, whom it concerns."""

from datetime import datetime
from typing import Any

from sqlalchemy import Select, bindparam, func, select

from pfinbox.domain.contract.amending import Amendment, AmendmentKind, AmendmentState
from pfinbox.domain.outbound.amending import AmendmentJob, SentPart
from pfinbox.domain.outbound.delivery import State
from pfinbox.record import record
from pfinbox.store import snapshots
from pfinbox.store import tables as t
from pfinbox.store.settings import SENDING_IS_HELD
from pfinbox.store.uow import UnitOfWork

_PENDING = t.amendment.c.state == AmendmentState.PENDING
# A daemon asks whenever the outbox changes.
_LEASE_ID: Any = bindparam("lease_id")
_NOW: Any = bindparam("now")
_DUE: Select[Any] = (
    select(t.amendment, t.part.c.source_id, t.part.c.content, t.chat.c.key)
    .join(t.part, t.part.c.id == t.amendment.c.part_id)
    .join(t.chat, t.chat.c.id == t.part.c.chat_id)
    .join(t.account, t.account.c.id == t.amendment.c.account_id)
    .where(
        _PENDING,
        t.amendment.c.due_at <= _NOW,
        t.account.c.lease_id == _LEASE_ID,
        # A database that was restored changes nothing outside either.
        ~SENDING_IS_HELD,
    )
    .order_by(t.amendment.c.id)
    .limit(bindparam("limit"))
)
_NEXT_DUE = (
    select(func.min(t.amendment.c.due_at))
    .join(t.account, t.account.c.id == t.amendment.c.account_id)
    .where(_PENDING, t.account.c.lease_id == _LEASE_ID, t.amendment.c.due_at > _NOW)
)


async def sent_parts(uow: UnitOfWork, comment_id: int) -> list[SentPart]:
    """The parts that clients have or may get, each with the text that it will have."""
    alive = (
        select(t.delivery_part.c.part_id)
        .join(t.delivery, t.delivery.c.id == t.delivery_part.c.delivery_id)
        .where(t.delivery.c.comment_id == comment_id, t.delivery.c.state != State.WITHDRAWN)
    )
    coming = (
        select(t.amendment.c.text)
        .where(
            t.amendment.c.part_id == t.part.c.id,
            _PENDING,
            t.amendment.c.kind == AmendmentKind.EDIT,
        )
        .scalar_subquery()
    )
    rows = await uow.connection.execute(
        select(t.part, coming.label("coming"))
        .where(
            t.part.c.comment_id == comment_id,
            # Without a chat: a notice to a colleague.
            t.part.c.chat_id.is_not(None),
            t.part.c.id.in_(alive),
        )
        .order_by(t.part.c.chat_id, t.part.c.position, t.part.c.id)
    )
    accounts = await snapshots.accounts(uow)
    under_way = await uow.connection.scalar(
        select(t.delivery.c.id)
        .where(
            t.delivery.c.comment_id == comment_id,
            t.delivery.c.state.in_((State.SENDING, State.TRANSMITTING)),
            t.delivery.c.notice.is_(None),
        )
        .limit(1)
    )
    return [
        SentPart(
            id=row.id,
            group=row.chat_id,
            account=accounts[row.account_id],
            state="transmitting" if under_way is not None else row.state,
            text=row.coming if row.coming is not None else row.content["text"],
            files=len(row.content["files"]),
            sent_at=row.sent_at,
            above=row.content["above"],
        )
        for row in rows
    ]


async def due(uow: UnitOfWork, lease_id: int, limit: int) -> list[AmendmentJob]:
    """What is to be done now on the accounts of this lease, oldest first."""
    values = {"now": uow.now, "lease_id": lease_id, "limit": limit}
    rows = (await uow.connection.execute(_DUE, values)).all()
    if not rows:
        return []
    also: dict[int, list[str]] = {}
    for part_id, source_id in await uow.connection.execute(
        select(t.comment_alias.c.part_id, t.comment_alias.c.source_id)
        .where(t.comment_alias.c.part_id.in_([row.part_id for row in rows]))
        .order_by(t.comment_alias.c.source_id)
    ):
        also.setdefault(part_id, []).append(source_id)
    return [
        AmendmentJob(
            row.id,
            row.account_id,
            Amendment(
                kind=AmendmentKind(row.kind),
                chat_key=row.key,
                source_id=row.source_id or "",
                # After a restore a row may have the id of another that is gone.
                nonce=f"amendment {row.id} {row.created_at.isoformat()}",
                also=tuple(also.get(row.part_id, ())),
                text=row.text,
                captioned=bool(row.content["files"]),
            ),
        )
        for row in rows
    ]


async def next_due(uow: UnitOfWork, lease_id: int) -> datetime | None:
    """When the next change of this lease's accounts is due, None when none waits."""
    at: datetime | None = await uow.connection.scalar(
        _NEXT_DUE, {"now": uow.now, "lease_id": lease_id}
    )
    return at


@record
class Queued:
    """An amendment, and whom it concerns; the task is the root."""

    id: int
    attempts: int
    created_at: datetime
    agent_id: int | None
    comment_id: int
    task_id: int


_QUEUED: Select[Any] = (
    select(
        t.amendment.c.id,
        t.amendment.c.attempts,
        t.amendment.c.created_at,
        t.amendment.c.agent_id,
        t.amendment.c.comment_id,
        t.task.c.root_id,
    )
    .join(t.comment, t.comment.c.id == t.amendment.c.comment_id)
    .join(t.task, t.task.c.id == t.comment.c.task_id)
    .order_by(t.amendment.c.id)
)


async def one(uow: UnitOfWork, amendment_id: int) -> Queued:
    query = _QUEUED.where(t.amendment.c.id == amendment_id)
    return Queued(*(await uow.connection.execute(query)).one())


async def pending(uow: UnitOfWork) -> list[Queued]:
    """All that wait."""
    return [Queued(*row) for row in await uow.connection.execute(_QUEUED.where(_PENDING))]
