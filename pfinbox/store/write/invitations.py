"""Writing invitations; of a token the store keeps only its hash (R30)."""

from datetime import datetime

from sqlalchemy import insert, update

from pfinbox.record import record
from pfinbox.store import tables as t
from pfinbox.store.uow import UnitOfWork


@record
class Used:
    """An invitation that has just been used up: to which task, and who invited."""

    task_id: int
    agent_id: int | None


async def add(uow: UnitOfWork, token_hash: str, expires_at: datetime, **values: object) -> None:
    """Add an invitation."""
    await uow.connection.execute(
        insert(t.invitation).values(token_hash=token_hash, expires_at=expires_at, **values)
    )
    uow.touch("tasks")


async def use(uow: UnitOfWork, account_id: int, token_hash: str) -> Used | None:
    """Use an invitation up; None where it is used, expired or another account's."""
    row = (
        await uow.connection.execute(
            update(t.invitation)
            .where(
                t.invitation.c.token_hash == token_hash,
                t.invitation.c.account_id == account_id,
                t.invitation.c.used_at.is_(None),
                t.invitation.c.expires_at > uow.now,
            )
            .values(used_at=uow.now)
            .returning(t.invitation.c.task_id, t.invitation.c.agent_id)
        )
    ).first()
    return Used(*row) if row is not None else None


async def joined(uow: UnitOfWork, token_hash: str, chat_id: int) -> None:
    """Keep that a chat joined its task by this invitation."""
    await uow.connection.execute(
        update(t.invitation).where(t.invitation.c.token_hash == token_hash).values(chat_id=chat_id)
    )
