"""A delivery that failed, or whose fate is unknown, makes its task active and unread (R24)."""

from pfinbox.domain.contract.reason import Reason
from pfinbox.domain.events.comments import DeliveryFailed
from pfinbox.domain.events.tasks import Reopened, Woken
from pfinbox.domain.outbound.delivery import MOVES, Claim, State, Step
from pfinbox.services.events import reactions
from pfinbox.services.tasks import bindings
from pfinbox.store import snapshots, statuses
from pfinbox.store.load.outbound import deliveries as load
from pfinbox.store.uow import UnitOfWork
from pfinbox.store.write.outbound import deliveries, outgoing


async def arise(
    uow: UnitOfWork,
    step: Step,
    delivery_id: int,
    reason: Reason,
    claim: Claim | None = None,
    *,
    tried: bool = False,
) -> bool:
    """The step leaves a delivery failed, unknown or held. False: it may not be taken any more.

    ``tried``: it ends an attempt.
    """
    values: dict[str, object] = {"error": reason.as_json(), "dismissed_at": None}
    if MOVES[step].to is State.UNKNOWN:
        values["doubted"] = True
    if not await deliveries.move(uow, step, [delivery_id], claim, tried=tried, **values):
        return False
    trouble = await load.trouble(uow, delivery_id)
    if trouble.notice:
        # A notice's failure shows at its comment and changes nothing else of the task.
        return True
    reopened = None
    if not trouble.active and step is not Step.WITHHELD and await _may_open(uow, trouble):
        reopened = await statuses.reopened_status(uow)
        await reactions.follow(uow, trouble.task_id, Reopened(by="delivery"))
    elif trouble.asleep:
        await reactions.follow(uow, trouble.task_id, Woken(by="delivery"))
    await outgoing.show_trouble(uow, trouble.task_id, reopened)
    concerned = {i for i in (trouble.author_id, trouble.assignee_id) if i is not None}
    failed = DeliveryFailed(
        delivery_id, trouble.comment_id, str(MOVES[step].to), reason.kind, sorted(concerned)
    )
    await reactions.follow(uow, trouble.task_id, failed)
    return True


async def stop(uow: UnitOfWork, delivery_id: int, reason: Reason) -> None:
    """No further attempt of a delivery of which an earlier one may have arrived."""
    if await arise(uow, Step.STOPPED, delivery_id, reason):
        parts = await load.parts(uow, delivery_id)
        await deliveries.move_parts(uow, Step.STOPPED, parts)


async def _may_open(uow: UnitOfWork, trouble: load.Trouble) -> bool:
    """Not while the client goes on in another open task: one chat has one open task (R4).

    The notice and the count of failed deliveries say it all the same.
    """
    if trouble.purged:
        return False
    return await bindings.took_chats_back(uow, await snapshots.task(uow, trouble.task_id))
