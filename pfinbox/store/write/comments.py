"""Writing comments: what agents say and correct, drafts of it, canned replies."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from sqlalchemy import delete, insert, select

from pfinbox.domain import purging as rules
from pfinbox.domain.contract.reason import Reason
from pfinbox.domain.model import Notify
from pfinbox.domain.outbound.correcting import Written
from pfinbox.domain.text.cleaning import clean_line
from pfinbox.store import moments
from pfinbox.store import tables as t
from pfinbox.store.load.purged import cards
from pfinbox.store.uow import UnitOfWork


async def add_outgoing(
    uow: UnitOfWork, task_id: int, notify: Notify, text: str, **values: object
) -> int:
    """Add an outgoing or internal comment with its notify set; returns its id."""
    comment_id = await uow.add(
        t.comment,
        task_id=task_id,
        direction="outgoing",
        text=text,
        internal=notify.internal,
        created_at=await moments.now_in(uow, task_id),
        **values,
    )
    rows = [
        {
            "comment_id": comment_id,
            "agent_id": who.id if who.kind == "agent" else None,
            "contact_id": who.id if who.kind == "contact" else None,
        }
        for who in notify.who
    ]
    if rows:
        await uow.connection.execute(insert(t.notify), rows)
    return comment_id


async def edit(uow: UnitOfWork, comment: Written, text: str) -> None:
    """Change the text of a comment; the earlier text is kept."""
    await uow.add(t.comment_edit, comment_id=comment.id, text=comment.text, at=uow.now)
    await uow.change(t.comment, comment.id, text=text, new_text=None, edited_at=uow.now)


async def take_away(uow: UnitOfWork, comment_id: int) -> None:
    """Mark a comment as deleted, and remove its notices."""
    await uow.change(t.comment, comment_id, deleted_at=uow.now, due_at=None, client_key=None)
    await uow.connection.execute(delete(t.notice).where(t.notice.c.comment_id == comment_id))


async def hide(uow: UnitOfWork, comment_id: int, *, hidden: bool) -> None:
    """Hide a comment from all contacts, or show it again (R38)."""
    await uow.change(t.comment, comment_id, hidden=hidden)
    uow.touch("tasks")


async def move(uow: UnitOfWork, tasks: Mapping[int, int], why: Reason | None = None) -> None:
    """Move comments, each to its task; ``why`` is kept as the reason."""
    values = {"matched_by": why.as_json()} if why is not None else {}
    for comment_id, task_id in tasks.items():
        await uow.change(t.comment, comment_id, task_id=task_id, **values)


async def add_draft(
    uow: UnitOfWork, agent_id: int, task_id: int, mode: str, text: str, choices: dict[str, Any]
) -> None:
    """Add a draft."""
    values = {"text": text, "choices": choices, "updated_at": uow.now}
    await uow.add(t.draft, agent_id=agent_id, task_id=task_id, mode=mode, **values)
    uow.touch("drafts")


async def change_draft(uow: UnitOfWork, draft_id: int, text: str, choices: dict[str, Any]) -> None:
    """Change a draft."""
    await uow.change(t.draft, draft_id, text=text, choices=choices, updated_at=uow.now)
    uow.touch("drafts")


async def forget_drafts(uow: UnitOfWork, root: int, values: Collection[str]) -> None:
    """Remove what agents began to write to a contact alone, and the address from other drafts.

    What was chosen for a comment goes with the comment's draft when it is taken back.
    """
    modes = {f"mail:{card}" for card in await uow.connection.scalars(cards(root))}
    drafts = await uow.connection.execute(
        select(t.draft.c.id, t.draft.c.task_id, t.draft.c.mode, t.draft.c.choices)
    )
    for draft in drafts.all():
        if draft.mode in modes or (draft.task_id == 0 and rules.mentions(draft.choices, values)):
            await uow.connection.execute(delete(t.draft).where(t.draft.c.id == draft.id))
        elif rules.mentions(draft.choices, values):
            kept = rules.without_mentions(draft.choices, values)
            await uow.change(t.draft, draft.id, choices=kept)
    told = select(t.notify.c.comment_id).where(t.notify.c.contact_id.in_(cards(root)))
    chosen = await uow.connection.execute(
        select(t.comment.c.id, t.comment.c.choices).where(
            t.comment.c.choices.is_not(None), t.comment.c.id.in_(told)
        )
    )
    for comment in chosen.all():
        kept = rules.without_mentions(comment.choices, values)
        await uow.change(t.comment, comment.id, choices=kept or None)
    uow.touch("drafts")


async def drop_draft(uow: UnitOfWork, draft_id: int) -> None:
    """Remove a draft."""
    await uow.connection.execute(delete(t.draft).where(t.draft.c.id == draft_id))


async def add_canned(uow: UnitOfWork, name: str, text: str, agent_id: int | None) -> int:
    """Add a canned reply, ``agent_id``'s own or everybody's; returns its id."""
    uow.touch("drafts")
    values = {"agent_id": agent_id, "name": name, "text": text, "updated_at": uow.now}
    return await uow.add(t.canned, **values)


async def change_canned(
    uow: UnitOfWork, canned_id: int, name: str, text: str, agent_id: int | None
) -> None:
    values = {"agent_id": agent_id, "name": name, "text": text, "updated_at": uow.now}
    await uow.change(t.canned, canned_id, **values)
    uow.touch("drafts")


async def remove_canned(uow: UnitOfWork, canned_id: int) -> None:
    await uow.connection.execute(delete(t.canned).where(t.canned.c.id == canned_id))
    uow.touch("drafts")


async def add_aliases(
    uow: UnitOfWork, account_id: int, source_ids: Iterable[str], comment_id: int, part_id: int
) -> None:
    """Keep further source ids of a sent part, such as those of an album's pictures."""
    names = dict.fromkeys(filter(None, map(clean_line, source_ids)))
    rows = [
        {
            "account_id": account_id,
            "source_id": name,
            "comment_id": comment_id,
            "part_id": part_id,
        }
        for name in names
    ]
    await uow.add_missing(t.comment_alias, rows)
