"""Writing notices by e-mail: deliveries to agents, beside the comment they tell of (R22)."""

import secrets
from datetime import datetime

from sqlalchemy import insert

from pfinbox.domain.contract.reason import Reason
from pfinbox.domain.model import Agent
from pfinbox.domain.notices.notices import notice_content
from pfinbox.domain.outbound.delivery import PartState, State
from pfinbox.store import tables as t
from pfinbox.store.uow import UnitOfWork


async def queue(
    uow: UnitOfWork,
    account_id: int,
    agent: Agent,
    comment_id: int,
    notice: str,
    due_at: datetime,
    reason: Reason | None = None,
) -> None:
    """Queue a mail to an agent about a comment, by this account."""
    delivery_id = await uow.add(
        t.delivery,
        comment_id=comment_id,
        agent_id=agent.id,
        account_id=account_id,
        address=agent.email,
        state=State.PENDING,
        due_at=due_at,
        notice=notice,
    )
    uow.note(
        "delivery",
        account=account_id,
        comment=comment_id,
        delivery=delivery_id,
        step="queued",
        state=State.PENDING.value,
    )
    part_id = await uow.add(
        t.part,
        comment_id=comment_id,
        account_id=account_id,
        position=0,
        state=PartState.PENDING,
        nonce=secrets.token_hex(8),
        content=notice_content(notice, reason),
    )
    await uow.connection.execute(
        insert(t.delivery_part).values(delivery_id=delivery_id, part_id=part_id)
    )
    uow.touch("outbox")


async def change(uow: UnitOfWork, delivery_id: int, **values: object) -> None:
    """Change the moment or the address of a queued notice."""
    await uow.change(t.delivery, delivery_id, **values)
    uow.touch("outbox")
