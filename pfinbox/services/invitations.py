"""An invitation link joins the chat of a client who follows it to a task (R30).

The link carries an unguessable token; the store keeps only its hash. Whoever comes with a used,
expired or foreign token has simply opened a chat: an automatic answer would tell strangers that
tokens exist, and nothing is sent to a client that no agent wrote.
"""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select, update

from pfinbox.domain.channel import Capability
from pfinbox.domain.model import Account, Task
from pfinbox.errors import NotFound, Refused
from pfinbox.i18n import _
from pfinbox.services import access, placing
from pfinbox.services.senders import Sender
from pfinbox.store import journal, searchindex, snapshots
from pfinbox.store import tables as t
from pfinbox.store.uow import UnitOfWork

VALID = timedelta(days=14)
# 32 letters: a Telegram start parameter takes 64 of A-Z, a-z, 0-9, _ and -.
_TOKEN_BYTES = 24


@dataclass(frozen=True, slots=True)
class Invitation:
    """``token`` is shown once; the channel's link is made from it."""

    task_id: int
    account: Account
    token: str
    expires_at: datetime


async def invite(uow: UnitOfWork, agent_id: int, task_id: int, account_name: str) -> Invitation:
    """A new invitation to a task by a messenger account; earlier ones stay valid."""
    task = await access.living_task(uow, agent_id, task_id)
    accounts = {account.name: account for account in (await snapshots.accounts(uow)).values()}
    account = accounts.get(account_name)
    if account is None or not account.configured:
        raise NotFound(_("there is no account {name}").format(name=account_name))
    if account.can(Capability.THREADS):
        raise Refused(
            _("{name} needs no invitation: write to the client's address").format(name=account_name)
        )
    if not task.active:
        raise Refused(_("task #{id} is finished; reopen it first").format(id=task.id))
    token = secrets.token_urlsafe(_TOKEN_BYTES)
    expires_at = uow.now + VALID
    await uow.connection.execute(
        t.invitation.insert().values(
            token_hash=_hash(token),
            task_id=task.id,
            account_id=account.id,
            expires_at=expires_at,
        )
    )
    await journal.record(uow, task.id, "invited", agent_id, account=account.name)
    uow.touch("tasks")
    return Invitation(task.id, account, token, expires_at)


async def redeem(
    uow: UnitOfWork, account: Account, token: str, chat_id: int, sender: Sender
) -> int | None:
    """Join the chat to the task that ``token`` stands for; the task, None when it stands for none.

    Where the chat has an open task already, nothing is joined: both tasks say so, and a person
    merges them or not.
    """
    chat = await placing.lock_chat(uow, chat_id)
    if sender.blocked or chat.blocked_at is not None:
        return None
    task = await _use(uow, account, token)
    if task is None:
        return None
    current = await placing.current_task(uow, chat_id)
    uow.touch("tasks", "contacts")
    if current is not None and current.open and current.id != task.id:
        for one, other in ((task, current), (current, task)):
            await journal.record(
                uow,
                one.id,
                "invitation_conflict",
                other=other.id,
                account=account.name,
                contact=sender.contact_id,
            )
        return None
    await placing.move_current(uow, chat_id, task.id)
    await _take_part(uow, task, sender)
    await journal.record(
        uow, task.id, "invitation_used", account=account.name, contact=sender.contact_id
    )
    return task.id


async def _use(uow: UnitOfWork, account: Account, token: str) -> Task | None:
    """Use the token up; the living task that it leads to."""
    used = await uow.connection.scalar(
        update(t.invitation)
        .where(
            t.invitation.c.token_hash == _hash(token),
            t.invitation.c.account_id == account.id,
            t.invitation.c.used_at.is_(None),
            t.invitation.c.expires_at > uow.now,
        )
        .values(used_at=uow.now)
        .returning(t.invitation.c.task_id)
    )
    if used is None:
        return None
    root = await uow.connection.scalar(
        select(t.task.c.root_id).where(t.task.c.id == used, t.task.c.purged_at.is_(None))
    )
    task = await snapshots.task(uow, root, lock=True) if root is not None else None
    return task if task is not None and task.living else None


async def _take_part(uow: UnitOfWork, task: Task, sender: Sender) -> None:
    """The client of a task without one, else a participant: cards are merged by a person."""
    if task.contact_id is None:
        await uow.connection.execute(
            update(t.task).where(t.task.c.id == task.id).values(contact_id=sender.card_id)
        )
        await searchindex.index_task(uow, task.id)
        return
    here = {task.contact_id, *(who.id for who in task.participants if who.kind == "contact")}
    if sender.contact_id not in here:
        await uow.add(t.participant, task_id=task.id, contact_id=sender.card_id)


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
