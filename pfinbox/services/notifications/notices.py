"""Notices by e-mail to agents (R22): deliveries to colleagues, never to a contact.

They go through the same outbox as everything else, beside the comment they tell of: a state, tries
and a visible failure of their own, but nothing that the client or the task's standing depends on.
"""

import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, insert, select, update

from pfinbox.domain.contract.reason import Reason
from pfinbox.domain.model import Account, Agent, Task
from pfinbox.domain.notices import (
    NEWS,
    TOLD,
    TOLD_AN_HOUR,
    notice_content,
    sending_account,
    wants_mail,
)
from pfinbox.domain.outbound.delivery import Event, PartState, State
from pfinbox.errors import NotFound
from pfinbox.services import access
from pfinbox.store import snapshots
from pfinbox.store import tables as t
from pfinbox.store.uow import UnitOfWork
from pfinbox.store.write import deliveries


async def queue_news(
    uow: UnitOfWork,
    task: Task,
    comment_id: int,
    agents: Iterable[Agent],
    *,
    author_id: int | None = None,
    due_at: datetime | None = None,
) -> None:
    """A mail about a comment to those of these agents who want mail and may see the task (R10).

    ``due_at``: when the comment itself leaves; until then it can be taken back.
    """
    wanting = [agent for agent in agents if wants_mail(agent) and agent.id != author_id]
    account = await _account(uow, task) if wanting else None
    if account is None:
        return
    for agent in await access.those_who_see(uow, wanting, task):
        await _queue(uow, account, agent, comment_id, NEWS, due_at or uow.now, None)


async def tell(
    uow: UnitOfWork, task: Task, agent: Agent, comment_id: int, reason: Reason, by: Account
) -> None:
    """Tell an agent at once, at the registered address, that an answer by e-mail went nowhere.

    At most so many an hour, so that nobody can flood an agent with refusals.
    """
    lately = await uow.connection.scalar(
        select(func.count())
        .select_from(t.delivery)
        .join(t.comment, t.comment.c.id == t.delivery.c.comment_id)
        .where(
            t.delivery.c.agent_id == agent.id,
            t.delivery.c.notice == TOLD,
            t.comment.c.created_at > uow.now - timedelta(hours=1),
        )
    )
    if not agent.email or (lately or 0) >= TOLD_AN_HOUR:
        return
    account = await _account(uow, task) or by
    await _queue(uow, account, agent, comment_id, TOLD, uow.now, reason)


async def _account(uow: UnitOfWork, task: Task) -> Account | None:
    known = await snapshots.accounts(uow)
    name = (await snapshots.setting(uow, "inbox") or {}).get("mail_account")
    chosen = next((account.id for account in known.values() if account.name == name), None)
    return sending_account(known.values(), chosen, task.account_id)


async def _queue(
    uow: UnitOfWork,
    account: Account,
    agent: Agent,
    comment_id: int,
    notice: str,
    due_at: datetime,
    reason: Reason | None,
) -> None:
    delivery_id = await uow.add(
        t.delivery,
        comment_id=comment_id,
        agent_id=agent.id,
        account_id=account.id,
        address=agent.email,
        state=State.PENDING,
        due_at=due_at,
        notice=notice,
    )
    part_id = await uow.add(
        t.part,
        comment_id=comment_id,
        account_id=account.id,
        position=0,
        state=PartState.PENDING,
        nonce=secrets.token_hex(8),
        content=notice_content(notice, reason),
    )
    await uow.connection.execute(
        insert(t.delivery_part).values(delivery_id=delivery_id, part_id=part_id)
    )
    uow.touch("outbox")


async def may_leave(uow: UnitOfWork, delivery_id: int) -> bool:
    """Whether a due notice goes out now; else it was withdrawn, or put off like its comment."""
    row = (
        await uow.connection.execute(
            select(
                t.delivery.c.notice,
                t.delivery.c.agent_id,
                t.comment.c.task_id,
                t.comment.c.deleted_at,
                t.comment.c.due_at,
            )
            .join(t.comment, t.comment.c.id == t.delivery.c.comment_id)
            .where(t.delivery.c.id == delivery_id)
        )
    ).one()
    agent = (await snapshots.agents(uow, [row.agent_id]))[row.agent_id]
    if not agent.email or (row.notice == NEWS and not await _still_news(uow, agent, row)):
        await deliveries.move(uow, Event.TAKEN_BACK, [delivery_id])
        return False
    values: dict[str, object]
    if row.notice == NEWS and row.due_at is not None and row.due_at > uow.now:
        values = {"due_at": row.due_at}
    else:
        # The agent's address may have changed since.
        values = {"address": agent.email}
    await uow.connection.execute(
        update(t.delivery).where(t.delivery.c.id == delivery_id).values(**values)
    )
    uow.touch("outbox")
    return "address" in values


async def _still_news(uow: UnitOfWork, agent: Agent, row: Any) -> bool:
    if not (agent.active and agent.notify_by_mail) or row.deleted_at is not None:
        return False
    try:
        task = await snapshots.task(uow, row.task_id)
    except NotFound:  # purged
        return False
    return task.living and await access.may_see(uow, agent, task)
