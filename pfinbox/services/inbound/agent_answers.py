"""An agent's answer to a notice, by e-mail (R22).

Proven in every way it becomes the agent's comment; anything less becomes an internal note marked
unverified, reaches no client, and the agent is told.
"""

import hashlib
from dataclasses import replace
from typing import Any

from pfinbox.domain.actor import AgentActor
from pfinbox.domain.contract.incoming import Message, Sort
from pfinbox.domain.contract.reason import Reason
from pfinbox.domain.events.comments import AnswerRefused
from pfinbox.domain.inbound.identity.repeats import fingerprint
from pfinbox.domain.model import Account, Agent, Notify, Task, Who
from pfinbox.domain.notices import answers as rules
from pfinbox.domain.notices.answers import NoticeToken
from pfinbox.domain.people import cards
from pfinbox.domain.text.cleaning import clean, clean_line
from pfinbox.errors import NotFound, Refused, UsageError
from pfinbox.record import record
from pfinbox.services import access
from pfinbox.services.comments import comments, planning
from pfinbox.services.comments.comments import ClientWrote, CommentRequest
from pfinbox.services.events import reactions
from pfinbox.services.notifications import addressees
from pfinbox.store import files, moments, snapshots, write
from pfinbox.store.load import cards as load_cards
from pfinbox.store.load.inbound import answers as load
from pfinbox.store.load.inbound.answers import Answered
from pfinbox.store.uow import UnitOfWork
from pfinbox.store.write.inbound import received


@record
class Taken:
    """What became of a mail to an answer address; ``state`` as a receipt has it."""

    state: str
    comment_id: int | None = None
    reason: Reason | None = None


@record
class _Answer:
    """The mail, what it answers, and who is meant to have written it."""

    message: Message
    key: str
    account: Account
    task: Task
    agent: Agent
    answered: Answered


async def take(
    uow: UnitOfWork, account: Account, message: Message, token: NoticeToken
) -> Taken | None:
    """Take a mail that came to a signed answer address; None when what it answers is gone."""
    if message.sort is not Sort.HUMAN:
        # An absence note or a returned mail says nothing to a client; telling it might be a loop.
        return Taken("ignored", reason=Reason("answer_automatic"))
    if message.sent_elsewhere:
        # The agent's own mailbox is an account as well: the answer itself comes to the other one.
        return Taken("ignored", reason=Reason("answer_automatic"))
    answer = await _find(uow, account, message, token.agent_id, token.comment_id)
    if answer is None:
        return None
    if same := await _same(uow, answer):
        return same
    revoked_at = await load.revoked_at(uow, answer.agent.id)
    reason = rules.objection(
        token,
        answer.agent,
        sender=clean_line(message.sender.value),
        verified=message.verified,
        now=uow.now,
        revoked_at=revoked_at,
        comment_task_id=answer.answered.task_id,
    )
    proven = reason is None
    if reason is None:
        added = await _add(uow, answer)
        if isinstance(added, int):
            return Taken("shown", added)
        reason = added
    return await _refuse(uow, answer, reason, proven)


async def of_client(
    uow: UnitOfWork, account: Account, message: Message, token: NoticeToken
) -> Message | None:
    """A client's answer to a notice that an agent forwarded, as the client's own message.

    None where somebody else wrote it. The address proves nothing for the client: the message is as
    good as any other mail of theirs, and belongs to their thread in that task.
    """
    sender = (cards.usable(message.sender) or "").lower()
    if not sender or (await load_cards.our_side(uow)).is_ours(sender):
        return None
    card = (await load_cards.by_mail(uow, [sender])).get(sender)
    answered = await load.answered(uow, token.comment_id)
    if card is None or answered is None:
        return None
    try:
        task = await snapshots.task(uow, answered.task_id)
    except NotFound:
        return None
    theirs = [chat.id for chat in task.chats if chat.contact_id == card]
    if card != task.contact_id and Who("contact", card) not in task.participants and not theirs:
        return None
    by_mail = [
        chat.id for chat in task.chats if chat.id in theirs and chat.account_id == account.id
    ]
    if by_mail:
        return replace(message, tokens=(f"c{by_mail[0]}",))
    perhaps = Reason("perhaps_belongs", {"task": task.id})
    return replace(message, tokens=(), warnings=(*message.warnings, perhaps))


async def take_stray(
    uow: UnitOfWork, account: Account, message: Message, agent_id: int
) -> Taken | None:
    """Take an agent's answer to a notice that did not come to its address; None: it is none.

    What it answers is only its own claim, so it never goes out; but it belongs into the task.
    """
    answered_id = await load.named_by(uow, message.references)
    if answered_id is None:
        return None
    if message.sort is not Sort.HUMAN or message.sent_elsewhere:
        return Taken("ignored", reason=Reason("answer_automatic"))
    answer = await _find(uow, account, message, agent_id, answered_id)
    if answer is None or not answer.agent.active:
        return None
    return await _same(uow, answer) or await _refuse(
        uow, answer, Reason("answer_unaddressed"), proven=False
    )


async def _same(uow: UnitOfWork, answer: _Answer) -> Taken | None:
    same = await load.by_key(uow, answer.key)
    return Taken("duplicate", same, Reason("same_message")) if same is not None else None


async def _refuse(uow: UnitOfWork, answer: _Answer, reason: Reason, proven: bool) -> Taken:
    return Taken("shown", await _note(uow, answer, reason, proven))


async def _find(
    uow: UnitOfWork, account: Account, message: Message, agent_id: int, comment_id: int
) -> _Answer | None:
    answered = await load.answered(uow, comment_id)
    agent = (await snapshots.agents(uow, [agent_id])).get(agent_id)
    if answered is None or agent is None:
        return None
    try:
        task = await snapshots.task(uow, answered.task_id, lock=True)
    except NotFound:
        return None
    # One mail is one comment, to whichever of our accounts it comes, and how often.
    parts = (str(agent_id), str(comment_id), clean_line(message.source_id), fingerprint(message))
    key = "answer:" + hashlib.sha256("\0".join(parts).encode()).hexdigest()
    return _Answer(message, key, account, task, agent, answered)


async def _add(uow: UnitOfWork, answer: _Answer) -> int | Reason:
    """The agent's comment, or why it must not go out."""
    message, task, agent = answer.message, answer.task, answer.agent
    if not task.living:
        return Reason("task_deleted")
    if not await access.may_see(uow, agent, task):
        return Reason("answer_no_access")
    text = rules.answer_text(clean(message.text), _or_none(message.new_text))
    if not text and not message.files:
        return Reason("answer_empty")
    who = await addressees.of_answer(uow, task, answer.answered.id, agent.id, answer.account)
    notify = Notify(who)
    # As if it had been answered in the inbox; nobody is quoted what a colleague said.
    quote_id = answer.answered.id if answer.answered.direction == "incoming" else None
    if not notify.internal:
        if answer.answered.gone:
            # The client has not got what is answered, or not any more.
            return Reason("answer_to_nothing")
        if rules.gives_away(text, await load.internal_texts(uow, task.id, answer.answered.id)):
            return Reason("answer_quotes")
        plan = await planning.plan(uow, AgentActor(agent.id), task.id, notify, answers=quote_id)
        for error in plan.errors:
            return error
    request = CommentRequest(
        task.id,
        text,
        notify,
        quote_id=quote_id if not notify.internal else None,
        # Nobody is there to be asked.
        quote_unseen="omit",
        attachments=message.files,
        # What the client wrote since the notice, its author has not read.
        seen=answer.answered.id if not notify.internal else None,
        hidden=answer.answered.hidden,
        client_key=answer.key,
    )
    try:
        saved = await comments.add_comment(uow, AgentActor(agent.id), request)
    except ClientWrote:
        return Reason("client_wrote")
    except (Refused, NotFound, UsageError) as error:
        return Reason("answer_refused", {"detail": str(error)})
    await received.change(
        uow,
        saved.comment_id,
        verified=True,
        claimed_at=message.claimed_at,
        matched_by=Reason("answer_notice").as_json(),
        **_origin(answer),
    )
    # Who answers has read.
    await write.unread.forget(uow, agent.id, task.id, answer.answered.id)
    return saved.comment_id


def _origin(answer: _Answer) -> dict[str, Any]:
    return {
        "account_id": answer.account.id,
        "source_id": clean_line(answer.message.source_id) or None,
        "digest": fingerprint(answer.message),
    }


def _or_none(text: str | None) -> str | None:
    return clean(text) if text is not None else None


async def _note(uow: UnitOfWork, answer: _Answer, reason: Reason, proven: bool) -> int:
    message, agent = answer.message, answer.agent
    from_agent = bool(agent.email) and clean_line(message.sender.value).lower() == agent.email
    text = clean(message.text)
    own = rules.answer_text(text, _or_none(message.new_text))
    comment_id = await received.add(
        uow,
        task_id=answer.answered.task_id,
        direction="outgoing",
        # Somebody else's mail stands under nobody's name: its warning says whose it was.
        agent_id=agent.id if from_agent else None,
        text=text,
        new_text=own if own != text.strip() else None,
        quote_id=answer.answered.id,
        created_at=await moments.said_at(uow, answer.task.id, message.sent_at),
        claimed_at=message.claimed_at,
        internal=True,
        verified=proven,
        matched_by=Reason(
            "answer_notice", {} if from_agent else {"from": clean_line(message.sender.value)}
        ).as_json(),
        warnings=[reason.as_json(), *(warning.as_json() for warning in message.warnings)],
        client_key=answer.key,
        **_origin(answer),
    )
    await files.attach(uow, comment_id, message.files)
    task = answer.task
    concerned = {agent.id} if agent.active else set()
    if task.assignee is not None and task.assignee.kind == "agent":
        concerned.add(task.assignee.id)
    refused = AnswerRefused(
        comment_id, agent.id, answer.account.id, reason.as_json(), sorted(concerned)
    )
    await reactions.follow(uow, task.id, refused)
    return comment_id
