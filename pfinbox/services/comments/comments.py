"""Writing a comment: the plan is made once, frozen with it, and queued in one transaction."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, insert, select, update

from pfinbox.domain.actor import AgentActor
from pfinbox.domain.contract.envelope import File, Forwarded
from pfinbox.domain.contract.parts import too_large
from pfinbox.domain.contract.reason import Reason
from pfinbox.domain.model import Notify, Task, Who
from pfinbox.domain.outbound.plan import Answered, DeliveryPlan, plan_delivery
from pfinbox.domain.recipients.picker import Said
from pfinbox.domain.recipients.picker import preselect as choose
from pfinbox.domain.text.cleaning import clean
from pfinbox.domain.text.preview import preview
from pfinbox.errors import NotFound, Refused, UsageError
from pfinbox.i18n import _
from pfinbox.services import access
from pfinbox.services.comments import correspondents, notify_history
from pfinbox.services.notifications.notices import queue_news
from pfinbox.services.outbound import queueing, quoting
from pfinbox.services.outbound.quoting import QuoteUnseen, Unseen
from pfinbox.services.tasks import awaiting_reply, drafts
from pfinbox.store import client_wrote, files, load, moments, snapshots, write
from pfinbox.store import tables as t
from pfinbox.store.search import index
from pfinbox.store.uow import UnitOfWork


@dataclass(frozen=True, slots=True)
class CommentRequest:
    """What an agent wants to say, and to whom."""

    task_id: int
    text: str
    notify: Notify
    quote_id: int | None = None
    # What to do where a recipient has not seen the quoted words (R19).
    quote_unseen: Unseen = "refuse"
    attachments: tuple[File, ...] = ()
    # Messages passed on below the text (R45).
    forwarded: tuple[Forwarded, ...] = ()
    # The moment to send it (R18); None: now.
    send_at: datetime | None = None
    hidden: bool = False
    # Id of the last comment that the author saw; a newer one of the client refuses this comment.
    seen: int | None = None
    force: bool = False
    # The same key twice is one comment.
    client_key: str | None = None
    # Seconds that a comment to a contact waits in the store and can be taken back.
    undo_seconds: float = 0
    # A scheduled comment goes out even if the client wrote meanwhile (R18).
    send_anyway: bool = False
    # The comment was not written in this task's composer: the draft there stays.
    keep_draft: bool = False


@dataclass(frozen=True, slots=True)
class Saved:
    """``due_at``: when it leaves, None for one that goes to nobody outside."""

    comment_id: int
    due_at: datetime | None


class ClientWrote(Refused):
    """The client has written since the author last looked; the news comes first."""

    def __init__(self, comment_ids: Sequence[int]) -> None:
        super().__init__(_("the client has written meanwhile; read that first"))
        self.comment_ids = tuple(comment_ids)


async def preselect(
    uow: UnitOfWork,
    actor: AgentActor,
    task_id: int,
    *,
    answers: int | None = None,
    note: bool = False,
    reply_all: bool = False,
) -> Notify:
    """The picker's default for this agent in this task (R14); ``reply_all``: R45."""
    task = await access.the_task(uow, actor, task_id)
    known = await notify_history.history(uow, task.id)
    said = known.get(answers) if answers is not None else None
    if answers is not None and said is None:
        raise NotFound(_("comment {id} is not in task #{task}").format(id=answers, task=task.id))
    if reply_all and (said is None or answers is None):
        raise UsageError(_("say which comment is answered to all"))
    if reply_all and said is not None and answers is not None:
        said = await _with_everyone(uow, task, answers, said)
    chosen = choose(actor.id, list(known.values()), answers=said, note=note, everyone=reply_all)
    return with_client(task, chosen) if said is not None else chosen


def with_client(task: Task, notify: Notify) -> Notify:
    """Choosing one of the client's cards chooses every card that stands for the client (R30).

    A reply channel chosen for the task (R16) goes before that.
    """
    cards = [Who("contact", contact_id) for contact_id in task.client_cards]
    one_way = (notify.reply_via or task.reply_via) not in ("own", "all")
    if one_way or notify.addresses or not set(cards) & set(notify.who):
        return notify
    return replace(notify, who=tuple(dict.fromkeys((*notify.who, *cards))))


async def to_client(uow: UnitOfWork, actor: AgentActor, task_id: int, notify: Notify) -> Notify:
    """``notify`` meant for the task's client: with every card that stands for the client."""
    return with_client(await access.the_task(uow, actor, task_id), notify)


async def _with_everyone(uow: UnitOfWork, task: Task, comment_id: int, said: Said) -> Said:
    """The comment with the people of its mail."""
    people = await correspondents.on_mail(uow, comment_id)
    outside = await uow.connection.scalar(
        select(t.chat.c.outside)
        .join(t.comment, t.comment.c.chat_id == t.chat.c.id)
        .where(t.comment.c.id == comment_id)
    )
    contacts = [
        contact_id
        for contact_id in people.contacts
        # A side conversation reaches the client only when an agent chooses so.
        if not (outside and contact_id == task.contact_id)
    ]
    everyone = tuple(Who("contact", contact_id) for contact_id in contacts)
    return replace(said, reply_all=everyone, newcomers=people.newcomers)


async def plan(
    uow: UnitOfWork,
    actor: AgentActor,
    task_id: int,
    notify: Notify,
    *,
    when: datetime | None = None,
    answers: int | None = None,
    quotes: bool = False,
) -> DeliveryPlan:
    """What would go to whom, by what, to which address; nothing is stored.

    ``quotes``: the comment that is answered is quoted, too, which the plan may warn of.
    """
    task = await access.the_task(uow, actor, task_id)
    await access.the_way(uow, actor, task, notify.reply_via)
    quoted = await quoting.the_quoted(uow, task, answers) if answers is not None else None
    notify = await _known(uow, actor, notify, quoted)
    notify, invited = await correspondents.known(uow, notify)
    answered = await _answered(uow, quoted, invited)
    plan = await _plan(uow, actor, task, notify, when, answered)
    names = []
    if quotes and quoted is not None:
        names = await quoting.names_of_unseen(uow, quoted, notify.contacts, notify.newcomers)
    if names:
        unseen = Reason("quote_unseen", {"names": ", ".join(names)})
        return replace(plan, warnings=(*plan.warnings, unseen))
    return plan


async def add_comment(uow: UnitOfWork, actor: AgentActor, request: CommentRequest) -> Saved:
    """Store the comment, its notify set and its deliveries; Refused leaves nothing behind."""
    if request.client_key is not None and (same := await _by_key(uow, request.client_key)):
        return same
    text = clean(request.text).strip("\n")
    if not text.strip() and not request.attachments and not request.forwarded:
        raise UsageError(_("a comment needs a text or a file"))
    if request.send_at is not None and request.send_at <= uow.now:
        raise Refused(
            _("{when} has passed already").format(when=request.send_at.isoformat(" ", "minutes"))
        )
    task = await access.living_task(uow, actor, request.task_id)
    if request.seen is not None and not request.force:
        await _nothing_new(uow, task.id, request.seen)
    await access.the_way(uow, actor, task, request.notify.reply_via)
    quoted = await _quoted(uow, task, request)
    known = await _known(uow, actor, request.notify, quoted)
    private = task.account_id if task.private_to_id is not None else None
    notify, invited = await correspondents.settle(uow, known, private)
    notify = await _resolved(uow, task, notify)
    answered = await _answered(uow, quoted, invited)
    plan = await _plan(uow, actor, task, notify, request.send_at, answered)
    for error in plan.errors:
        raise Refused(error.sentence())
    _must_fit(plan, request.attachments)
    due_at = _due(uow.now, request, notify)
    repeats = await _may_be_repeated(uow, quoted, notify, request.quote_unseen)
    comment_id = await uow.add(
        t.comment,
        task_id=task.id,
        direction="outgoing",
        agent_id=actor.id,
        text=text,
        # The quotation shown is the one that was sent.
        quote_id=request.quote_id if repeats or request.forwarded else None,
        quote_text=_passed_on(request.forwarded) or (quoting.words(repeats) if repeats else None),
        created_at=await moments.now_in(uow, task.id),
        internal=notify.internal,
        # A forward is no talk with the client, whatever contacts may see of the task (R37).
        hidden=request.hidden or bool(request.forwarded),
        client_key=request.client_key,
        due_at=due_at if due_at != uow.now else None,
        send_anyway=request.send_anyway,
    )
    await _notify(uow, task, comment_id, notify)
    await correspondents.join(
        uow, actor, task, (answered.addressed & set(notify.contacts)) | invited
    )
    attachment_ids = await files.attach(uow, comment_id, request.attachments)
    await index.index_comment(uow, comment_id)
    await queueing.queue(
        uow,
        task,
        comment_id,
        plan,
        text,
        attachment_ids,
        due_at,
        scheduled=request.send_at is not None,
        answered=quoted,
        quotes=repeats is not None,
        forwarded=request.forwarded,
    )
    told = (await snapshots.agents(uow, notify.agents)).values() if notify.agents else ()
    await queue_news(uow, task, comment_id, told, author_id=actor.id, due_at=due_at)
    await _after(uow, task, actor.id, comment_id, notify, text, request)
    uow.touch("tasks", "outbox")
    return Saved(comment_id, None if notify.internal else due_at)


def _must_fit(plan: DeliveryPlan, attachments: Sequence[File]) -> None:
    """Refused when a channel would not take a file, or not all of them together (R25)."""
    sizes = [(file.name, len(file.content)) for file in attachments]
    for limits in [row.account.limits for row in plan.rows if row.account is not None]:
        refusals = [too_large(name, size, limits) for name, size in sizes]
        if limits.files_per_part is None and len(sizes) > 1:
            together = sum(size for _name, size in sizes)
            refusals.append(too_large(_("all files together"), together, limits))
        for refusal in refusals:
            if refusal is not None:
                raise Refused(refusal.sentence())


def _passed_on(forwarded: Sequence[Forwarded]) -> str | None:
    """Forwarded messages as they stand under the comment."""
    blocks = ["\n".join([*one.lines(), "", one.text]) for one in forwarded]
    return "\n\n".join(blocks) or None


def _due(now: datetime, request: CommentRequest, notify: Notify) -> datetime:
    if request.send_at is not None:
        return request.send_at
    if notify.internal or request.undo_seconds <= 0:
        return now
    return now + timedelta(seconds=request.undo_seconds)


async def _by_key(uow: UnitOfWork, key: str) -> Saved | None:
    row = (
        await uow.connection.execute(
            select(t.comment.c.id, t.comment.c.due_at).where(t.comment.c.client_key == key)
        )
    ).first()
    return Saved(row.id, row.due_at) if row is not None else None


async def _nothing_new(uow: UnitOfWork, task_id: int, seen: int) -> None:
    newer = await uow.connection.scalars(
        select(t.comment.c.id)
        .join(t.task, t.task.c.id == t.comment.c.task_id)
        .where(
            t.task.c.root_id == task_id,
            client_wrote.client_wrote(),
            t.comment.c.id > seen,
        )
        .order_by(t.comment.c.id)
    )
    if ids := list(newer):
        raise ClientWrote(ids)


async def _known(
    uow: UnitOfWork, actor: AgentActor, notify: Notify, answered: Row[Any] | None
) -> Notify:
    """NotFound where the agent may not know of a contact (R46); whom the mail names is known."""
    named: tuple[int, ...] = ()
    if answered is not None:
        named = (await correspondents.on_mail(uow, answered.id)).contacts
    who: list[Who] = []
    for one in notify.who:
        if one.kind == "contact" and one.id not in named:
            who.append(Who("contact", await access.the_contact(uow, actor, one.id)))
        else:
            who.append(one)
    return replace(notify, who=tuple(dict.fromkeys(who)))


async def _resolved(uow: UnitOfWork, task: Task, notify: Notify) -> Notify:
    """Merged cards by their root; agents that are gone or may not see the task are refused."""
    who: list[Who] = []
    for one in notify.who:
        if one.kind == "contact":
            who.append(Who("contact", await snapshots.contact_root(uow, one.id)))
            continue
        agents = await snapshots.agents(uow, [one.id])
        if one.id not in agents:
            raise NotFound(_("there is no agent {id}").format(id=one.id))
        agent = agents[one.id]
        if not agent.active:
            raise Refused(_("{name} is deactivated").format(name=agent.name))
        if not await access.may_see(uow, agent, task):
            raise Refused(
                _("{name} may not see task #{id}; share it first").format(
                    name=agent.name, id=task.id
                )
            )
        who.append(one)
    return replace(notify, who=tuple(dict.fromkeys(who)))


async def _plan(
    uow: UnitOfWork,
    actor: AgentActor,
    task: Task,
    notify: Notify,
    when: datetime | None,
    answers: Answered,
) -> DeliveryPlan:
    # The plan's warning names the people who were not chosen.
    cards = (Who("contact", contact_id) for contact_id in task.client_cards)
    found = await snapshots.people(uow, (*notify.who, *cards))
    people = await access.within(uow, actor, task, found)
    plan = plan_delivery(task, notify, people, when=when, answers=answers)
    return await access.plan_for(uow, actor, plan)


async def _answered(uow: UnitOfWork, quoted: Row[Any] | None, invited: frozenset[int]) -> Answered:
    """What the plan needs of the answered comment; ``invited``: also chosen by their address."""
    if quoted is None or quoted.direction != "incoming":
        return Answered(addressed=invited)
    author = Who("contact", quoted.author_root) if quoted.author_root is not None else None
    people = await correspondents.on_mail(uow, quoted.id)
    return Answered(quoted.account_id, author, invited | frozenset(people.contacts))


async def _quoted(uow: UnitOfWork, task: Task, request: CommentRequest) -> Row[Any] | None:
    """The comment that is answered; what is forwarded is chosen for its own sake."""
    if request.quote_id is None:
        return None
    row = await quoting.the_quoted(uow, task, request.quote_id)
    return row if not request.forwarded else None


async def _may_be_repeated(
    uow: UnitOfWork, quoted: Row[Any] | None, notify: Notify, unseen: Unseen
) -> Row[Any] | None:
    """The comment whose words go along; QuoteUnseen where that must be asked first (R19)."""
    if quoted is None or unseen == "send":
        return quoted
    names = await quoting.names_of_unseen(uow, quoted, notify.contacts)
    if names and unseen == "refuse":
        raise QuoteUnseen(names)
    return quoted if not names else None


async def _notify(uow: UnitOfWork, task: Task, comment_id: int, notify: Notify) -> None:
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
    await write.unread.notice(uow, task.id, comment_id, notify.agents)


async def _after(
    uow: UnitOfWork,
    task: Task,
    agent_id: int,
    comment_id: int,
    notify: Notify,
    text: str,
    request: CommentRequest,
) -> None:
    values: dict[str, object] = {"last_activity_at": moments.active_now(uow)}
    aside = not notify.internal and await load.awaiting_reply.only_outside(uow, comment_id)
    if not notify.internal and not aside and request.send_at is None:
        await write.tasks.answered(uow, task.id)
        values["last_direction"] = "outgoing"
        values["last_line"] = preview(text)
    await uow.connection.execute(update(t.task).where(t.task.c.id == task.id).values(**values))
    if aside:
        # A forward does not answer the client.
        await awaiting_reply.refresh(uow, task.id)
    if not request.keep_draft:
        await drafts.drop(
            uow, AgentActor(agent_id), task.id, "note" if notify.internal else "reply"
        )
