"""A program's answer to a new task's first message, where the account has one (R10, RFC 3834)."""

from pfinbox.domain.contract.channel import Capability
from pfinbox.domain.events.tasks import TaskOpened
from pfinbox.domain.inbound.reactions.acknowledging import (
    AN_ACCOUNTS,
    PER_SENDER,
    in_budget,
)
from pfinbox.domain.model import Notify, Who
from pfinbox.domain.outbound.planning.plan import plan_delivery
from pfinbox.domain.text.acknowledgement import render
from pfinbox.domain.text.cleaning import clean
from pfinbox.services.events import queueing
from pfinbox.store import snapshots, write
from pfinbox.store.load import deliveries as load
from pfinbox.store.search import index
from pfinbox.store.uow import UnitOfWork


async def acknowledge(uow: UnitOfWork, task_id: int, opened: TaskOpened) -> None:
    """Queue the account's acknowledgement of the first message of a new task, if it may have one.

    It is an automatic comment: nobody has answered yet, so the task waits as it did before.
    """
    task = await snapshots.task(uow, task_id)
    account = (await snapshots.accounts(uow))[task.account_id or 0]
    if account.acknowledgement is None or opened.address is None:
        return
    who = Who("contact", opened.contact)
    addresses: dict[int, str] = {}
    if account.can(Capability.GLOBAL_ADDRESSES):
        # To whoever wrote; where a Reply-To points, a stranger may be made to get it.
        addresses[who.id] = opened.address
    plan = plan_delivery(task, Notify((who,), addresses), await snapshots.people(uow, [who]))
    ways = [row for row in plan.rows if row.chat_id == opened.chat and row.error is None]
    if len(ways) != 1 or len(plan.rows) != 1:
        return
    sent = await load.acknowledged(
        uow, account.id, ways[0].address or "", uow.now - PER_SENDER, uow.now - AN_ACCOUNTS
    )
    if not in_budget(*sent):
        return
    text = clean(render(account.acknowledgement, task.id)).strip("\n")
    comment_id = await write.comments.add_outgoing(
        uow, task.id, Notify((who,)), text, automatic=True
    )
    await queueing.queue(uow, task, comment_id, plan, text, [], uow.now, scheduled=False)
    await index.index_comment(uow, comment_id)
    uow.touch("outbox", "tasks")
