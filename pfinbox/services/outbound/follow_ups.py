"""What a visitor of a page of ours has not seen follows by e-mail, once (R15, R16).

All that waits in one chat of a task goes in one mail, when the first of it has waited long enough.
The mail's thread is the task's: its answer comes into the same conversation (R23).
"""

from collections.abc import Sequence
from itertools import takewhile

from pfinbox.domain.contract.parts import too_large
from pfinbox.domain.model import Account, Contact, Task, Who
from pfinbox.domain.outbound.planning.delivery_plan import DeliveryPlan, PlanRow
from pfinbox.domain.outbound.planning.mail_addresses import blocked
from pfinbox.services.events import queueing
from pfinbox.store import snapshots, write
from pfinbox.store.load.outbound import follow_ups as load
from pfinbox.store.load.outbound.follow_ups import Unseen
from pfinbox.store.uow import UnitOfWork


async def next_due(uow: UnitOfWork, lease_id: int) -> float | None:
    """Seconds until something follows, at most 0 where it is to follow now; None: nothing waits."""
    moments = [one.due_at for one in await load.unseen(uow, lease_id)]
    return (min(moments) - uow.now).total_seconds() if moments else None


async def follow(uow: UnitOfWork, lease_id: int) -> int:
    """Queue one mail of what has waited long enough; returns how many comments it ends."""
    waiting = await load.unseen(uow, lease_id)
    due = next((one for one in waiting if one.due_at <= uow.now), None)
    if due is None:
        return 0
    task = await snapshots.task(uow, due.task_id, lock=True)
    contact = (await snapshots.contacts(uow, [due.contact_id]))[due.contact_id]
    account = (await snapshots.accounts(uow))[due.account_id]
    together = await _in_one_mail(uow, [one for one in waiting if one.mail == due.mail], account)
    # Whoever waited for the lock finds what another daemon has taken.
    taken = await write.follow_ups.take(uow, [one.delivery_id for one, _files in together])
    going = [(one, files) for one, files in together if one.delivery_id in taken]
    if going and _may_follow(task, contact, account, due):
        await _queue(uow, task, contact, account, going)
    return len(together)


def _may_follow(task: Task, contact: Contact, account: Account, unseen: Unseen) -> bool:
    """Whether it may still be said, and there."""
    chat_blocked = any(chat.blocked for chat in task.chats if chat.id == unseen.chat_id)
    closed = chat_blocked or blocked(contact, unseen.address) is not None
    return task.living and account.configured and not closed


async def _in_one_mail(
    uow: UnitOfWork, unseen: Sequence[Unseen], account: Account
) -> list[tuple[Unseen, list[int]]]:
    """The first of them whose files a mail takes together, each with the ids of its files."""
    found = await load.files(uow, [one.comment_id for one in unseen])
    sizes = {one.comment_id: 0 for one in unseen}
    files: dict[int, list[int]] = {one.comment_id: [] for one in unseen}
    for comment_id, file_id, size in found:
        files[comment_id].append(file_id)
        sizes[comment_id] += size
    together = 0

    def fits(one: Unseen) -> bool:
        nonlocal together
        together += sizes[one.comment_id]
        return one is unseen[0] or too_large("", together, account.limits) is None

    return [(one, files[one.comment_id]) for one in takewhile(fits, unseen)]


async def _queue(
    uow: UnitOfWork,
    task: Task,
    contact: Contact,
    account: Account,
    going: Sequence[tuple[Unseen, list[int]]],
) -> None:
    """The mail of the newest of these comments says all of them."""
    last = going[-1][0]
    row = PlanRow(
        Who("contact", contact.id),
        contact.name,
        account,
        _thread(task, contact, account, last.address),
        last.address,
        aside=True,
    )
    text = "\n\n".join(one.text for one, _files in going if one.text)
    attached = [file_id for _one, files in going for file_id in files]
    plan = DeliveryPlan((row,))
    await queueing.queue(uow, task, last.comment_id, plan, text, attached, uow.now, scheduled=False)


def _thread(task: Task, contact: Contact, account: Account, address: str) -> int | None:
    """The newest thread with this address that the task has; None: the mail begins one."""
    threads = [
        chat.id
        for chat in task.chats
        if chat.account_id == account.id
        and chat.contact_id == contact.id
        and not chat.outside
        and address in (chat.answer_to or chat.address, chat.left_address)
    ]
    return max(threads, default=None)
