"""Queueing a saved comment: a delivery for each recipient, a part for each call or mail."""

import secrets
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select

from pfinbox.domain.contract.envelope import Forwarded
from pfinbox.domain.contract.parts import cut
from pfinbox.domain.model import Task
from pfinbox.domain.outbound.delivery import PartState, State
from pfinbox.domain.outbound.delivery_plan import DeliveryPlan, PlanRow
from pfinbox.domain.recipients.original import Original, quoted_above
from pfinbox.domain.text.cleaning import clean_line
from pfinbox.store import load, write
from pfinbox.store import tables as t
from pfinbox.store.uow import UnitOfWork


async def queue(  # noqa: PLR0913
    uow: UnitOfWork,
    task: Task,
    comment_id: int,
    plan: DeliveryPlan,
    text: str,
    attachment_ids: list[int],
    due_at: datetime,
    *,
    scheduled: bool,
    answered: Original | None = None,
    quotes: bool = False,
    forwarded: Sequence[Forwarded] = (),
) -> None:
    """Deliveries and parts: the rows of one group share one message.

    ``answered``: the comment that it answers; ``quotes``: its words go along.
    """
    quote_id = answered.id if answered is not None else None
    groups: dict[int, list[PlanRow]] = {}
    for row in plan.rows:
        if row.account is not None:
            groups.setdefault(row.group, []).append(row)
    state = State.SCHEDULED if scheduled else State.PENDING
    for position, rows in enumerate(groups.values()):
        first = rows[0]
        account = first.account
        if account is None:
            continue
        chat_id = next((row.chat_id for row in rows if row.chat_id is not None), None)
        if chat_id is None:
            # An answer goes on under the subject of the mail that it answers.
            subject = (answered.subject if answered is not None else None) or task.title
            if forwarded:
                subject = f"Fwd: {forwarded[0].subject or task.title}"
            chat_id = await _new_thread(uow, task, first, subject, outside=bool(forwarded))
        elif task.open and chat_id not in {chat.id for chat in task.chats}:
            await _answers_come_here(uow, task, chat_id)
        delivery_ids = [
            await uow.add(
                t.delivery,
                comment_id=comment_id,
                contact_id=row.recipient.id,
                account_id=account.id,
                chat_id=chat_id,
                address=row.address or "",
                state=state.value,
                due_at=due_at,
                position=position,
            )
            for row in rows
        ]
        above = ""
        if quotes and answered is not None:
            above = quoted_above(answered, account, chat_id)
        for number, piece in enumerate(cut(above + text, len(attachment_ids), account.limits)):
            part_id = await uow.add(
                t.part,
                comment_id=comment_id,
                account_id=account.id,
                chat_id=chat_id,
                position=number,
                state=PartState.PENDING,
                nonce=secrets.token_hex(8),
                content={
                    "text": piece.text,
                    "files": [attachment_ids[i] for i in piece.files],
                    "to": [_addressed(row) for row in rows if not row.copy],
                    "cc": [_addressed(row) for row in rows if row.copy],
                    # Only the first part answers the quoted message.
                    "quote": quote_id if number == 0 else None,
                    "quotes": quotes,
                    "above": above if number == 0 else "",
                    "forwarded": [one.as_json() for one in forwarded] if number == 0 else [],
                },
            )
            await uow.connection.execute(
                insert(t.delivery_part),
                [{"delivery_id": d, "part_id": part_id} for d in delivery_ids],
            )


def _addressed(row: PlanRow) -> dict[str, Any]:
    # A card without a name is called by its address, which is no name to write into a mail.
    name = row.name if row.name != row.address else ""
    return {"value": row.address or "", "name": name, "contact": row.recipient.id}


async def _answers_come_here(uow: UnitOfWork, task: Task, chat_id: int) -> None:
    """A messenger's chat of the recipient's, used once (R16): no task that is open has it."""
    await load.chats.lock(uow, [chat_id])
    current = await load.chats.current_task(uow, chat_id)
    if current is None or not current.open:
        await write.chats.move_current(uow, chat_id, task.id, aside=True)


async def _new_thread(
    uow: UnitOfWork, task: Task, row: PlanRow, subject: str, *, outside: bool
) -> int:
    """The chat of a mail that starts a thread: its answers must find this task (R23).

    ``outside``: with somebody to whom something is forwarded; no way to the task's client.
    """
    if row.account is None:
        raise ValueError("a delivery needs an account")
    address = (
        await uow.connection.execute(
            select(t.address.c.id, t.address.c.contact_id)
            .join(t.contact, t.contact.c.id == t.address.c.contact_id)
            .where(
                t.contact.c.root_id == row.recipient.id,
                t.address.c.channel == row.account.channel,
                t.address.c.value == row.address,
            )
            .limit(1)
        )
    ).first()
    chat_id = await uow.add(
        t.chat,
        account_id=row.account.id,
        key=f"started:{secrets.token_hex(8)}",
        # The card that the address stands on: the thread goes back with it when cards are unmerged.
        contact_id=address.contact_id if address is not None else row.recipient.id,
        address_id=address.id if address is not None else None,
        subject=clean_line(subject),
        outside=outside,
        created_at=uow.now,
    )
    await uow.add(
        t.binding,
        task_id=task.id,
        chat_id=chat_id,
        current=True,
        # Its answers come here; what is said here later does not go there (R16).
        aside=row.aside and not outside,
        created_at=uow.now,
    )
    return chat_id
