"""Queueing a saved comment: a delivery for each recipient, a part for each call or mail."""

from collections.abc import Sequence
from datetime import datetime

from pfinbox.domain.contract.outgoing import Forwarded
from pfinbox.domain.model import Task
from pfinbox.domain.outbound import queueing as rules
from pfinbox.domain.outbound.delivery import State
from pfinbox.domain.outbound.planning.delivery_plan import DeliveryPlan
from pfinbox.domain.outbound.planning.templates import ByTemplate
from pfinbox.domain.recipients.original import Original, quoted_above
from pfinbox.services.people import signing_in
from pfinbox.store import load, locks, write
from pfinbox.store.uow import UnitOfWork


async def queue(  # noqa: PLR0913
    uow: UnitOfWork,
    task: Task,
    comment_id: int,
    plan: DeliveryPlan,
    text: str,
    attachment_ids: list[int],
    due_at: datetime,
    *,
    scheduled: bool,
    answered: Original | None = None,
    quotes: bool = False,
    forwarded: Sequence[Forwarded] = (),
    subject: str | None = None,
    template: ByTemplate | None = None,
) -> None:
    """Deliveries and parts: the rows of one group share one message.

    ``answered``: the comment that it answers; ``quotes``: its words go along. ``subject``: that of
    a thread which begins with it, where its author chose one.
    """
    words = rules.Words(
        text=text,
        files=attachment_ids,
        quote_id=answered.id if answered is not None else None,
        quotes=quotes,
        forwarded=forwarded,
        subject=subject or (answered.subject if answered is not None else None),
        template=template,
    )
    state = State.SCHEDULED if scheduled else State.PENDING
    for position, message in enumerate(rules.messages(plan)):
        chat_id = message.chat_id
        if chat_id is None:
            chat_id = await _new_thread(uow, task, message, words)
        elif task.open and chat_id not in {chat.id for chat in task.chats}:
            await _answers_come_here(uow, task, chat_id)
        above = ""
        if quotes and answered is not None:
            above = quoted_above(answered, message.account, chat_id)
        delivery_ids = await write.outgoing.queue_deliveries(
            uow, comment_id, chat_id, message, state, due_at, position
        )
        await write.outgoing.queue_parts(
            uow,
            comment_id,
            chat_id,
            message.account.id,
            delivery_ids,
            rules.contents(message, words, above, await _link(uow, task, message, words, due_at)),
        )


async def _link(
    uow: UnitOfWork, task: Task, message: rules.Message, words: rules.Words, due_at: datetime
) -> str:
    """The line with a link to the conversation, where the configuration wants one in mails."""
    row = rules.linkable(message, words)
    if row is None or row.address is None:
        return ""
    return await signing_in.line_in_mail(uow, row.recipient.id, row.address, task.id, due_at)


async def _answers_come_here(uow: UnitOfWork, task: Task, chat_id: int) -> None:
    """A messenger's chat of the recipient's, used once (R16): no task that is open has it."""
    await locks.chats(uow, [chat_id])
    current = await load.chats.current_task(uow, chat_id)
    if current is None or not current.open:
        await write.chats.move_current(uow, chat_id, task.id, aside=True)


async def _new_thread(
    uow: UnitOfWork, task: Task, message: rules.Message, words: rules.Words
) -> int:
    """The chat of a mail that starts a thread: its answers must find this task (R23)."""
    first, account = message.rows[0], message.account
    card = await load.cards.with_own_address(uow, first.recipient.id, account, first.address or "")
    # With somebody to whom something is forwarded: no way to the task's client.
    outside = bool(words.forwarded)
    return await write.chats.begin_thread(
        uow,
        task.id,
        account.id,
        # The card that the address stands on: the thread goes back with it when cards are unmerged.
        card.card_id if card is not None else first.recipient.id,
        address_id=card.address_id if card is not None else None,
        left_address=first.address if card is None else None,
        subject=rules.subject(task, words),
        outside=outside,
        aside=first.aside and not outside,
    )
