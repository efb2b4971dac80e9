"""Another way for a comment that did not arrive (R24): the same recipient, another channel."""

from pfinbox.domain.actor import AgentActor
from pfinbox.domain.contract.outgoing import Forwarded
from pfinbox.domain.events.comments import DeliveryRerouted
from pfinbox.domain.model import Notify, Task, Who
from pfinbox.domain.outbound.delivery import MOVES, PartState, State, Step
from pfinbox.domain.outbound.planning.delivery_plan import DeliveryPlan, PlanRow
from pfinbox.domain.outbound.planning.plan import plan_delivery
from pfinbox.domain.recipients.original import Original
from pfinbox.domain.state_words import delivery_state
from pfinbox.errors import NotFound, Refused, UsageError
from pfinbox.i18n import _
from pfinbox.services import access
from pfinbox.services.events import queueing, reactions
from pfinbox.store import files, load, snapshots, write
from pfinbox.store.load.outbound.outbox import Queued
from pfinbox.store.search import index
from pfinbox.store.uow import UnitOfWork

_STUCK = MOVES[Step.DISMISSED].sources


async def reroute(
    uow: UnitOfWork,
    actor: AgentActor,
    delivery_id: int,
    *,
    reply_via: str | None = None,
    address: str | None = None,
    force: bool = False,
) -> list[int]:
    """Send a stuck delivery by another way of its own recipient; the new deliveries' ids.

    The old delivery ends: held becomes withdrawn; failed and unknown stay so, dismissed.
    ``force``: although the recipient may have it already, in whole or in part.
    """
    if reply_via is None and address is None:
        raise UsageError(_("say which way it should go: --reply-via or --address"))
    task = await access.task_of_delivery(uow, actor, delivery_id, lock=True)
    access.must_live(task)
    await access.the_way(uow, actor, task, reply_via)
    row = await load.outbox.queued(uow, delivery_id)
    if row.state not in _STUCK:
        raise Refused(
            _("delivery {id} is {state}; only failed, unknown or held ones go another way").format(
                id=delivery_id, state=delivery_state(row.state)
            )
        )
    if row.contact_id is None:
        raise Refused(_("delivery {id} goes to a colleague").format(id=delivery_id))
    if not force and (
        row.doubted or row.state == State.UNKNOWN or await _left_in_part(uow, delivery_id)
    ):
        raise Refused(
            _("delivery {id} may have arrived: it may come twice; --force goes on").format(
                id=delivery_id
            )
        )
    plan = await _plan(uow, actor, task, row, row.contact_id, reply_via, address)
    before = await load.outbox.of_comment(uow, row.comment_id)
    passed_on = await _passed_on(uow, delivery_id)
    attached = [one["id"] for one in await load.outbox.files(uow, row.comment_id)]
    await files.must_all_be_here(uow, attached)
    await queueing.queue(
        uow,
        task,
        row.comment_id,
        plan,
        row.text,
        attached,
        uow.now,
        scheduled=False,
        answered=await _answered(uow, task, row) if not passed_on else None,
        quotes=row.quotes,
        forwarded=passed_on,
    )
    await _end(uow, row)
    # A new thread may have another subject.
    await index.index_comment(uow, row.comment_id)
    for way in plan.rows:
        await reactions.follow(
            uow,
            task.id,
            DeliveryRerouted(
                delivery=delivery_id,
                account=way.account.name if way.account else None,
                address=way.address,
            ),
            actor.id,
        )
    uow.touch("outbox", "tasks")
    return [one for one in await load.outbox.of_comment(uow, row.comment_id) if one not in before]


async def _passed_on(uow: UnitOfWork, delivery_id: int) -> list[Forwarded]:
    """What a forward carries below its text (R45), as it was frozen."""
    parts = await load.outbox.parts_of_delivery(uow, delivery_id)
    return [Forwarded.from_json(one) for part in parts for one in part.content["forwarded"]]


async def _answered(uow: UnitOfWork, task: Task, row: Queued) -> Original | None:
    """What it answers, unless that has been moved or purged since."""
    if row.quote_id is None:
        return None
    try:
        return await load.originals.original(uow, task.id, row.quote_id)
    except NotFound:
        return None


async def _left_in_part(uow: UnitOfWork, delivery_id: int) -> bool:
    """Whether one of several parts got through before it failed."""
    parts = await load.outbox.parts_of_delivery(uow, delivery_id)
    if not any(part.state == PartState.SENT for part in parts):
        return False
    # A mail to several left for the others; this recipient was turned away.
    return not await load.deliveries.shared_parts(uow, delivery_id)


async def _plan(
    uow: UnitOfWork,
    actor: AgentActor,
    task: Task,
    row: Queued,
    contact_id: int,
    reply_via: str | None,
    address: str | None,
) -> DeliveryPlan:
    who = Who("contact", await snapshots.contact_root(uow, contact_id))
    addresses = {who.id: address} if address is not None else {}
    notify = Notify((who,), addresses, separately=True, reply_via=reply_via)
    people = await access.within(uow, actor, task, await snapshots.people(uow, [who]))
    plan = await access.plan_for(uow, actor, plan_delivery(task, notify, people))
    for error in plan.errors:
        raise Refused(error.sentence())
    other = tuple(way for way in plan.rows if not _same(way, row))
    if not other:
        raise Refused(
            _("that is the way it went before; to try it again: pfinbox outbox retry {id}").format(
                id=row.id
            )
        )
    return DeliveryPlan(other, plan.warnings)


def _same(way: PlanRow, row: Queued) -> bool:
    return way.account is not None and (way.account.id, way.address) == (
        row.account_id,
        row.address,
    )


async def _end(uow: UnitOfWork, row: Queued) -> None:
    if row.state == State.HELD:
        await write.deliveries.move(uow, Step.WITHDRAWN, [row.id])
    else:
        await write.deliveries.move(uow, Step.DISMISSED, [row.id], dismissed_at=uow.now)
