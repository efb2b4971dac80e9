"""What is always true of an inbox, whatever happened in it; each is looked up in the store."""

from sqlalchemy import select

from pfinbox.services.events import awaiting_reply
from pfinbox.store import tables as t
from pfinbox.store.uow import UnitOfWork
from tests.services.inbox_model import Model


async def every_comment_in_its_task(uow: UnitOfWork, model: Model) -> None:
    """R12, R32: every stored message is in exactly one task that is not merged in."""
    root = t.task.alias("root")
    rows = await uow.connection.execute(
        select(t.comment.c.id, root.c.id.label("root_id"), root.c.deleted_at)
        .join(t.task, t.task.c.id == t.comment.c.task_id)
        .join(root, root.c.id == t.task.c.root_id)
        .where(root.c.merged_into_id.is_(None), root.c.root_id == root.c.id)
    )
    found = {row.id: (row.root_id, row.deleted_at is not None) for row in rows}
    roots = {i: model.root(c.origin) for i, c in model.comments.items()}
    assert found == {i: (r, model.tasks[r].deleted) for i, r in roots.items()}


async def one_open_task_a_chat(uow: UnitOfWork) -> None:
    """R4, and an open task has the messages of all its chats (R32)."""
    root = t.task.alias("root")
    rows = await uow.connection.execute(
        select(t.binding.c.chat_id, t.binding.c.current, root.c.id)
        .join(t.task, t.task.c.id == t.binding.c.task_id)
        .join(root, root.c.id == t.task.c.root_id)
        .where(root.c.active, root.c.deleted_at.is_(None))
    )
    open_: dict[int, set[int]] = {}
    current: dict[int, set[int]] = {}
    for row in rows:
        open_.setdefault(row.chat_id, set()).add(row.id)
        if row.current:
            current.setdefault(row.chat_id, set()).add(row.id)
    assert all(len(roots) == 1 for roots in open_.values()), open_
    assert current == open_


async def deliveries(uow: UnitOfWork) -> None:
    """R13, R15: only to who was chosen, only by chats of their own."""
    to, owner, chosen = (t.contact.alias(n) for n in ("to_card", "owner", "chosen"))
    rows = await uow.connection.execute(
        select(
            t.delivery.c.comment_id,
            to.c.root_id.label("to_id"),
            owner.c.root_id.label("owner_id"),
        )
        .join(to, to.c.id == t.delivery.c.contact_id)
        .join(t.chat, t.chat.c.id == t.delivery.c.chat_id)
        .join(owner, owner.c.id == t.chat.c.contact_id)
    )
    notified: dict[int, set[int]] = {}
    got = await uow.connection.execute(
        select(t.notify.c.comment_id, chosen.c.root_id).join(
            chosen, chosen.c.id == t.notify.c.contact_id
        )
    )
    for comment_id, card_id in got:
        notified.setdefault(comment_id, set()).add(card_id)
    for row in rows:
        assert row.to_id in notified[row.comment_id]
        assert row.owner_id == row.to_id


async def chains_end(uow: UnitOfWork) -> None:
    """R8: walking back from any task comes to an end."""
    rows = await uow.connection.execute(
        select(t.task.c.id, t.task.c.root_id, t.task.c.previous_task_id)
    )
    links = {row.id: row for row in rows}
    for root in {row.root_id for row in links.values()}:
        seen, here = {root}, links[root].previous_task_id
        while here is not None:
            here = links[here].root_id
            assert here not in seen, f"a circle at {here}"
            seen.add(here)
            here = links[here].previous_task_id


async def standing_is_right(uow: UnitOfWork, model: Model) -> None:
    """R41: what is kept up to date is what the comments say."""
    shown = select(
        t.task.c.id,
        t.task.c.waiting_since,
        t.task.c.last_notable_id,
        t.task.c.last_line,
        t.task.c.last_direction,
    ).order_by(t.task.c.id)
    before = [tuple(row) for row in await uow.connection.execute(shown)]
    for root in model.roots():
        await awaiting_reply.refresh(uow, root)
    after = [tuple(row) for row in await uow.connection.execute(shown)]
    assert before == after
