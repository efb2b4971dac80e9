"""Receiving what the web door has kept: one request a batch."""

import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from hashlib import sha256

from pfinbox.domain.contract.batch import Batch
from pfinbox.domain.contract.channel import AccountFailure, Finding
from pfinbox.domain.contract.incoming import Incoming, Unreadable
from pfinbox.domain.contract.reason import Reason
from pfinbox.domain.contract.webhook import Kept, Requests

log = logging.getLogger(__name__)

# What reading something else than the service describes may raise.
_UNDESCRIBED = (
    *(LookupError, TypeError, ValueError, AttributeError),
    *(ArithmeticError, RecursionError),
)


async def pushed(
    requests: Requests | None,
    read: Callable[[Kept], Awaitable[Sequence[Incoming]]],
    cursor: str | None,
) -> AsyncIterator[Batch]:
    """Endless; AccountFailure where there is no door. The cursor stays as it is.

    A request that is nothing like what the service describes is put aside whole: it must not stop
    those behind it.
    """
    if requests is None:
        raise AccountFailure(Reason("no_door"))
    after = 0
    while True:
        waiting = await requests.waiting(after)
        for kept in waiting:
            try:
                items = tuple(await read(kept))
            except _UNDESCRIBED as error:
                log.warning("request %d is put aside: %s", kept.id, type(error).__name__)
                items = (_put_aside(kept, error),)
            yield Batch(items=items, cursor=cursor, taken=(kept.id,))
            after = kept.id
        if not waiting:
            yield Batch(idle=True)
            await requests.arrival()


def not_pushed(url: str | None, there: Callable[[str], bool]) -> list[Finding]:
    """What ``doctor`` says of a service that must push to ``url``: nothing where all is well.

    ``there``: whether the service knows the address.
    """
    if url is None:
        return [Finding(False, "webhook", Reason("no_base_url"))]
    if not there(url):
        return [Finding(False, "webhook", Reason("not_subscribed", {"url": url}))]
    return []


def _put_aside(kept: Kept, error: Exception) -> Incoming:
    raw, at = kept.request.body, kept.request.received_at
    reason = Reason("unreadable", {"detail": type(error).__name__})
    event = Unreadable(reason=reason, sent_at=at)
    return Incoming(key=f"request:{sha256(raw).hexdigest()}", raw=raw, event=event)
