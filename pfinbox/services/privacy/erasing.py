"""Erasing a contact (R34): the contact's tasks are purged and the card is emptied."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, exists, func, or_, select, update

from pfinbox.domain.actor import AgentActor
from pfinbox.domain.events import CommentsErased
from pfinbox.domain.outbound.delivery import WAITING, Event
from pfinbox.errors import Refused
from pfinbox.i18n import _
from pfinbox.services import access
from pfinbox.services.people import agents
from pfinbox.services.privacy import erased_mentions, purging, trash
from pfinbox.services.privacy.purging import Comments
from pfinbox.services.privacy.trash import Gone
from pfinbox.services.tasks import awaiting_reply
from pfinbox.store import journal, snapshots
from pfinbox.store import tables as t
from pfinbox.store.load import merges
from pfinbox.store.search import index
from pfinbox.store.uow import UnitOfWork
from pfinbox.store.write import deliveries

# The name of an erased card.
NOBODY = "—"


@dataclass(frozen=True, slots=True)
class Erasure:
    """``elsewhere``: comments that go from conversations of others."""

    conversations: Gone
    elsewhere: int
    addresses: int


async def preview_erase(uow: UnitOfWork, actor: AgentActor, contact_id: int) -> Erasure:
    """What erasing this person would take away; nothing is stored."""
    await agents.must_be_admin(uow, actor)
    root = await access.the_contact(uow, actor, contact_id)
    tasks = await _their_tasks(uow, actor, root)
    others = _said_elsewhere(root, tasks)
    addresses = select(func.count()).where(t.address.c.contact_id.in_(_cards(root)))
    return Erasure(
        await trash.count(uow, tasks),
        int(await uow.connection.scalar(select(func.count()).select_from(others.subquery())) or 0),
        int(await uow.connection.scalar(addresses) or 0),
    )


async def erase_contact(uow: UnitOfWork, actor: AgentActor, contact_id: int) -> Erasure:
    """Purge all of a person's conversations and empty the card with everything merged into it.

    Only an admin may, and only one who sees all of it. Who writes again is somebody new.
    """
    root = await access.the_contact(uow, actor, contact_id)
    done = await preview_erase(uow, actor, root)
    await merges.lock(uow, "contact", [root])
    tasks = await _their_tasks(uow, actor, root)
    named = await erased_mentions.of_nobody(uow, root)
    await merges.lock(uow, "task", tasks)
    got = select(t.delivery.c.comment_id).where(t.delivery.c.contact_id.in_(_cards(root)))
    await purging.must_be_still(uow, got)
    await trash.empty(uow, actor.id, tasks)
    await erased_mentions.forget(uow, named)
    await _leave_others(uow, actor, root)
    await _forget_chats(uow, root)
    await uow.connection.execute(delete(t.address).where(t.address.c.contact_id.in_(_cards(root))))
    cards = list(await uow.connection.scalars(_cards(root)))
    # Records of merges hold earlier notes and names of the card.
    await uow.connection.execute(
        delete(t.merge).where(
            t.merge.c.kind == "contact",
            or_(t.merge.c.survivor_id.in_(cards), t.merge.c.other_id.in_(cards)),
        )
    )
    await uow.connection.execute(
        update(t.contact)
        .where(t.contact.c.id.in_(cards))
        .values(
            name=NOBODY,
            company=None,
            notes="",
            selectable=False,
            portal=False,
            contacts_see=None,
        )
    )
    await index.index_contact(uow, root)
    await index.scrub(uow)
    uow.touch("contacts", "tasks", "outbox")
    return done


def _cards(root: int) -> Any:
    return select(t.contact.c.id).where(t.contact.c.root_id == root)


async def _their_tasks(uow: UnitOfWork, actor: AgentActor, root: int) -> list[int]:
    """The roots of their conversations; Refused where purging would hit somebody else."""
    agent = (await snapshots.agents(uow, [actor.id]))[actor.id]
    roots = await uow.connection.scalars(
        select(t.task.c.id)
        .where(
            t.task.c.contact_id.in_(_cards(root)),
            t.task.c.merged_into_id.is_(None),
            t.task.c.purged_at.is_(None),
        )
        .order_by(t.task.c.id)
    )
    found = list(roots)
    for task_id in found:
        if not await access.may_see(uow, agent, await snapshots.task(uow, task_id)):
            raise Refused(
                _("a colleague has conversations with this contact that you may not see; ask them")
            )
        foreign = await uow.connection.scalar(
            select(t.task.c.id)
            .where(
                t.task.c.root_id == task_id,
                t.task.c.contact_id.is_not(None),
                t.task.c.contact_id.not_in(_cards(root)),
            )
            .limit(1)
        )
        if foreign is not None:
            raise Refused(
                _("task #{other} of another contact is merged into #{id}; unmerge it first").format(
                    other=foreign, id=task_id
                )
            )
    return found + await _unread(uow, root, found)


async def _unread(uow: UnitOfWork, root: int, known: Collection[int]) -> list[int]:
    """Stand-ins of what could not be read, not even its sender, but names them."""
    comments = [one.comment_id for one in await erased_mentions.unread(uow, root)]
    roots = await uow.connection.scalars(
        select(t.task.c.root_id)
        .join(t.comment, t.comment.c.task_id == t.task.c.id)
        .where(t.comment.c.id.in_(comments), t.task.c.id == t.task.c.root_id)
        .distinct()
        .order_by(t.task.c.root_id)
    )
    return [one for one in roots if one not in known]


def _said_elsewhere(root: int, task_ids: Collection[int]) -> Comments:
    """What they said, and what was said to them alone, in conversations of others."""
    told = (
        select(t.notify.c.comment_id)
        .where(t.notify.c.contact_id.is_not(None))
        .group_by(t.notify.c.comment_id)
        .having(func.count() == func.count().filter(t.notify.c.contact_id.in_(_cards(root))))
    )
    members = select(t.task.c.id).where(t.task.c.root_id.in_(task_ids))
    return select(t.comment.c.id).where(
        t.comment.c.task_id.not_in(members),
        or_(t.comment.c.contact_id.in_(_cards(root)), t.comment.c.id.in_(told)),
    )


async def _leave_others(uow: UnitOfWork, actor: AgentActor, root: int) -> None:
    """Take them out of conversations that go on without them."""
    theirs = _said_elsewhere(root, [])
    rows = await uow.connection.execute(
        select(t.task.c.root_id, func.count().label("n"))
        .join(t.comment, t.comment.c.task_id == t.task.c.id)
        .where(t.comment.c.id.in_(theirs))
        .group_by(t.task.c.root_id)
    )
    touched = {row.root_id: row.n for row in rows}
    # The recipients are looked up first: afterwards no comment leads to the card.
    await _forget_addresses(uow, root)
    await purging.forget(uow, theirs)
    await uow.connection.execute(
        delete(t.participant).where(t.participant.c.contact_id.in_(_cards(root)))
    )
    for column in (t.task.c.contact_id, t.task.c.assignee_contact_id):
        await uow.connection.execute(
            update(t.task).where(column.in_(_cards(root))).values({column.name: None})
        )
    for task_id, n in sorted(touched.items()):
        await awaiting_reply.refresh(uow, task_id)
        await journal.record(uow, task_id, CommentsErased(count=n), actor.id)


async def _forget_addresses(uow: UnitOfWork, root: int) -> None:
    """Their addresses on mails that went to, or came for, several people."""
    mine = t.delivery.c.contact_id.in_(_cards(root))
    waiting = await uow.connection.scalars(
        select(t.delivery.c.id).where(mine, t.delivery.c.state.in_(WAITING))
    )
    await deliveries.move(uow, Event.TAKEN_BACK, waiting.all())
    known = {
        row.value
        for row in await uow.connection.execute(
            select(t.address.c.value).where(t.address.c.contact_id.in_(_cards(root)))
        )
    }
    shared = (
        select(t.part.c.id, t.part.c.content)
        .join(t.delivery_part, t.delivery_part.c.part_id == t.part.c.id)
        .join(t.delivery, t.delivery.c.id == t.delivery_part.c.delivery_id)
        .where(mine)
    )
    for part in (await uow.connection.execute(shared)).all():
        people = {
            field: [one for one in part.content[field] if one["value"] not in known]
            for field in ("to", "cc")
        }
        await uow.connection.execute(
            update(t.part).where(t.part.c.id == part.id).values(content={**part.content, **people})
        )
    await uow.connection.execute(update(t.delivery).where(mine).values(address=""))
    await erased_mentions.forget_signs(uow, known)
    tasks = select(t.participant.c.task_id).where(t.participant.c.contact_id.in_(_cards(root)))
    named = await uow.connection.execute(
        select(t.comment.c.id, t.comment.c.recipients).where(
            t.comment.c.recipients.is_not(None), t.comment.c.task_id.in_(tasks)
        )
    )
    for comment in named.all():
        kept: dict[str, Any] = {
            key: [one for one in values if one not in known]
            for key, values in comment.recipients.items()
            if key != "names"
        }
        names = comment.recipients.get("names", {})
        kept["names"] = {value: name for value, name in names.items() if value not in known}
        if kept != comment.recipients:
            await uow.connection.execute(
                update(t.comment).where(t.comment.c.id == comment.id).values(recipients=kept)
            )


async def _forget_chats(uow: UnitOfWork, root: int) -> None:
    """A chat that is used nowhere goes; another one only says that it was somebody's.

    Its key is the person's id at the other side: who writes again gets a chat of their own.
    """
    chats = select(t.chat.c.id).where(t.chat.c.contact_id.in_(_cards(root)))
    await uow.connection.execute(delete(t.known_id).where(t.known_id.c.chat_id.in_(chats)))
    used = or_(
        *(
            exists().where(table.c.chat_id == t.chat.c.id)
            for table in (t.comment, t.delivery, t.part)
        )
    )
    idle = list(await uow.connection.scalars(chats.where(~used)))
    await uow.connection.execute(delete(t.binding).where(t.binding.c.chat_id.in_(idle)))
    await uow.connection.execute(
        update(t.invitation).where(t.invitation.c.chat_id.in_(idle)).values(chat_id=None)
    )
    await uow.connection.execute(delete(t.chat).where(t.chat.c.id.in_(idle)))
    for chat_id in list(await uow.connection.scalars(chats)):
        await uow.connection.execute(
            update(t.chat)
            .where(t.chat.c.id == chat_id)
            .values(
                key=f"erased:{chat_id}",
                address_id=None,
                answer_to=None,
                subject=None,
                state_reason=None,
                writable=False,
            )
        )
