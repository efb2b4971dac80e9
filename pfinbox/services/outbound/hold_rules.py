"""Why a due delivery is held for a person (R18)."""

from collections.abc import Collection
from datetime import timedelta
from typing import Any

from sqlalchemy import exists, or_, select

from pfinbox.domain.contract.reason import Reason
from pfinbox.domain.model import Notify, Who
from pfinbox.domain.outbound.delivery import State
from pfinbox.domain.outbound.plan import goes_on, plan_delivery
from pfinbox.store import client_wrote, snapshots
from pfinbox.store import tables as t
from pfinbox.store.uow import UnitOfWork

LATE_HOURS = 4


async def hold(uow: UnitOfWork, delivery_ids: Collection[int]) -> dict[int, Reason]:
    """Why these due deliveries must wait for a person; whatever may go is not among them."""
    root = t.task.alias("root")
    rows = (
        await uow.connection.execute(
            select(
                t.delivery.c.id,
                t.delivery.c.state,
                t.delivery.c.due_at,
                t.delivery.c.chat_id,
                t.delivery.c.contact_id,
                t.comment.c.created_at,
                t.comment.c.id.label("comment_id"),
                t.comment.c.send_anyway,
                t.comment.c.looked_at_id,
                t.comment.c.quote_id,
                t.task.c.root_id,
                root.c.deleted_at,
                t.agent.c.active.label("author_active"),
                t.chat.c.blocked_at,
                _blocked_address().label("address_blocked"),
            )
            .join(t.comment, t.comment.c.id == t.delivery.c.comment_id)
            .join(t.task, t.task.c.id == t.comment.c.task_id)
            .join(root, root.c.id == t.task.c.root_id)
            .outerjoin(t.agent, t.agent.c.id == t.comment.c.agent_id)
            .outerjoin(t.chat, t.chat.c.id == t.delivery.c.chat_id)
            .join(t.account, t.account.c.id == t.delivery.c.account_id)
            .where(t.delivery.c.id.in_(delivery_ids))
            .order_by(t.delivery.c.id)
        )
    ).all()
    reasons = {row.id: await _why(uow, row) for row in rows}
    return {delivery_id: reason for delivery_id, reason in reasons.items() if reason is not None}


async def _why(uow: UnitOfWork, row: Any) -> Reason | None:
    if row.deleted_at is not None:
        return Reason("task_deleted")
    if row.blocked_at is not None or row.address_blocked:
        return Reason("contact_blocked")
    if row.state != State.SCHEDULED:
        return None
    if row.author_active is False:
        return Reason("author_deactivated")
    limit = (await snapshots.setting(uow, "inbox") or {}).get("late_limit_hours", LATE_HOURS)
    late = uow.now - row.due_at
    if late > timedelta(hours=limit):
        return Reason("missed_by", {"hours": int(late.total_seconds() // 3600)})
    if await _channel_changed(uow, row):
        return Reason("channel_changed")
    if await _quotes_elsewhere(uow, row):
        return Reason("quote_elsewhere")
    if (newer := await _goes_on(uow, row)) is not None:
        return newer
    if row.send_anyway:
        return None
    wrote = await uow.connection.scalar(
        select(t.comment.c.id)
        .join(t.task, t.task.c.id == t.comment.c.task_id)
        .where(
            # Their chat goes on in a newer task once this one is finished (R6).
            or_(t.task.c.root_id == row.root_id, t.comment.c.chat_id == row.chat_id),
            client_wrote.client_wrote(),
            t.comment.c.id > max(row.comment_id, row.looked_at_id or 0),
        )
        .limit(1)
    )
    return Reason("client_wrote") if wrote is not None else None


async def _quotes_elsewhere(uow: UnitOfWork, row: Any) -> bool:
    """Whether the quoted comment went with another task meanwhile: it may be another client's."""
    root = await uow.connection.scalar(
        select(t.task.c.root_id)
        .join(t.comment, t.comment.c.task_id == t.task.c.id)
        .where(t.comment.c.id == row.quote_id)
    )
    return root is not None and root != row.root_id


async def _goes_on(uow: UnitOfWork, row: Any) -> Reason | None:
    """The newer open task of its chat, where its own was finished meanwhile (R4)."""
    task = await snapshots.task(uow, row.root_id)
    chat = next((chat for chat in task.chats if chat.id == row.chat_id), None)
    return goes_on(task, chat, chat.address or chat.key) if chat is not None else None


def _blocked_address() -> Any:
    """Whether the delivery goes to an address marked as spam (R42); ids of accounts are theirs."""
    return exists().where(
        t.address.c.channel == t.account.c.channel,
        t.address.c.scope.in_([0, t.account.c.id]),
        t.address.c.value == t.delivery.c.address,
        t.address.c.blocked_at.is_not(None),
    )


async def _channel_changed(uow: UnitOfWork, row: Any) -> bool:
    """Whether a merge since the comment was written made its recipient's channel another one."""
    members = select(t.task.c.id).where(t.task.c.root_id == row.root_id)
    aside = await uow.connection.scalar(
        select(t.binding.c.id)
        .where(
            t.binding.c.chat_id == row.chat_id, t.binding.c.task_id.in_(members), t.binding.c.aside
        )
        .limit(1)
    )
    if aside is not None:
        # The author chose another way than the task's own, so a merge changed nothing.
        return False
    merged = await uow.connection.scalar(
        select(t.merge.c.id)
        .where(
            t.merge.c.kind == "task",
            t.merge.c.undone_at.is_(None),
            t.merge.c.at > row.created_at,
            t.merge.c.other_id.in_(members),
        )
        .limit(1)
    )
    if merged is None or row.contact_id is None:
        return False
    who = Who("contact", await snapshots.contact_root(uow, row.contact_id))
    if await _in_copy(uow, row, who.id):
        return False
    task = await snapshots.task(uow, row.root_id)
    plan = plan_delivery(task, Notify((who,)), await snapshots.people(uow, [who]))
    return row.chat_id not in {one.chat_id for one in plan.rows}


async def _in_copy(uow: UnitOfWork, row: Any, contact_id: int) -> bool:
    """Whether the recipient is in Cc of a thread whose own contact gets the comment, too (R45)."""
    owner, reader = t.contact.alias("owner"), t.contact.alias("reader")
    found = await uow.connection.scalar(
        select(t.delivery.c.id)
        .join(t.chat, t.chat.c.id == t.delivery.c.chat_id)
        .join(owner, owner.c.id == t.chat.c.contact_id)
        .join(reader, reader.c.id == t.delivery.c.contact_id)
        .where(
            t.delivery.c.comment_id == row.comment_id,
            t.delivery.c.chat_id == row.chat_id,
            reader.c.root_id == owner.c.root_id,
            owner.c.root_id != contact_id,
        )
        .limit(1)
    )
    return found is not None
