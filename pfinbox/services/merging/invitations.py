"""An invitation link joins the chat of a client who follows it to a task (R30).

The link carries an unguessable token; the store keeps only its hash. Whoever comes with a used,
expired or foreign token has simply opened a chat, and is told so in one configured sentence.
"""

import hashlib
import secrets
from collections.abc import Collection
from datetime import datetime, timedelta

from pfinbox.domain import inviting
from pfinbox.domain.actor import AgentActor
from pfinbox.domain.contract.outgoing import Outgoing
from pfinbox.domain.events.chats import (
    InvitationConflict,
    InvitationOtherCard,
    InvitationStale,
    InvitationUsed,
    Invited,
)
from pfinbox.domain.model import Account, Task, Who
from pfinbox.domain.people.cards import Sender
from pfinbox.domain.tasks.joining import Place, place
from pfinbox.errors import NotFound, Refused
from pfinbox.record import record
from pfinbox.services import access
from pfinbox.services.events import reactions
from pfinbox.services.merging import merging
from pfinbox.services.people import revealing
from pfinbox.store import load, locks, snapshots, write
from pfinbox.store.search import index
from pfinbox.store.uow import UnitOfWork

VALID = timedelta(days=14)
# 32 letters: a Telegram start parameter takes 64 of A-Z, a-z, 0-9, _ and -.
_TOKEN_BYTES = 24


@record
class Invitation:
    """``link`` is shown once; it carries the token, of which the store keeps a hash."""

    task_id: int
    account: Account
    token: str
    link: str
    expires_at: datetime


async def invite(
    uow: UnitOfWork, actor: AgentActor, task_id: int, account_name: str | None = None
) -> Invitation:
    """A new invitation to a task by a messenger account; earlier ones stay valid."""
    task = await access.living_task(uow, actor, task_id)
    accounts = list((await access.accounts(uow, actor, task.id)).values())
    account, template = inviting.invitable(task, accounts, account_name)
    token = secrets.token_urlsafe(_TOKEN_BYTES)
    expires_at = uow.now + VALID
    invited = {"task_id": task.id, "account_id": account.id, "agent_id": actor.id}
    await write.invitations.add(uow, _hash(token), expires_at, **invited)
    await reactions.follow(uow, task.id, Invited(account=account.name), actor.id)
    return Invitation(task.id, account, token, template.replace("{token}", token), expires_at)


async def inviters(uow: UnitOfWork, actor: AgentActor, task_id: int) -> tuple[str, ...]:
    """The accounts that can make an invitation to this task; Refused says why none can."""
    task = await access.living_task(uow, actor, task_id)
    accounts = list((await access.accounts(uow, actor, task.id)).values())
    return inviting.inviters(task, accounts)


async def redeem(
    uow: UnitOfWork, account: Account, token: str, chat_id: int, sender: Sender
) -> int | None:
    """Join the chat to the task that ``token`` stands for; the task, None when it stands for none.

    Where the chat has an open task already, the two are merged when they are of one client (R32).
    Else nothing is joined: both tasks say so, and a person merges them or not.
    """
    chat = await load.chats.record(uow, chat_id)
    if sender.blocked or chat.blocked_at is not None:
        return None
    open_tasks = await load.chats.open_tasks(uow, [chat_id])
    used = await _use(uow, account, token, open_tasks.values())
    if used is None:
        return None
    task, inviter_id = used
    if task.contact_id is not None:
        await write.invitations.joined(uow, _hash(token), chat_id)
    current = await load.chats.current_task(uow, chat_id)
    uow.touch("tasks", "contacts")
    if current is not None and current.open and current.id != task.id:
        if await _merged(uow, inviter_id, task, current):
            return task.id
        for one, other in ((task, current), (current, task)):
            await reactions.follow(
                uow,
                one.id,
                InvitationConflict(
                    other=other.id,
                    survivor=task.id,
                    joining=current.id,
                    account=account.name,
                    contact=sender.contact_id,
                ),
            )
        return task.id
    await write.chats.move_current(uow, chat_id, task.id)
    await _take_part(uow, task, sender)
    await reactions.follow(
        uow, task.id, InvitationUsed(account=account.name, contact=sender.contact_id)
    )
    if task.contact_id not in (None, sender.contact_id):
        await reactions.follow(
            uow, task.id, InvitationOtherCard(client=task.contact_id, contact=sender.contact_id)
        )
    return task.id


async def _merged(uow: UnitOfWork, inviter_id: int | None, task: Task, current: Task) -> bool:
    """Merge the chat's open task into the one invited to, in the name of who invited."""
    if inviter_id is None or not inviting.of_one_client(task, current):
        return False
    try:
        await merging.merge_tasks(uow, AgentActor(inviter_id), task.id, [current.id])
    except (Refused, NotFound):
        # The inviting agent may not see the other task, or must choose the reply channel.
        return False
    return True


async def turn_away(
    uow: UnitOfWork, account: Account, payload: str, chat_id: int, sender: Sender
) -> Outgoing | None:
    """What to say to somebody whose invitation is worth nothing; None: nothing.

    At most once a day in a chat, and to so many chats an hour: nobody can make us talk.
    """
    said = (await snapshots.setting(uow, "inbox") or {}).get("stale_invitation")
    text = inviting.STALE if said is None else str(said)
    chat = await load.chats.record(uow, chat_id)
    if sender.blocked or chat.blocked_at is not None or not text.strip():
        return None
    lately = await load.chats.told_since(uow, account.id, uow.now - inviting.HOUR)
    if not inviting.may_tell(payload, uow.now, chat.told_at, lately):
        return None
    await write.chats.change(uow, chat_id, told_at=uow.now)
    current = await load.chats.current_task(uow, chat_id)
    if current is not None:
        await reactions.follow(uow, current.id, InvitationStale(contact=sender.contact_id))
    return Outgoing(chat_key=chat.key, to=(), text=text, created_at=uow.now, automatic=True)


async def _use(
    uow: UnitOfWork, account: Account, token: str, beside: Collection[int]
) -> tuple[Task, int | None] | None:
    """Use the token up; the living task that it leads to, and who invited.

    ``beside``: tasks that are locked with it.
    """
    used = await write.invitations.use(uow, account.id, _hash(token))
    if used is None:
        return None
    if not await load.tasks.merged_into(uow, [used.task_id]):
        return None  # purged
    await locks.tasks(uow, [used.task_id, *beside])
    task = await snapshots.task(uow, used.task_id, lock=True)
    return (task, used.agent_id) if task.living else None


async def _take_part(uow: UnitOfWork, task: Task, sender: Sender) -> None:
    """The client of a task without one, else a participant: cards are merged by a person.

    Whoever could read more of the task than they get is let in by nobody but a person (R49).
    """
    becomes = place(task, sender.contact_id)
    if becomes is Place.CLIENT and not await revealing.sees_more(uow, sender.contact_id):
        await write.tasks.change(uow, task.id, contact_id=sender.card_id)
        await index.index_task(uow, task.id)
    elif becomes is not None:
        await write.tasks.join(uow, task.id, Who("contact", sender.card_id), let_in=False)


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
