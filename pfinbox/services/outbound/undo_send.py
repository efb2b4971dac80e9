"""Undo send: a comment that has not left becomes its author's draft again (R18)."""

from contextlib import suppress

from pfinbox.domain.actor import AgentActor
from pfinbox.domain.events.comments import CommentTakenBack
from pfinbox.domain.outbound.delivery import WAITING, State, Step
from pfinbox.domain.recipients import chosen
from pfinbox.domain.tasks.change import TaskChange
from pfinbox.errors import Refused
from pfinbox.i18n import _
from pfinbox.record import record
from pfinbox.services import access
from pfinbox.services.events import reactions
from pfinbox.services.outbound import outbox
from pfinbox.services.tasks import drafts, tasks
from pfinbox.store import load, write
from pfinbox.store.rows import DraftRow
from pfinbox.store.uow import UnitOfWork


@record
class TakenBack:
    """``draft`` None: the comment has left. ``restored``: the task is as it was before it."""

    draft: DraftRow | None
    restored: bool


async def recall(uow: UnitOfWork, actor: AgentActor, delivery_id: int) -> bool:
    """Stop a delivery; True: the whole comment is its author's draft again.

    Where a recipient has the comment already, or a colleague wrote it, only this delivery is
    withdrawn.
    """
    await access.task_of_delivery(uow, actor, delivery_id)
    row = await load.outbox.queued(uow, delivery_id)
    try:
        async with uow.attempt():
            await take_back(uow, actor, row.comment_id)
    except Refused:
        await outbox.withdraw(uow, actor, delivery_id)
        return False
    return True


async def take_back(uow: UnitOfWork, actor: AgentActor, comment_id: int) -> DraftRow:
    """Undo send: a comment that has not left becomes its author's draft again (R18).

    It stands before the draft that its author has by now: that is the later text.
    """
    scheduled = State.SCHEDULED in (await load.outbox.of_comment(uow, comment_id)).values()
    comment, task_id = await unsay(uow, actor, comment_id)
    held = await drafts.load(uow, actor, task_id, "reply")
    who = await load.outbox.notified(uow, comment_id)
    choices = {"who": chosen.people_as_json(who), **(comment.choices or {})}
    if comment.quote_id is not None:
        choices |= {"answers": comment.quote_id, "quotes": True}
    if scheduled and comment.due_at is not None and comment.due_at > uow.now:
        choices |= {"send_at": comment.due_at.isoformat(), "anyway": comment.send_anyway}
    # The files are in the store already; where they came from does not matter.
    files = await load.outbox.files(uow, comment_id)
    choices["files"] = [list(file.values()) for file in files]
    if held is not None and "template" in choices:
        choices["own_text"] = held.choices.get("own_text", held.text)
    text = "\n\n".join(part for part in (comment.text, held.text if held else "") if part)
    await drafts.save(uow, actor, task_id, "reply", text, choices)
    draft = await drafts.load(uow, actor, task_id, "reply")
    if draft is None:
        raise Refused(_("it had no text to give back"))
    return draft


async def take_back_mail(
    uow: UnitOfWork,
    actor: AgentActor,
    comment_id: int,
    draft: DraftRow,
    back: TaskChange | None = None,
) -> bool:
    """Undo send of a mail that was written on a sheet: it is the draft that it was.

    ``back``: what takes back the change of the task that came with it; a colleague's later change
    stays. A task that has nothing else goes to the trash. False: another draft stands there by
    now, and the comment is a draft in its task.
    """
    if await drafts.load(uow, actor, draft.task_id, draft.mode) is not None:
        await take_back(uow, actor, comment_id)
        task = await access.task_of_comment(uow, actor, comment_id)
        await _change_back(uow, actor, task.id, back)
        return False
    _comment, task_id = await unsay(uow, actor, comment_id)
    await _change_back(uow, actor, task_id, back)
    if set(await load.originals.said(uow, task_id)) == {comment_id}:
        await tasks.delete(uow, actor, [task_id])
    await drafts.save(uow, actor, draft.task_id, draft.mode, draft.text, draft.choices)
    return True


async def _change_back(
    uow: UnitOfWork, actor: AgentActor, task_id: int, back: TaskChange | None
) -> None:
    if back is not None:
        with suppress(Refused):
            async with uow.attempt():
                await tasks.change(uow, actor, [task_id], back)


async def take_back_with(
    uow: UnitOfWork, actor: AgentActor, comment_id: int, back: TaskChange
) -> TakenBack:
    """The comment is a draft again, and the task that was closed or hidden with it as before.

    Each of the two is taken back as far as it can be; Refused where neither can.
    """
    draft, gone = None, None
    task = await access.task_of_comment(uow, actor, comment_id, lock=True)
    try:
        async with uow.attempt():
            draft = await take_back(uow, actor, comment_id)
    except Refused as refusal:
        gone = refusal
    try:
        async with uow.attempt():
            await tasks.change(uow, actor, [task.id], back)
    except Refused:
        if gone is not None:
            raise gone from None
        return TakenBack(draft, restored=False)
    return TakenBack(draft, restored=True)


async def unsay(
    uow: UnitOfWork, actor: AgentActor, comment_id: int
) -> tuple[load.outbox.Outgoing, int]:
    """Take back a comment that has not left; returns it and its task. Refused changes nothing."""
    task = await access.task_of_comment(uow, actor, comment_id, lock=True)
    comment = await load.outbox.outgoing(uow, comment_id)
    if comment.agent_id != actor.id:
        raise Refused(_("only its author can take a comment back"))
    # The daemon may be claiming these deliveries right now.
    states = await load.outbox.of_comment(uow, comment_id, lock=True)
    if (
        not states
        or not set(states.values()) <= {*WAITING}
        or await load.outbox.may_have_arrived(uow, comment_id)
    ):
        raise Refused(_("it has left already"))
    await outbox.move(uow, Step.TAKEN_BACK, states)
    await write.outgoing.change_comment(
        uow, comment_id, deleted_at=uow.now, due_at=None, client_key=None
    )
    await reactions.follow(uow, task.id, CommentTakenBack(comment_id), actor.id)
    return comment, task.id
