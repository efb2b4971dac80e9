"""Bytes: files of comments, and messages as they were received."""

from typing import Any

from sqlalchemy import Row, Select, select

from pfinbox.domain.actor import AgentActor
from pfinbox.errors import NotFound
from pfinbox.i18n import _
from pfinbox.store import files
from pfinbox.store import tables as t
from pfinbox.store.read.visibility import viewer
from pfinbox.store.rows import AttachmentRow
from pfinbox.store.uow import UnitOfWork


def attachment_row(row: Row[Any]) -> AttachmentRow:
    """A row of ``attachment`` as front ends have it."""
    return AttachmentRow(row.id, row.name, row.media_type, row.size, row.sha256, row.removed_at)


async def attachment(uow: UnitOfWork, actor: AgentActor, attachment_id: int) -> AttachmentRow:
    """A file's name and type; NotFound when its task is not this agent's to see."""
    statement = select(t.attachment).join(t.comment, t.comment.c.id == t.attachment.c.comment_id)
    statement = statement.where(t.attachment.c.id == attachment_id)
    row = (await uow.connection.execute(await _seen(uow, actor, statement))).first()
    if row is None:
        raise NotFound(_("there is no attachment {id}").format(id=attachment_id))
    return attachment_row(row)


async def attachment_content(uow: UnitOfWork, actor: AgentActor, attachment_id: int) -> bytes:
    """A file's bytes; NotFound when its task is not this agent's to see."""
    found = await attachment(uow, actor, attachment_id)
    files.must_be_here(found.name, found.removed_at)
    return (await files.contents(uow, [found.sha256]))[found.sha256]


async def raw(uow: UnitOfWork, actor: AgentActor, comment_id: int) -> bytes:
    """The original of a comment: a mail's bytes, a messenger's JSON."""
    statement = select(t.receipt.c.raw, t.receipt.c.removed_at)
    statement = statement.join(t.comment, t.comment.c.id == t.receipt.c.comment_id)
    # Edits and second copies have receipts of their own; the first one is the message.
    statement = statement.where(t.comment.c.id == comment_id).order_by(t.receipt.c.id).limit(1)
    row = (await uow.connection.execute(await _seen(uow, actor, statement))).first()
    if row is None:
        raise NotFound(_("there is no original of comment {id}").format(id=comment_id))
    files.must_be_here(_("the original of comment {id}").format(id=comment_id), row.removed_at)
    return bytes(row.raw)


async def _seen(uow: UnitOfWork, actor: AgentActor, statement: Select[Any]) -> Select[Any]:
    """Only of comments whose task this agent may see."""
    who = await viewer(uow, actor)
    origin = t.task.alias("origin")
    return (
        statement.join(origin, origin.c.id == t.comment.c.task_id)
        .join(t.task, t.task.c.id == origin.c.root_id)
        .where(t.task.c.purged_at.is_(None), who.sees())
    )
