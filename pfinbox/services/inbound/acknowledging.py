"""A program's answer to a new task's first message, where the account has one (R10, RFC 3834)."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import func, insert, select

from pfinbox.domain.contract.channel import Capability
from pfinbox.domain.inbound.acknowledging import AN_HOUR, PER_SENDER, render
from pfinbox.domain.inbound.arrival import Arrived
from pfinbox.domain.inbound.working_set import WorkingSet
from pfinbox.domain.model import Account, Notify, Who
from pfinbox.domain.outbound.plan import plan_delivery
from pfinbox.domain.text.cleaning import clean
from pfinbox.services.outbound import queueing
from pfinbox.store import moments, snapshots
from pfinbox.store import tables as t
from pfinbox.store.search import index
from pfinbox.store.uow import UnitOfWork


async def acknowledge(
    uow: UnitOfWork, ws: WorkingSet, arrived: Arrived, ids: Mapping[int, int]
) -> None:
    """Queue the account's acknowledgement of the first message of a new task, if it may have one.

    It is an automatic comment: nobody has answered yet, so the task waits as it did before.
    ``ids``: the stored ids by those that ``arrived`` names.
    """
    account, sender = ws.account, arrived.sender
    if account.acknowledgement is None or sender.address_id is None:
        return
    task_id, chat_id = ids[arrived.task_id], ids.get(arrived.chat_id, arrived.chat_id)
    task = await snapshots.task(uow, task_id)
    who = Who("contact", ids.get(sender.contact_id, sender.contact_id))
    addresses: dict[int, str] = {}
    if account.can(Capability.GLOBAL_ADDRESSES):
        # To whoever wrote; where a Reply-To points, a stranger may be made to get it.
        addresses[who.id] = sender.value
    plan = plan_delivery(task, Notify((who,), addresses), await snapshots.people(uow, [who]))
    ways = [row for row in plan.rows if row.chat_id == chat_id and row.error is None]
    if len(ways) != 1 or len(plan.rows) != 1:
        return
    if not await _in_budget(uow, account, ways[0].address or ""):
        return
    text = clean(render(account.acknowledgement, task.id)).strip("\n")
    comment_id = await uow.add(
        t.comment,
        task_id=task.id,
        direction="outgoing",
        text=text,
        created_at=await moments.now_in(uow, task_id),
        automatic=True,
    )
    await uow.connection.execute(insert(t.notify).values(comment_id=comment_id, contact_id=who.id))
    await index.index_comment(uow, comment_id)
    await queueing.queue(uow, task, comment_id, plan, text, [], uow.now, scheduled=False)
    uow.touch("outbox", "tasks")


async def _in_budget(uow: UnitOfWork, account: Account, address: str) -> bool:
    day = await _sent(uow, uow.now - PER_SENDER, t.delivery.c.address == address)
    hour = await _sent(uow, uow.now - timedelta(hours=1), t.delivery.c.account_id == account.id)
    return day == 0 and hour < AN_HOUR


async def _sent(uow: UnitOfWork, since: datetime, where: object) -> int:
    """Acknowledgements since then, withdrawn and failed ones included."""
    found = await uow.connection.scalar(
        select(func.count())
        .select_from(t.delivery)
        .join(t.comment, t.comment.c.id == t.delivery.c.comment_id)
        .where(
            t.comment.c.automatic,
            t.comment.c.direction == "outgoing",
            t.comment.c.created_at > since,
            where,  # type: ignore[arg-type]
        )
    )
    return int(found or 0)
