"""An agent corrects what an agent wrote: edit, delete, hide from clients (R11, R38).

A comment that a client has got is changed at the client's as well (``services.outbound.amending``);
where the channel cannot do that, the comment stays as it is and the agent is told.
"""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, select, update

from pfinbox.domain.actor import AgentActor
from pfinbox.domain.events import CommentDeleted, CommentEdited, CommentHidden, CommentUnhidden
from pfinbox.domain.model import Task
from pfinbox.domain.outbound.delivery import WAITING, State
from pfinbox.domain.text.cleaning import clean
from pfinbox.errors import NotFound, Refused, UsageError
from pfinbox.i18n import _
from pfinbox.services import access
from pfinbox.services.outbound import amending, outbox
from pfinbox.services.people import revealing
from pfinbox.services.tasks import awaiting_reply
from pfinbox.store import journal
from pfinbox.store import tables as t
from pfinbox.store.search import index
from pfinbox.store.uow import UnitOfWork


@dataclass(frozen=True, slots=True)
class Outlook:
    """What a correction would do outside.

    ``reach``: "inside" (only colleagues have the comment), "waiting" (it has not left yet) or
    "outside" (the clients' copies on ``accounts`` change too).
    """

    reach: str
    accounts: tuple[str, ...] = ()


async def outlook(
    uow: UnitOfWork, actor: AgentActor, comment_id: int, *, deleting: bool
) -> Outlook:
    """What editing or deleting one's own comment would do; Refused where it cannot be done."""
    row, _task = await _own(uow, actor, comment_id)
    if await _outside(uow, row):
        text = None if deleting else row.text
        accounts, refusal = await amending.foresee(uow, comment_id, text)
        if refusal is not None:
            raise Refused(refusal.sentence())
        return Outlook("outside", accounts)
    return Outlook("waiting" if await _waiting(uow, comment_id) else "inside")


async def edit_comment(uow: UnitOfWork, actor: AgentActor, comment_id: int, text: str) -> None:
    """Another text for one's own comment, also at the clients who have it already.

    A comment that somebody may have read keeps its earlier text.
    """
    row, task = await _own(uow, actor, comment_id)
    text = clean(text).strip("\n")
    if not text.strip():
        raise UsageError(_("a comment needs a text"))
    outside = await _outside(uow, row)
    if outside:
        # The same text again tries the client's copy once more.
        await amending.edit(uow, actor, comment_id, text)
    if text == row.text:
        return
    if outside:
        await journal.record(uow, task.id, CommentEdited(comment=comment_id), actor.id)
    waiting = await _waiting(uow, comment_id)
    # A withdrawn delivery says nothing while another one waits.
    if waiting:
        await outbox.edit(uow, actor, waiting[0], text)
    else:
        await uow.add(t.comment_edit, comment_id=comment_id, text=row.text, at=uow.now)
        await uow.connection.execute(
            update(t.comment)
            .where(t.comment.c.id == comment_id)
            .values(text=text, new_text=None, edited_at=uow.now)
        )
        await index.index_comment(uow, comment_id)
    await awaiting_reply.refresh(uow, task.id)


async def delete_comment(uow: UnitOfWork, actor: AgentActor, comment_id: int) -> None:
    """Take one's own comment away, also from the clients who have it: marked, not lost."""
    row, task = await _own(uow, actor, comment_id)
    if await _outside(uow, row):
        await amending.delete(uow, actor, comment_id)
        await journal.record(uow, task.id, CommentDeleted(comment=comment_id), actor.id)
    for delivery_id in await _waiting(uow, comment_id):
        await outbox.withdraw(uow, actor, delivery_id)
    await uow.connection.execute(
        update(t.comment)
        .where(t.comment.c.id == comment_id)
        .values(deleted_at=uow.now, due_at=None, client_key=None)
    )
    await uow.connection.execute(t.notice.delete().where(t.notice.c.comment_id == comment_id))
    # Without the answer the client may be waiting again (R41).
    await awaiting_reply.refresh(uow, task.id)


async def set_hidden(uow: UnitOfWork, actor: AgentActor, comment_id: int, hidden: bool) -> None:
    """Hide a comment from every contact, whatever they may see (R38); colleagues see it still."""
    task = await access.task_of_comment(uow, actor, comment_id, lock=True)
    access.must_live(task)
    row = await _comment(uow, comment_id)
    if row.hidden == hidden:
        return
    async with revealing.guard(uow, actor, tasks=[task.id]):
        await uow.connection.execute(
            update(t.comment).where(t.comment.c.id == comment_id).values(hidden=hidden)
        )
    event = CommentHidden if hidden else CommentUnhidden
    await journal.record(uow, task.id, event(comment_id), actor.id)
    uow.touch("tasks")


async def _comment(uow: UnitOfWork, comment_id: int) -> Row[Any]:
    row = (
        await uow.connection.execute(select(t.comment).where(t.comment.c.id == comment_id))
    ).first()
    if row is None:
        raise NotFound(_("there is no comment {id}").format(id=comment_id))
    return row


async def _own(uow: UnitOfWork, actor: AgentActor, comment_id: int) -> tuple[Row[Any], Task]:
    """The agent's own comment, which is still there."""
    task = await access.task_of_comment(uow, actor, comment_id, lock=True)
    access.must_live(task)
    row = await _comment(uow, comment_id)
    if row.direction != "outgoing" or row.agent_id != actor.id:
        raise Refused(_("only its author can change or delete a comment"))
    if row.deleted_at is not None:
        raise Refused(_("comment {id} is deleted already").format(id=comment_id))
    return row, task


async def _outside(uow: UnitOfWork, row: Row[Any]) -> bool:
    """Whether a client has the comment, or may have it."""
    comment_id = row.id
    states = set(
        await uow.connection.scalars(
            select(t.delivery.c.state).where(
                t.delivery.c.comment_id == comment_id, t.delivery.c.notice.is_(None)
            )
        )
    )
    gone = states - {*WAITING, State.WITHDRAWN}
    if gone == {State.FAILED}:
        raise Refused(_("its delivery failed: withdraw that first, or write the comment anew"))
    # Some parts of a long text may have left.
    parts = set(
        await uow.connection.scalars(
            select(t.part.c.state).where(
                # Without a chat: a notice to a colleague.
                t.part.c.comment_id == comment_id,
                t.part.c.chat_id.is_not(None),
            )
        )
    )
    return bool(gone) or not parts <= {"pending", "failed"}


async def _waiting(uow: UnitOfWork, comment_id: int) -> list[int]:
    return list(
        await uow.connection.scalars(
            select(t.delivery.c.id)
            .where(
                t.delivery.c.comment_id == comment_id,
                t.delivery.c.notice.is_(None),
                t.delivery.c.state.in_(WAITING),
            )
            .order_by(t.delivery.c.id)
        )
    )
