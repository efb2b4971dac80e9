"""Writing messages to be sent, and what follows when one left or did not."""

import secrets
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import insert, update

from pfinbox.domain.outbound.delivery import PartState, State
from pfinbox.domain.outbound.queueing import Message
from pfinbox.store import moments
from pfinbox.store import tables as t
from pfinbox.store.uow import UnitOfWork


async def queue_deliveries(
    uow: UnitOfWork,
    comment_id: int,
    chat_id: int,
    message: Message,
    state: State,
    due_at: datetime,
    position: int,
) -> list[int]:
    """Add a delivery for each recipient of a message; returns their ids."""
    ids = [
        await uow.add(
            t.delivery,
            comment_id=comment_id,
            contact_id=row.recipient.id,
            account_id=message.account.id,
            chat_id=chat_id,
            address=row.address or "",
            state=state.value,
            due_at=due_at,
            position=position,
            copy=row.copy,
            later_address=row.later.address if row.later is not None else None,
            later_account_id=row.later.account.id if row.later is not None else None,
            template=message.template,
        )
        for row in message.rows
    ]
    for delivery_id in ids:
        uow.note(
            "delivery",
            account=message.account.id,
            comment=comment_id,
            delivery=delivery_id,
            step="queued",
            state=state.value,
        )
    return ids


async def queue_parts(
    uow: UnitOfWork,
    comment_id: int,
    chat_id: int,
    account_id: int,
    delivery_ids: Collection[int],
    contents: Sequence[Mapping[str, Any]],
) -> None:
    """Add the parts of a message, which its deliveries share."""
    for position, content in enumerate(contents):
        part_id = await uow.add(
            t.part,
            comment_id=comment_id,
            account_id=account_id,
            chat_id=chat_id,
            position=position,
            state=PartState.PENDING,
            nonce=secrets.token_hex(8),
            content=content,
        )
        await uow.connection.execute(
            insert(t.delivery_part),
            [{"delivery_id": one, "part_id": part_id} for one in delivery_ids],
        )


async def expect_answers(uow: UnitOfWork, sent: Sequence[tuple[int, str, int]]) -> None:
    """Keep ids that answers will name (account, source id, chat).

    The answer may be here before we know that the message left.
    """
    rows = [
        {"account_id": account_id, "source_id": source_id, "chat_id": chat_id}
        for account_id, source_id, chat_id in sent
    ]
    await uow.add_missing(t.known_id, rows)


async def count_as_answer(uow: UnitOfWork, comment_id: int) -> None:
    """Forget a comment's own moment, which is past: it counts as an answer (R41)."""
    await uow.change(t.comment, comment_id, due_at=None)


async def show_trouble(uow: UnitOfWork, task_id: int, reopened: str | None = None) -> None:
    """Wake a task whose delivery failed; ``reopened``: the active status that it gets (R24)."""
    values: dict[str, object] = {"snoozed_until": None, "last_activity_at": moments.active_now(uow)}
    if reopened is not None:
        values |= {"status": reopened, "active": True, "closed_at": None}
    await uow.connection.execute(update(t.task).where(t.task.c.id == task_id).values(**values))


async def change_comment(uow: UnitOfWork, comment_id: int, **values: object) -> None:
    """Set columns of a comment that has not left."""
    await uow.change(t.comment, comment_id, **values)
    uow.touch("outbox", "tasks")


async def change_contents(uow: UnitOfWork, contents: Mapping[int, Mapping[str, Any]]) -> None:
    """Change the contents of parts, by their ids."""
    for part_id, content in contents.items():
        await uow.change(t.part, part_id, content=content)


async def copy_part(uow: UnitOfWork, delivery_id: int, part_id: int, **changed: object) -> None:
    """Give the delivery a part of its own in place of one that it shares."""
    row = (await uow.connection.execute(t.part.select().where(t.part.c.id == part_id))).one()
    kept = ("comment_id", "account_id", "chat_id", "position", "source_id", "content")
    copy = await uow.add(t.part, **{name: getattr(row, name) for name in kept}, **changed)
    await uow.connection.execute(
        t.delivery_part.delete().where(
            t.delivery_part.c.delivery_id == delivery_id, t.delivery_part.c.part_id == part_id
        )
    )
    await uow.connection.execute(
        insert(t.delivery_part).values(delivery_id=delivery_id, part_id=copy)
    )
