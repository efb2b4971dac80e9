"""Holding due deliveries for a person (R18)."""

from collections.abc import Collection

from pfinbox.domain.contract.reason import Reason
from pfinbox.domain.model import Who
from pfinbox.domain.outbound.hold_rules import LATE_HOURS, DueDelivery, why_held
from pfinbox.domain.outbound.planning.delivery_plan import People
from pfinbox.store import load, snapshots
from pfinbox.store.uow import UnitOfWork


async def hold(uow: UnitOfWork, delivery_ids: Collection[int]) -> dict[int, Reason]:
    """Why these due deliveries must wait for a person; whatever may go is not among them."""
    due = await load.due_deliveries(uow, delivery_ids)
    late_hours = LATE_HOURS
    if any(one.scheduled for one in due):
        inbox = await snapshots.setting(uow, "inbox") or {}
        late_hours = inbox.get("late_limit_hours", LATE_HOURS)
    reasons = {one.id: await _why(uow, one, late_hours) for one in due}
    return {delivery_id: reason for delivery_id, reason in reasons.items() if reason is not None}


async def _why(uow: UnitOfWork, due: DueDelivery, late_hours: float) -> Reason | None:
    task, people = None, People({}, {}, {})
    if due.needs_task:
        task = await snapshots.task(uow, due.task_id)
        if due.may_have_another_way and due.contact_id is not None:
            people = await snapshots.people(uow, [Who("contact", due.contact_id)])
    return why_held(due, uow.now, late_hours, task, people)
