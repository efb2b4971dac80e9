"""Purging comments and tasks, emptying a card: what is in them goes for good (R34)."""

from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import delete, exists, func, literal, or_, select, update

from pfinbox.domain import purging as rules
from pfinbox.domain.contract.reason import Reason
from pfinbox.domain.events.merging import Merged
from pfinbox.domain.purging import NOBODY, Naming
from pfinbox.store import files
from pfinbox.store import tables as t
from pfinbox.store.load.purged import Comments, batches, cards
from pfinbox.store.row_statements import inserting
from pfinbox.store.uow import UnitOfWork

_EMPTIED = {
    "raw": b"",
    "sha256": "",
    "size": 0,
    "state": "ignored",
    "reason": Reason("purged").as_json(),
}


async def remember(uow: UnitOfWork, hashes: Collection[str]) -> None:
    """Keep keyed hashes of source ids: a message with one of them is not stored again."""
    if hashes:
        await uow.connection.execute(
            inserting(t.purged_id, uow.sqlite).on_conflict_do_nothing(),
            [{"hash": one} for one in sorted(hashes)],
        )


async def remove(uow: UnitOfWork, comments: Comments) -> None:
    """Remove these comments with everything that says what was in them."""
    await _drop_files(uow, comments)
    c = uow.connection
    receipts = select(t.receipt.c.id).where(t.receipt.c.comment_id.in_(comments))
    await files.store_apart(uow, receipts)
    await c.execute(
        update(t.receipt)
        .where(t.receipt.c.comment_id.in_(comments))
        .values(**_EMPTIED, comment_id=None)
    )
    await c.execute(
        update(t.comment).where(t.comment.c.quote_id.in_(comments)).values(quote_id=None)
    )
    parts = select(t.part.c.id).where(t.part.c.comment_id.in_(comments))
    await c.execute(delete(t.delivery_part).where(t.delivery_part.c.part_id.in_(parts)))
    for table in (
        t.awaited,
        t.chat_read,
        t.comment_alias,
        t.amendment,
        t.part,
        t.delivery,
        t.notify,
        t.notice,
        t.comment_edit,
        t.search_text,
    ):
        await c.execute(delete(table).where(table.c.comment_id.in_(comments)))
    await c.execute(delete(t.comment).where(t.comment.c.id.in_(comments)))


async def _drop_files(uow: UnitOfWork, comments: Comments) -> None:
    mine = select(t.blob.c.sha256).where(
        t.blob.c.sha256.in_(
            select(t.attachment.c.sha256).where(t.attachment.c.comment_id.in_(comments))
        )
    )
    if not uow.sqlite:
        # A transaction that attaches the same content right now waits, and stores it anew.
        mine = mine.order_by(t.blob.c.sha256).with_for_update()
    known: list[Any] = list(await uow.connection.scalars(mine))
    await uow.connection.execute(
        delete(t.attachment).where(t.attachment.c.comment_id.in_(comments))
    )
    used = exists().where(t.attachment.c.sha256 == t.blob.c.sha256)
    for some in batches(known):
        await uow.connection.execute(delete(t.blob).where(t.blob.c.sha256.in_(some), ~used))


async def empty_receipts(uow: UnitOfWork, receipts: Collection[Naming]) -> None:
    """Empty receipts of the bytes that were received."""
    mine = t.receipt.c.id.in_([one.id for one in receipts])
    await files.store_apart(uow, select(t.receipt.c.id).where(mine))
    await uow.connection.execute(update(t.receipt).where(mine).values(**_EMPTIED))


async def empty_tasks(
    uow: UnitOfWork, members: Collection[int], before: Mapping[int, int | None]
) -> None:
    """Leave of these tasks nothing but their numbers.

    ``before``: their roots, each with the task to which links to that root lead from now on.
    """
    for root_id, task_id in before.items():
        tree = select(t.task.c.id).where(t.task.c.root_id == root_id)
        await uow.connection.execute(
            update(t.task)
            .where(t.task.c.previous_task_id.in_(tree), t.task.c.id.not_in(members))
            # No task comes before itself.
            .where(t.task.c.id != (task_id or 0))
            .values(previous_task_id=task_id)
        )
    await _forget_titles(uow, members)
    for table in (
        t.activity,
        t.draft,
        t.tag,
        t.participant,
        t.read_mark,
        t.invitation,
        t.sign_in,
        t.portal_session,
        t.search_text,
    ):
        await uow.connection.execute(delete(table).where(table.c.task_id.in_(members)))
    await uow.connection.execute(
        update(t.task)
        .where(t.task.c.id.in_(members))
        .values(
            title="",
            last_line="",
            last_direction=None,
            contact_id=None,
            assignee_agent_id=None,
            assignee_contact_id=None,
            waiting_since=None,
            last_notable_id=0,
            snoozed_until=None,
            deleted_at=func.coalesce(
                t.task.c.deleted_at, literal(uow.now, t.task.c.deleted_at.type)
            ),
            purged_at=uow.now,
        )
    )
    uow.touch("tasks", "outbox", "drafts")


async def _forget_titles(uow: UnitOfWork, members: Collection[int]) -> None:
    """Remove titles of tasks from the journal of merges and from the subjects of chats."""
    merged = select(t.merge.c.survivor_id).where(
        t.merge.c.kind == "task", t.merge.c.other_id.in_(members)
    )
    lines = await uow.connection.execute(
        select(t.activity.c.id, t.activity.c.args).where(
            t.activity.c.task_id.in_(merged), t.activity.c.kind == Merged.activity
        )
    )
    for line in lines.all():
        if line.args.get("other") in members:
            await uow.change(t.activity, line.id, args={**line.args, "title": ""})
    bound = select(t.binding.c.chat_id)
    await uow.connection.execute(
        update(t.chat)
        .where(
            t.chat.c.id.in_(bound.where(t.binding.c.task_id.in_(members))),
            t.chat.c.id.not_in(
                bound.join(t.task, t.task.c.id == t.binding.c.task_id).where(
                    t.task.c.id.not_in(members), t.task.c.purged_at.is_(None)
                )
            ),
        )
        .values(subject=None)
    )


async def forget_addresses(uow: UnitOfWork, root: int, values: Collection[str]) -> None:
    """Take a contact's addresses from mails to several, and from signs at comments."""
    mine = t.delivery.c.contact_id.in_(cards(root))
    shared = await uow.connection.execute(
        select(t.part.c.id, t.part.c.content)
        .join(t.delivery_part, t.delivery_part.c.part_id == t.part.c.id)
        .join(t.delivery, t.delivery.c.id == t.delivery_part.c.delivery_id)
        .where(mine)
    )
    for part in shared.all():
        await uow.change(t.part, part.id, content=rules.without_people(part.content, values))
    await uow.connection.execute(
        update(t.delivery).where(mine).values(address="", later_address=None)
    )
    signed = await uow.connection.execute(
        select(t.comment.c.id, t.comment.c.reactions).where(t.comment.c.reactions.is_not(None))
    )
    for comment in signed.all():
        signs = rules.without_signs(comment.reactions, values)
        if signs != comment.reactions:
            await uow.change(t.comment, comment.id, reactions=signs or None)
    tasks = select(t.participant.c.task_id).where(t.participant.c.contact_id.in_(cards(root)))
    named = await uow.connection.execute(
        select(t.comment.c.id, t.comment.c.recipients).where(
            t.comment.c.recipients.is_not(None), t.comment.c.task_id.in_(tasks)
        )
    )
    for comment in named.all():
        kept = rules.without_recipients(comment.recipients, values)
        if kept != comment.recipients:
            await uow.change(t.comment, comment.id, recipients=kept)


async def leave_tasks(uow: UnitOfWork, root: int) -> None:
    """Remove a contact from all tasks: as client, assignee and participant."""
    mine = cards(root)
    await uow.connection.execute(delete(t.participant).where(t.participant.c.contact_id.in_(mine)))
    for column in (t.task.c.contact_id, t.task.c.assignee_contact_id):
        await uow.connection.execute(
            update(t.task).where(column.in_(mine)).values({column.name: None})
        )


async def forget_chats(uow: UnitOfWork, root: int) -> None:
    """Remove the chats of a contact that nothing names, and empty the others.

    Its key is the person's id at the other side: who writes again gets a chat of their own.
    """
    chats = select(t.chat.c.id).where(t.chat.c.contact_id.in_(cards(root)))
    for table in (t.known_id, t.chat_read):
        await uow.connection.execute(delete(table).where(table.c.chat_id.in_(chats)))
    used = or_(
        *(
            exists().where(table.c.chat_id == t.chat.c.id)
            for table in (t.comment, t.delivery, t.part)
        )
    )
    idle = list(await uow.connection.scalars(chats.where(~used)))
    await uow.connection.execute(delete(t.binding).where(t.binding.c.chat_id.in_(idle)))
    await uow.connection.execute(delete(t.chat).where(t.chat.c.id.in_(idle)))
    for chat_id in list(await uow.connection.scalars(chats)):
        await uow.change(
            t.chat,
            chat_id,
            key=f"erased:{chat_id}",
            address_id=None,
            answer_to=None,
            left_address=None,
            subject=None,
            state_reason=None,
            writable=False,
        )


async def empty_card(uow: UnitOfWork, root: int) -> None:
    """Empty a card and those merged into it; records of merges, which hold notes, go too."""
    mine = cards(root)
    values = select(t.address.c.value).where(t.address.c.contact_id.in_(mine))
    for table in (t.portal_session, t.sign_in):
        # Links that were asked for without access name no card.
        theirs = or_(table.c.contact_id.in_(mine), table.c.address.in_(values))
        await uow.connection.execute(delete(table).where(theirs))
    addresses = select(t.address.c.id).where(t.address.c.contact_id.in_(mine))
    await uow.connection.execute(delete(t.picture).where(t.picture.c.address_id.in_(addresses)))
    await uow.connection.execute(delete(t.address).where(t.address.c.contact_id.in_(mine)))
    await uow.connection.execute(
        delete(t.merge).where(
            t.merge.c.kind == "contact",
            or_(t.merge.c.survivor_id.in_(mine), t.merge.c.other_id.in_(mine)),
        )
    )
    await uow.connection.execute(
        update(t.contact)
        .where(t.contact.c.id.in_(mine))
        .values(
            name=NOBODY,
            company=None,
            notes="",
            selectable=False,
            portal=False,
            contacts_see=None,
            language=None,
        )
    )
    uow.touch("contacts", "tasks", "outbox")
