"""What a person looks at before a restored or moved database sends again."""

from pfinbox.domain.actor import AgentActor
from pfinbox.domain.contract.reason import Reason
from pfinbox.domain.outbound.delivery import State
from pfinbox.record import record
from pfinbox.store import read, snapshots
from pfinbox.store.load.outbound import restoring
from pfinbox.store.rows import DeliveryRow
from pfinbox.store.uow import UnitOfWork

_ALL = 100_000


@record
class ReleaseList:
    """``going``: sent once released. ``unknown``: waited in the backup, may have gone out."""

    held: Reason | None
    going: tuple[DeliveryRow, ...]
    unknown: tuple[DeliveryRow, ...]
    # What would go besides, of tasks that this admin may not see; nobody else counts it.
    not_shown: int


async def look_over(uow: UnitOfWork, actor: AgentActor) -> ReleaseList:
    """Why nothing is sent (None: it is), what would go out, and what may have gone already."""
    waiting = [State.PENDING, State.SCHEDULED]
    going = await read.deliveries(uow, actor, states=waiting, limit=_ALL)
    unknown = await read.deliveries(uow, actor, states=[State.UNKNOWN], limit=_ALL)
    admin = (await snapshots.agents(uow, [actor.id]))[actor.id].admin
    besides = await restoring.waiting(uow) - len(going) if admin else 0
    return ReleaseList(
        held=await read.sending_held(uow),
        going=going,
        unknown=tuple(
            row
            for row in unknown
            if row.error is not None and row.error.kind == "restored" and row.dismissed_at is None
        ),
        not_shown=max(besides, 0),
    )
