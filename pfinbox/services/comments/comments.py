"""Writing a comment: the plan is made once, frozen with it, and queued in one transaction."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from pfinbox.domain.actor import AgentActor
from pfinbox.domain.contract.files import File
from pfinbox.domain.contract.outgoing import Forwarded
from pfinbox.domain.events.comments import CommentWritten
from pfinbox.domain.model import Notify, Task, Who
from pfinbox.domain.outbound.planning.templates import TemplateChoice
from pfinbox.domain.recipients import chosen
from pfinbox.domain.recipients.forwarding import below
from pfinbox.domain.recipients.original import Original, QuoteUnseen, Unseen
from pfinbox.domain.tasks import then as then_rules
from pfinbox.domain.tasks.change import TaskChange
from pfinbox.domain.tasks.then import STAYS, Then
from pfinbox.domain.text.cleaning import clean
from pfinbox.domain.text.preview import preview
from pfinbox.errors import NotFound, Refused, UsageError
from pfinbox.i18n import _
from pfinbox.record import record
from pfinbox.services import access
from pfinbox.services.comments import correspondents, planning, templates
from pfinbox.services.events import queueing, reactions
from pfinbox.services.tasks import drafts, tasks
from pfinbox.store import files, load, locks, read, snapshots, statuses, write
from pfinbox.store.uow import UnitOfWork


@record
class CommentRequest:
    """What an agent wants to say, and to whom."""

    task_id: int
    text: str
    notify: Notify
    quote_id: int | None = None
    # What to do where a recipient has not seen the quoted words (R19).
    quote_unseen: Unseen = "refuse"
    attachments: tuple[File, ...] = ()
    # An approved text, in place of ``text`` (R25).
    template: TemplateChoice | None = None
    # Messages passed on below the text (R45).
    forwarded: tuple[Forwarded, ...] = ()
    # Of a mail that begins a thread; None: the task's title.
    subject: str | None = None
    # The moment to send it (R18); None: now.
    send_at: datetime | None = None
    hidden: bool = False
    # Id of the last comment that the author saw; a newer one of the client refuses this comment.
    seen: int | None = None
    force: bool = False
    # A colleague's answer that came after ``seen`` refuses it, too.
    one_answer: bool = False
    # The same key twice is one comment.
    client_key: str | None = None
    # Seconds that a comment to a contact waits in the store and can be taken back.
    undo_seconds: float = 0
    # A scheduled comment goes out even if the client wrote meanwhile (R18).
    send_anyway: bool = False
    # The comment was not written in this task's composer: the draft there stays.
    keep_draft: bool = False
    # What becomes of the task with it.
    then: Then = STAYS


@record
class Saved:
    """``due_at``: when it leaves, None for one that goes to nobody outside.

    ``back``: what takes back the change of the task that came with it. ``next_id``: the task that
    is to be answered next, where that was asked for.
    """

    comment_id: int
    due_at: datetime | None
    back: TaskChange | None = None
    next_id: int | None = None


class SaidMeanwhile(Refused):
    """These comments came since the author last looked, and are to be read first."""

    def __init__(self, sentence: str, comment_ids: Sequence[int]) -> None:
        super().__init__(sentence)
        self.comment_ids = tuple(comment_ids)


class ClientWrote(SaidMeanwhile):
    """The client has written since the author last looked; the news comes first."""

    def __init__(self, comment_ids: Sequence[int]) -> None:
        super().__init__(_("the client has written meanwhile; read that first"), comment_ids)


async def add_comment(uow: UnitOfWork, actor: AgentActor, request: CommentRequest) -> Saved:
    """Store the comment, its notify set and its deliveries; Refused leaves nothing behind."""
    if request.client_key is not None:
        for comment_id, due_at in (await load.comments.by_key(uow, [request.client_key])).values():
            return Saved(comment_id, due_at, None, await _next(uow, actor, request))
    text = _text(uow.now, request)
    await locks.tasks(uow, [request.task_id], contacts=request.notify.contacts)
    task = await access.living_task(uow, actor, request.task_id)
    if request.seen is not None and not request.force:
        newer = await load.comments.client_wrote_after(uow, {task.id: request.seen})
        if newer:
            raise ClientWrote(newer[task.id])
        if request.one_answer:
            others = await load.comments.answered_after(uow, task.id, request.seen, actor.id)
            if others:
                raise SaidMeanwhile(_("it was answered meanwhile; read that first"), others)
    await access.the_way(uow, actor, task, request.notify.reply_via)
    # What is forwarded is chosen for its own sake.
    answers = request.quote_id if not request.forwarded else None
    here = await planning.context(uow, task, answers)
    known = await planning.known(uow, actor, here, request.notify)
    private = task.account_id if task.private_to_id is not None else None
    notify, invited = await correspondents.settle(uow, known, private)
    notify = await _resolved(uow, task, notify)
    answered = here.answered(invited)
    template = await templates.chosen(uow, actor, task, request.template, request.attachments)
    if template is not None:
        text = template.text
    plan = await planning.plan_in(
        uow,
        actor,
        here,
        notify,
        request.send_at,
        answered,
        template,
        [file.weighed for file in request.attachments],
    )
    if (refusal := plan.refusal) is not None:
        raise Refused(refusal)
    due_at = _due(uow.now, request, notify)
    quoted = await _quoted(uow, here.original, notify, request.quote_unseen)
    comment_id = await write.comments.add_outgoing(
        uow,
        task.id,
        notify,
        text,
        agent_id=actor.id,
        # The quotation shown is the one that was sent.
        quote_id=request.quote_id if quoted is not None or request.forwarded else None,
        quote_text=below(request.forwarded) or (quoted.words if quoted is not None else None),
        # A forward is no talk with the client, whatever contacts may see of the task (R37).
        hidden=request.hidden or bool(request.forwarded),
        choices=_choices(request, notify),
        client_key=request.client_key,
        due_at=due_at if due_at != uow.now else None,
        send_anyway=request.send_anyway,
    )
    joining = (answered.addressed & set(notify.contacts)) | invited
    await correspondents.join(uow, actor, task, joining)
    attachment_ids = await files.attach(uow, comment_id, request.attachments)
    await queueing.queue(
        uow,
        task,
        comment_id,
        plan,
        text,
        attachment_ids,
        due_at,
        scheduled=request.send_at is not None,
        answered=here.original,
        quotes=quoted is not None,
        forwarded=request.forwarded,
        subject=request.subject,
        template=template,
    )
    written = CommentWritten(
        comment_id,
        notify.contacts,
        notify.agents,
        preview(text),
        due_at,
        scheduled=request.send_at is not None,
    )
    await reactions.follow(uow, task.id, written, actor.id)
    if not request.keep_draft:
        await drafts.drop(uow, actor, task.id, "note" if notify.internal else "reply")
    uow.touch("tasks", "outbox")
    back = await _then(uow, actor, task, request.then)
    next_id = await _next(uow, actor, request)
    return Saved(comment_id, None if notify.internal else due_at, back, next_id)


async def _then(uow: UnitOfWork, actor: AgentActor, task: Task, then: Then) -> TaskChange | None:
    """Close or hide the task; returns the way back, None where nothing was to change."""
    finished = await statuses.finished_status(uow) if then.close else ""
    wanted = then_rules.change_of(task, then, finished)
    if wanted is None:
        return None
    await tasks.change(uow, actor, [task.id], wanted)
    return then_rules.way_back(task, wanted)


async def _next(uow: UnitOfWork, actor: AgentActor, request: CommentRequest) -> int | None:
    """The task whose client waits longest, besides this one; None where it was not asked for."""
    if not request.then.next:
        return None
    page = await read.tasks(uow, actor, "to_answer", limit=2)
    return next((row.id for row in page.rows if row.id != request.task_id), None)


def _text(now: datetime, request: CommentRequest) -> str:
    text = clean(request.text).strip("\n")
    if request.template is not None:
        if text or request.forwarded or request.quote_id is not None:
            raise UsageError(_("a template goes as it was approved: no text, file or quotation"))
        text = request.template.name
    if not text.strip() and not request.attachments and not request.forwarded:
        raise UsageError(_("a comment needs a text or a file"))
    if request.send_at is not None and request.send_at <= now:
        raise Refused(
            _("{when} has passed already").format(when=request.send_at.isoformat(" ", "minutes"))
        )
    return text


def _due(now: datetime, request: CommentRequest, notify: Notify) -> datetime:
    if request.send_at is not None:
        return request.send_at
    if notify.internal or request.undo_seconds <= 0:
        return now
    return now + timedelta(seconds=request.undo_seconds)


def _choices(request: CommentRequest, notify: Notify) -> dict[str, Any] | None:
    """What the comment's draft had chosen besides the people; None: nothing unusual."""
    kept = chosen.beside(notify)
    if request.template is not None:
        kept |= {"template": request.template.as_json(), "own_text": ""}
    return kept or None


async def _resolved(uow: UnitOfWork, task: Task, notify: Notify) -> Notify:
    """Merged cards by their root; agents that are gone or may not see the task are refused."""
    agents = await snapshots.agents(uow, notify.agents) if notify.agents else {}
    seeing = await access.those_who_see(uow, agents.values(), task)
    who: list[Who] = []
    for one in notify.who:
        if one.kind == "contact":
            who.append(Who("contact", await snapshots.contact_root(uow, one.id)))
            continue
        agent = agents.get(one.id)
        if agent is None:
            raise NotFound(_("there is no agent {id}").format(id=one.id))
        if not agent.active:
            raise Refused(_("{name} is deactivated").format(name=agent.name))
        if agent not in seeing:
            raise Refused(
                _("{name} may not see task #{id}; share it first").format(
                    name=agent.name, id=task.id
                )
            )
        who.append(one)
    return replace(notify, who=tuple(dict.fromkeys(who)))


async def _quoted(
    uow: UnitOfWork, original: Original | None, notify: Notify, unseen: Unseen
) -> Original | None:
    """The comment whose words go along; QuoteUnseen where that must be asked first (R19)."""
    if original is None or unseen == "send":
        return original
    names = await planning.names_of_unseen(uow, original, notify)
    if names and unseen == "refuse":
        raise QuoteUnseen(names)
    return original if not names else None
