"""An agent corrects what an agent wrote: edit, delete, hide from clients (R11, R38).

A comment that a client has got is changed at the client's as well (``services.outbound.amending``);
where the channel cannot do that, the comment stays as it is and the agent is told.
"""

from pfinbox.domain.actor import AgentActor
from pfinbox.domain.events.comments import (
    CommentChanged,
    CommentDeleted,
    CommentEdited,
    CommentHidden,
    CommentsGone,
    CommentUnhidden,
)
from pfinbox.domain.model import Task
from pfinbox.domain.outbound.correcting import Written, must_be_own
from pfinbox.domain.text.cleaning import clean
from pfinbox.errors import Refused, UsageError
from pfinbox.i18n import _
from pfinbox.record import record
from pfinbox.services import access
from pfinbox.services.events import reactions
from pfinbox.services.outbound import amending, outbox
from pfinbox.services.people import revealing
from pfinbox.store import load, write
from pfinbox.store.uow import UnitOfWork


@record
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
    comment, _task = await _own(uow, actor, comment_id)
    if comment.outside:
        text = None if deleting else comment.text
        accounts, refusal = await amending.foresee(uow, comment_id, text)
        if refusal is not None:
            raise Refused(refusal.sentence())
        return Outlook("outside", accounts)
    return Outlook("waiting" if comment.waiting else "inside")


async def edit_comment(uow: UnitOfWork, actor: AgentActor, comment_id: int, text: str) -> None:
    """Another text for one's own comment, also at the clients who have it already.

    A comment that somebody may have read keeps its earlier text.
    """
    comment, task = await _own(uow, actor, comment_id)
    text = clean(text).strip("\n")
    if not text.strip():
        raise UsageError(_("a comment needs a text"))
    outside = comment.outside
    if outside:
        # The same text again tries the client's copy once more.
        await amending.edit(uow, actor, comment_id, text)
    if text == comment.text:
        return
    if outside:
        await reactions.follow(uow, task.id, CommentEdited(comment=comment_id), actor.id)
    # A withdrawn delivery says nothing while another one waits.
    if comment.waiting:
        await outbox.edit(uow, actor, comment.waiting[0], text)
    else:
        await write.comments.edit(uow, comment, text)
        await reactions.follow(uow, task.id, CommentChanged(comment_id), actor.id)


async def delete_comment(uow: UnitOfWork, actor: AgentActor, comment_id: int) -> None:
    """Take one's own comment away, also from the clients who have it: marked, not lost."""
    comment, task = await _own(uow, actor, comment_id)
    if comment.outside:
        await amending.delete(uow, actor, comment_id)
        await reactions.follow(uow, task.id, CommentDeleted(comment=comment_id), actor.id)
    for delivery_id in comment.waiting:
        await outbox.withdraw(uow, actor, delivery_id)
    await write.comments.take_away(uow, comment_id)
    await reactions.follow(uow, task.id, CommentsGone([comment_id]), actor.id)


async def set_hidden(uow: UnitOfWork, actor: AgentActor, comment_id: int, hidden: bool) -> None:
    """Hide a comment from every contact, whatever they may see (R38); colleagues see it still."""
    task = await access.task_of_comment(uow, actor, comment_id, lock=True)
    access.must_live(task)
    if (await load.comments.written(uow, comment_id)).hidden == hidden:
        return
    async with revealing.guard(uow, actor, tasks=[task.id]):
        await write.comments.hide(uow, comment_id, hidden=hidden)
    event = CommentHidden if hidden else CommentUnhidden
    await reactions.follow(uow, task.id, event(comment_id), actor.id)


async def _own(uow: UnitOfWork, actor: AgentActor, comment_id: int) -> tuple[Written, Task]:
    """The agent's own comment, which is still there."""
    task = await access.task_of_comment(uow, actor, comment_id, lock=True)
    access.must_live(task)
    return must_be_own(await load.comments.written(uow, comment_id), actor.id), task
