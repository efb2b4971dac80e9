"""What follows from an event, in the same transaction and in this order.

Of what comes in, the next message of the same batch must see the marks: these are decided with the
batch (``domain/inbound/reactions/reactions.py``), and ``react`` is called for each of its events
once the batch is written. A merge, an unmerge, a moved comment and a task that leaves Spam decide
themselves which marks go where.
"""

from pfinbox.domain.events.comments import (
    AnswerRefused,
    CommentChanged,
    CommentSent,
    CommentsErased,
    CommentsGone,
    CommentTakenBack,
    CommentWritten,
    CorrectionFailed,
    DeliveryDismissed,
    DeliveryFailed,
    DeliveryRerouted,
    DeliveryRetried,
    DeliveryWithdrawn,
    SentOutside,
)
from pfinbox.domain.events.event import Event
from pfinbox.domain.events.merging import CommentReceived, Merged, Unmerged, UnmergedFrom
from pfinbox.domain.events.tasks import (
    ContactChanged,
    HandedOver,
    SolvedByClient,
    StatusChanged,
    TaskOpened,
    TitleChanged,
    Unsnoozed,
)
from pfinbox.services.events import acknowledging, awaiting_reply
from pfinbox.services.notifications import notices
from pfinbox.store import journal, snapshots, write
from pfinbox.store.search import index
from pfinbox.store.uow import UnitOfWork


async def follow(uow: UnitOfWork, task_id: int, event: Event, by: int | None = None) -> None:
    """Keep an event of a task in its journal, and do what follows; ``by``: the agent who did it."""
    if event.activity is not None:
        await journal.record(uow, task_id, event, by)
    uow.touch("tasks")
    await react(uow, task_id, event, by)


async def react(  # noqa: C901, PLR0912
    uow: UnitOfWork, task_id: int, event: Event, by: int | None = None
) -> None:
    """What follows from an event that is written."""
    match event:
        # --- what comes in
        case TaskOpened(answerable=True):
            await acknowledging.acknowledge(uow, task_id, event)
        case SentOutside():
            # Who wrote after it still waits: the folders are read one after the other.
            await awaiting_reply.refresh(uow, task_id)
        case AnswerRefused():
            await index.index_comment(uow, event.comment)
            await write.unread.notice(uow, task_id, event.comment, event.agents)
            await write.tasks.happened(uow, task_id)
            await notices.tell(uow, task_id, event)
        # --- what agents write
        case CommentWritten():
            await index.index_comment(uow, event.comment)
            await write.unread.notice(uow, task_id, event.comment, event.agents)
            await notices.queue_news(uow, task_id, event, by)
            await awaiting_reply.answered(uow, task_id, event)
        case CommentSent(answers=True):
            await write.outgoing.count_as_answer(uow, event.comment)
            await awaiting_reply.refresh(uow, task_id)
        case CommentTakenBack():
            # Nobody has answered: what was new for everybody is new again (R41).
            await awaiting_reply.wait_again(uow, task_id)
        case CommentChanged():
            await index.index_comment(uow, event.comment)
            await awaiting_reply.refresh(uow, task_id)
        case CommentsGone() | CommentsErased() | DeliveryRerouted():
            await awaiting_reply.refresh(uow, task_id)
        case DeliveryRetried() | DeliveryDismissed() | DeliveryWithdrawn():
            # Whether the client waits may be another matter now (R41).
            await awaiting_reply.refresh(uow, await snapshots.task_root(uow, task_id))
        case DeliveryFailed():
            # The client still waits for what did not arrive (R41).
            await awaiting_reply.refresh(uow, task_id)
            await write.unread.notice(uow, task_id, event.comment, event.agents)
        case CorrectionFailed():
            await write.unread.notice(uow, task_id, event.comment, event.agents)
        # --- what is done to tasks
        case SolvedByClient():
            await write.tasks.answered(uow, task_id)
        case StatusChanged(undo=True) | Unsnoozed(undo=True):
            await awaiting_reply.wait_again(uow, task_id)
        case HandedOver():
            await awaiting_reply.wait_for(uow, task_id, event.to)
        case TitleChanged() | ContactChanged() | Merged() | Unmerged() | CommentReceived():
            await index.index_task(uow, task_id)
        case UnmergedFrom():
            await index.index_task(uow, task_id)
            await index.index_comments(uow, event.comments)
