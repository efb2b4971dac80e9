"""What happens to messages that are here: edited, deleted, given signs (R11)."""

from typing import Any

from sqlalchemy import Row, select, update

from pfinbox.domain.contract.envelope import Deletion, Edit, Reaction
from pfinbox.domain.contract.reason import Reason
from pfinbox.domain.events import FileReplaced
from pfinbox.domain.model import Account
from pfinbox.domain.text.cleaning import clean, clean_line
from pfinbox.services.tasks import awaiting_reply
from pfinbox.store import files, journal, load
from pfinbox.store import tables as t
from pfinbox.store.search import index
from pfinbox.store.uow import UnitOfWork

# How a receipt ends: its state, the comment it concerns, why.
Outcome = tuple[str, int | None, Reason | None]

_MOST_SIGNS = 50  # people whose signs are kept at one comment


async def edit(uow: UnitOfWork, account: Account, event: Edit) -> Outcome:
    """The earlier text and the earlier files are kept beside the new ones (R11)."""
    row = await _theirs(uow, account, event.source_id)
    if row is None:
        return "ignored", None, Reason("ignored", {"detail": "edit of an unknown message"})
    text = clean(event.text)
    if row.source_id != event.source_id:
        # Another picture of the album, with a caption of its own.
        text = row.text if text in row.text else f"{row.text}\n{text}".strip("\n")
    changed = text != row.text
    if changed:
        await uow.add(t.comment_edit, comment_id=row.id, text=row.text, at=event.edited_at)
    if await _new_files(uow, row, event) or changed:
        await uow.connection.execute(
            update(t.comment)
            .where(t.comment.c.id == row.id)
            .values(text=text, new_text=None, edited_at=event.edited_at)
        )
        await index.index_comment(uow, row.id)
        await awaiting_reply.refresh(uow, row.root_id)
        uow.touch("tasks")
    return "shown", row.id, None


async def _new_files(uow: UnitOfWork, row: Row[Any], event: Edit) -> bool:
    """Keep what the edit brought besides what is here already; whether there was any."""
    known = set(
        await uow.connection.scalars(
            select(t.attachment.c.sha256).where(t.attachment.c.comment_id == row.id)
        )
    )
    new = [file for file in event.files if files.sha256(file.content) not in known]
    await files.attach(uow, row.id, new)
    for file in new:
        name = clean_line(file.name, 200)
        await journal.record(uow, row.task_id, FileReplaced(comment=row.id, name=name))
    warnings = list(row.warnings or [])
    told = [w for w in (one.as_json() for one in event.warnings) if w not in warnings]
    if told:
        await uow.connection.execute(
            update(t.comment).where(t.comment.c.id == row.id).values(warnings=[*warnings, *told])
        )
        uow.touch("tasks")
    return bool(new)


async def _theirs(uow: UnitOfWork, account: Account, source_id: str) -> Any:
    """The row that was written outside pfinbox under this id, by a client or by our side."""
    found = await load.comments.by_source_id(uow, account.id, [source_id])
    if source_id not in found:
        return None
    row: Any = (
        await uow.connection.execute(
            select(
                t.comment.c.id,
                t.comment.c.text,
                t.comment.c.source_id,
                t.comment.c.task_id,
                t.comment.c.warnings,
                t.task.c.root_id,
            )
            .join(t.task, t.task.c.id == t.comment.c.task_id)
            .where(
                t.comment.c.id == found[source_id],
                (t.comment.c.direction == "incoming") | t.comment.c.sent_elsewhere,
            )
        )
    ).first()
    return row


async def delete(uow: UnitOfWork, account: Account, event: Deletion) -> Outcome:
    """Marked, not lost (R11). Of an album only the whole counts as deleted."""
    found = await load.comments.by_source_id(uow, account.id, event.source_ids)
    ids = list(
        await uow.connection.scalars(
            select(t.comment.c.id).where(
                t.comment.c.id.in_(set(found.values())),
                t.comment.c.source_id.in_(event.source_ids),
                (t.comment.c.direction == "incoming") | t.comment.c.sent_elsewhere,
            )
        )
    )
    roots = await uow.connection.scalars(
        select(t.task.c.root_id)
        .join(t.comment, t.comment.c.task_id == t.task.c.id)
        .where(t.comment.c.id.in_(ids))
        .order_by(t.task.c.root_id)
    )
    await uow.connection.execute(
        update(t.comment).where(t.comment.c.id.in_(ids)).values(deleted_at=event.deleted_at)
    )
    for root_id in sorted(set(roots)):
        # Nobody waits for an answer to it any more (R41).
        await awaiting_reply.refresh(uow, root_id)
    uow.touch("tasks")
    return "shown" if ids else "ignored", ids[0] if ids else None, None


async def react(uow: UnitOfWork, account: Account, event: Reaction) -> Outcome:
    """Shown at the message; it answers nothing, opens nothing and is nobody's news."""
    found = await load.comments.by_source_id(uow, account.id, [event.source_id])
    if event.source_id not in found:
        return "ignored", None, Reason("ignored", {"detail": "reaction to an unknown message"})
    comment_id = found[event.source_id]
    query = select(t.comment.c.reactions).where(t.comment.c.id == comment_id)
    if not uow.sqlite:
        query = query.with_for_update()
    before: list[dict[str, Any]] = await uow.connection.scalar(query) or []
    value = clean_line(event.sender.value, 100)
    now = [one for one in before if one["value"] != value]
    if event.signs:
        name = clean_line(event.sender.name, 150) or clean_line(event.sender.username or "") or "?"
        signs = [clean_line(sign, 16) for sign in event.signs]
        now.append({"value": value, "name": name, "signs": signs})
    await uow.connection.execute(
        update(t.comment)
        .where(t.comment.c.id == comment_id)
        .values(reactions=now[-_MOST_SIGNS:] or None)
    )
    uow.touch("tasks")
    # The comment's receipt is the message's own.
    return "ignored", None, Reason("reaction")
