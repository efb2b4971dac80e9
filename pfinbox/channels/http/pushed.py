"""Receiving what the web door has kept: one request a batch."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence

from pfinbox.domain.contract.batch import Batch
from pfinbox.domain.contract.channel import AccountFailure
from pfinbox.domain.contract.incoming import Incoming
from pfinbox.domain.contract.reason import Reason
from pfinbox.domain.contract.webhook import Kept, Requests


async def pushed(
    requests: Requests | None,
    read: Callable[[Kept], Awaitable[Sequence[Incoming]]],
    cursor: str | None,
) -> AsyncIterator[Batch]:
    """Endless; AccountFailure where there is no door. The cursor stays as it is."""
    if requests is None:
        raise AccountFailure(Reason("no_door"))
    after = 0
    while True:
        waiting = await requests.waiting(after)
        for kept in waiting:
            yield Batch(items=tuple(await read(kept)), cursor=cursor, taken=(kept.id,))
            after = kept.id
        if not waiting:
            yield Batch(idle=True)
            await requests.arrival()
