"""Why a due delivery is held for a person (R18)."""

from datetime import datetime, timedelta

from pfinbox.domain.contract.channel import Limits
from pfinbox.domain.contract.reason import Reason
from pfinbox.domain.model import Notify, Task, Who
from pfinbox.domain.outbound.planning.delivery_plan import People
from pfinbox.domain.outbound.planning.plan import plan_delivery
from pfinbox.domain.outbound.planning.routes import closing, goes_on, window_closed
from pfinbox.record import record

LATE_HOURS = 4


@record(kw_only=True)
class DueDelivery:
    """A due delivery, and what has happened since its comment was written."""

    id: int
    chat_id: int | None
    # The recipient's root card.
    contact_id: int | None
    # The root of its task.
    task_id: int
    due_at: datetime
    # It waited for a moment of its own; any other one only for its turn.
    scheduled: bool
    task_deleted: bool
    task_active: bool
    # The chat, or the address as spam (R42).
    blocked: bool
    author_deactivated: bool
    # The task was merged with another one, and the author chose no way beside the task's own.
    merged: bool
    # The recipient is in Cc of a thread whose own contact gets the comment, too (R45).
    in_copy: bool
    # What it quotes went with another task.
    quote_elsewhere: bool
    client_wrote: bool
    send_anyway: bool
    # The account's, and when the client wrote last in the chat.
    limits: Limits
    # An approved text, for which no reply window closes.
    template: bool
    last_incoming_at: datetime | None

    @property
    def may_have_another_way(self) -> bool:
        """Whether a merge may have made the recipient's channel another one."""
        return self.merged and not self.in_copy and self.contact_id is not None

    @property
    def needs_task(self) -> bool:
        """Whether the rule looks at the whole task, too."""
        return self.scheduled and (self.may_have_another_way or not self.task_active)


def why_held(
    delivery: DueDelivery, now: datetime, late_hours: float, task: Task | None, people: People
) -> Reason | None:
    """None: it goes out. ``task`` and ``people``: where :attr:`DueDelivery.needs_task`."""
    closed = _closed(delivery, now)
    if closed is not None or not delivery.scheduled:
        return closed
    if delivery.author_deactivated:
        return Reason("author_deactivated")
    late = now - delivery.due_at
    if late > timedelta(hours=late_hours):
        return Reason("missed_by", {"hours": int(late.total_seconds() // 3600)})
    if task is not None and _has_another_way(delivery, task, people):
        return Reason("channel_changed")
    if delivery.quote_elsewhere:
        # It may be another client's.
        return Reason("quote_elsewhere")
    if task is not None and (newer := _goes_on(delivery, task)) is not None:
        return newer
    if delivery.client_wrote and not delivery.send_anyway:
        return Reason("client_wrote")
    return None


def _closed(delivery: DueDelivery, now: datetime) -> Reason | None:
    """Why nothing can be said there now, scheduled or not."""
    if delivery.task_deleted:
        return Reason("task_deleted")
    if delivery.blocked:
        return Reason("contact_blocked")
    closes_at = closing(delivery.limits, delivery.last_incoming_at)
    in_chat = delivery.chat_id is not None and not delivery.template
    if in_chat and closes_at is not None and now > closes_at:
        return window_closed(delivery.limits)
    return None


def _has_another_way(delivery: DueDelivery, task: Task, people: People) -> bool:
    if not delivery.may_have_another_way or delivery.contact_id is None:
        return False
    plan = plan_delivery(task, Notify((Who("contact", delivery.contact_id),)), people)
    return delivery.chat_id not in {one.chat_id for one in plan.rows}


def _goes_on(delivery: DueDelivery, task: Task) -> Reason | None:
    """The newer open task of its chat, where its own was finished meanwhile (R4)."""
    chat = next((chat for chat in task.chats if chat.id == delivery.chat_id), None)
    return goes_on(task, chat, chat.address or chat.key) if chat is not None else None
