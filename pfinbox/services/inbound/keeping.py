"""Keeping what a service pushed, before it is answered; the daemon receives it from there."""

from pfinbox.domain.actor import Actor
from pfinbox.domain.contract.webhook import Request
from pfinbox.errors import StoreBusy
from pfinbox.i18n import _
from pfinbox.store.load import requests as load
from pfinbox.store.uow import UnitOfWork
from pfinbox.store.write import requests

# What may wait for one account while no daemon takes it: beyond that the service keeps it.
MOST_WAITING = 20_000
MOST_BYTES = 1 << 30


async def keep(
    uow: UnitOfWork,
    _actor: Actor,
    account_id: int,
    key: str,
    request: Request,
    *,
    most: int = MOST_WAITING,
) -> None:
    """Keep the request until a daemon has received it; a repeat that waits is not kept again.

    Raises StoreBusy while so much waits that the service should ask again later.
    """
    queue = await load.queue(uow, account_id)
    if queue.count >= most or queue.size + len(request.body) > MOST_BYTES:
        raise StoreBusy(_("too many requests wait to be received"))
    await requests.keep(uow, account_id, key, request)
