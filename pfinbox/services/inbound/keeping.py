"""Keeping what services pushed, before they are answered; the daemon receives it from there."""

from collections.abc import Sequence
from itertools import groupby

from pfinbox.domain.actor import SystemActor
from pfinbox.domain.contract.webhook import Request
from pfinbox.record import record
from pfinbox.store.load import accounts
from pfinbox.store.load.inbound import requests as load
from pfinbox.store.uow import UnitOfWork
from pfinbox.store.write.inbound import requests

# What may wait for one account while no daemon takes it: beyond that the service keeps it.
MOST_WAITING = 20_000
MOST_BYTES = 1 << 30


@record
class Pushed:
    """An admitted request to an account; ``key`` is the same for a repeat."""

    account: str
    key: str
    request: Request


async def keep(
    uow: UnitOfWork,
    _actor: SystemActor,
    pushed: Sequence[Pushed],
    *,
    most: int = MOST_WAITING,
) -> frozenset[str]:
    """Keep the requests until a daemon has received them; a repeat that waits is kept once.

    Returns the accounts whose requests were not kept: too many wait, or no daemon knows the account
    yet. The services are to repeat these later.
    """
    ids = await accounts.configured(uow)
    turned_away: set[str] = set()
    for account, some in groupby(sorted(pushed, key=_account), key=_account):
        given = [(one.key, one.request) for one in some]
        account_id, _channel = ids.get(account, (0, ""))
        waiting = await load.queue(uow, account_id)
        size = waiting.size + sum(len(request.body) for _key, request in given)
        if account_id and waiting.count + len(given) <= most and size <= MOST_BYTES:
            await requests.keep(uow, account_id, given)
        else:
            turned_away.add(account)
    return frozenset(turned_away)


def _account(pushed: Pushed) -> str:
    return pushed.account
