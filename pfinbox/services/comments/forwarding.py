"""Forwarding: chosen comments and their files go to somebody outside, by e-mail (R45).

It is a comment like any other, in a thread of its own: what is answered there comes back into the
task, and reaches the client only when a person writes to the client.
"""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, select

from pfinbox.domain.actor import AgentActor
from pfinbox.domain.contract.channel import Capability
from pfinbox.domain.contract.envelope import File, Forwarded, Party
from pfinbox.domain.model import Notify, Task
from pfinbox.domain.outbound.plan import DeliveryPlan
from pfinbox.domain.recipients.correspondents import mailbox
from pfinbox.errors import NotFound, Refused, UsageError
from pfinbox.i18n import _
from pfinbox.services import access
from pfinbox.services.comments import comments
from pfinbox.services.comments.comments import CommentRequest, Saved
from pfinbox.store import files
from pfinbox.store import tables as t
from pfinbox.store.load import contacts as load_contacts
from pfinbox.store.uow import UnitOfWork


@dataclass(frozen=True, slots=True)
class ForwardRequest:
    """What to pass on, and to which e-mail addresses."""

    task_id: int
    to: tuple[str, ...]
    # None: the client's last comment.
    comment_ids: tuple[int, ...] = ()
    text: str = ""
    attachments: tuple[File, ...] = ()
    client_key: str | None = None
    undo_seconds: float = 0


async def forward(uow: UnitOfWork, actor: AgentActor, request: ForwardRequest) -> Saved:
    """Store the forward as a comment and queue it; Refused leaves nothing behind."""
    task = await access.living_task(uow, actor, request.task_id)
    notify = await _notify(uow, task, request.to)
    chosen = await _chosen(uow, task, request.comment_ids)
    attached = await uow.connection.scalars(
        select(t.attachment.c.id)
        .where(t.attachment.c.comment_id.in_([row.id for row in chosen]))
        .order_by(t.attachment.c.comment_id, t.attachment.c.id)
    )
    return await comments.add_comment(
        uow,
        actor,
        CommentRequest(
            task.id,
            request.text,
            notify,
            quote_id=chosen[0].id if len(chosen) == 1 else None,
            attachments=(*await files.load(uow, attached.all()), *request.attachments),
            forwarded=tuple([await _passed_on(uow, task, row) for row in chosen]),
            client_key=request.client_key,
            undo_seconds=request.undo_seconds,
        ),
    )


async def plan(uow: UnitOfWork, actor: AgentActor, request: ForwardRequest) -> DeliveryPlan:
    """To whom it would go, and by what; nothing is stored."""
    task = await access.living_task(uow, actor, request.task_id, lock=False)
    notify = await _notify(uow, task, request.to)
    await _chosen(uow, task, request.comment_ids)
    return await comments.plan(uow, actor, task.id, notify)


async def _notify(uow: UnitOfWork, task: Task, addresses: tuple[str, ...]) -> Notify:
    """The recipients, by e-mail always; Refused for the client, agents and our own accounts."""
    people = {party.value: party for party in map(mailbox, addresses)}
    if not people:
        raise UsageError(_("say to which address it goes"))
    side = await load_contacts.our_side(uow)
    cards = await load_contacts.by_mail(uow, list(people))
    for value in people:
        if side.is_account(value):
            raise Refused(_("{address} is an address of our own").format(address=value))
        if side.is_ours(value):
            raise Refused(
                _("{address} is a colleague's: notify them by a comment").format(address=value)
            )
        if value in cards and cards[value] == task.contact_id:
            raise Refused(
                _("{address} is the client's own: write to the client by a comment").format(
                    address=value
                )
            )
    return Notify(newcomers=tuple(people.values()), reply_via="own")


async def _chosen(uow: UnitOfWork, task: Task, ids: tuple[int, ...]) -> list[Row[Any]]:
    """The comments to pass on, in the order of the conversation."""
    query = (
        select(
            t.comment,
            t.contact.c.name.label("contact"),
            t.agent.c.name.label("agent"),
            t.chat.c.subject.label("subject"),
            t.chat.c.address_id,
            t.contact.c.root_id.label("author_root"),
        )
        .join(t.task, t.task.c.id == t.comment.c.task_id)
        .outerjoin(t.contact, t.contact.c.id == t.comment.c.contact_id)
        .outerjoin(t.agent, t.agent.c.id == t.comment.c.agent_id)
        .outerjoin(t.chat, t.chat.c.id == t.comment.c.chat_id)
        .where(t.task.c.root_id == task.id)
        .order_by(t.comment.c.created_at, t.comment.c.id)
    )
    if not ids:
        said = (t.comment.c.direction == "incoming") & ~t.comment.c.hidden
        query = query.where(said, t.comment.c.deleted_at.is_(None))
        rows = list(await uow.connection.execute(query))
        if not rows:
            raise Refused(
                _("no client wrote in task #{id}; name the comments to forward").format(id=task.id)
            )
        return rows[-1:]
    rows = list(await uow.connection.execute(query.where(t.comment.c.id.in_(ids))))
    for missing in set(ids) - {row.id for row in rows}:
        raise NotFound(_("comment {id} is not in task #{task}").format(id=missing, task=task.id))
    for row in rows:
        if row.internal:
            raise Refused(
                _("comment {id} is internal; what is to leave, write it yourself").format(id=row.id)
            )
        if row.deleted_at is not None:
            raise Refused(_("comment {id} was deleted").format(id=row.id))
    return rows


async def _wrote_from(uow: UnitOfWork, row: Row[Any]) -> str | None:
    """The author's e-mail address: in a thread of their own the one it goes by, else the main."""
    found: str | None = await uow.connection.scalar(
        select(t.address.c.value)
        .join(t.contact, t.contact.c.id == t.address.c.contact_id)
        .join(t.account, t.account.c.channel == t.address.c.channel)
        .where(
            t.contact.c.root_id == row.author_root,
            t.account.c.id == row.account_id,
            t.address.c.scope == 0,
        )
        .order_by(
            (t.address.c.id == (row.address_id or 0)).desc(),
            t.address.c.main.desc(),
            t.address.c.id,
        )
        .limit(1)
    )
    return found


async def _passed_on(uow: UnitOfWork, task: Task, row: Row[Any]) -> Forwarded:
    """The new text alone: the mails quoted below it were not chosen."""
    name = row.contact or row.agent or ""
    if row.direction == "incoming":
        address = await _wrote_from(uow, row)
    else:
        # A forward names our account, never an agent's own address.
        address = await uow.connection.scalar(
            select(t.account.c.label)
            .join(t.delivery, t.delivery.c.account_id == t.account.c.id)
            .where(
                t.delivery.c.comment_id == row.id,
                t.account.c.capabilities.op("&")(int(Capability.GLOBAL_ADDRESSES)) != 0,
            )
            .limit(1)
        )
    words = row.text if row.new_text is None else row.new_text
    return Forwarded(
        author=_author(Party(address or "", name)),
        at=row.claimed_at or row.created_at,
        subject=row.subject or task.title,
        text=words.strip("\n"),
    )


def _author(party: Party) -> str:
    return f"{party.name} <{party.value}>".strip() if party.value else party.name
