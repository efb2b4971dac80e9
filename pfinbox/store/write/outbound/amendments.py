"""Writing changes of what clients have already (R11)."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select, update

from pfinbox.domain.contract.amending import AmendmentState
from pfinbox.domain.contract.reason import Reason
from pfinbox.domain.outbound.amending import PartChange
from pfinbox.store import tables as t
from pfinbox.store.uow import UnitOfWork

_PENDING = t.amendment.c.state == AmendmentState.PENDING


async def queue(
    uow: UnitOfWork, agent_id: int, comment_id: int, changes: Sequence[PartChange]
) -> None:
    """Queue amendments of parts; older ones of the same parts are dropped."""
    ids = [change.part_id for change in changes]
    await uow.connection.execute(
        update(t.amendment)
        .where(t.amendment.c.part_id.in_(ids), _PENDING)
        .values(state=AmendmentState.DROPPED)
    )
    accounts = {
        row.id: row.account_id
        for row in await uow.connection.execute(
            select(t.part.c.id, t.part.c.account_id).where(t.part.c.id.in_(ids))
        )
    }
    await uow.connection.execute(
        insert(t.amendment),
        [
            {
                "comment_id": comment_id,
                "part_id": change.part_id,
                "account_id": accounts[change.part_id],
                "agent_id": agent_id,
                "kind": change.kind.value,
                "state": AmendmentState.PENDING.value,
                "text": change.text,
                "attempts": 0,
                "due_at": uow.now,
                "created_at": uow.now,
            }
            for change in changes
        ],
    )
    uow.touch("outbox", "tasks")


async def end(
    uow: UnitOfWork, ids: Collection[int], state: AmendmentState, error: Reason | None = None
) -> bool:
    """End amendments in this state; False when newer ones have replaced them all."""
    changed = await uow.connection.execute(
        update(t.amendment)
        .where(t.amendment.c.id.in_(ids), _PENDING)
        .values(
            state=state.value,
            attempts=t.amendment.c.attempts + 1,
            error=error.as_json() if error is not None else None,
            done_at=uow.now if state is AmendmentState.DONE else None,
        )
    )
    uow.touch("outbox", "tasks")
    return changed.rowcount > 0


async def put_off(uow: UnitOfWork, amendment_id: int, at: datetime, error: Reason) -> None:
    """Put an amendment off until that moment."""
    await uow.connection.execute(
        update(t.amendment)
        .where(t.amendment.c.id == amendment_id, _PENDING)
        .values(attempts=t.amendment.c.attempts + 1, due_at=at, error=error.as_json())
    )
    uow.touch("outbox", "tasks")


async def has_text(uow: UnitOfWork, amendment_id: int, text: str) -> None:
    """Keep the text that the part of an amendment has now."""
    row: Any = (
        await uow.connection.execute(
            select(t.part.c.id, t.part.c.content)
            .join(t.amendment, t.amendment.c.part_id == t.part.c.id)
            .where(t.amendment.c.id == amendment_id)
        )
    ).one()
    await uow.change(t.part, row.id, content={**row.content, "text": text})
