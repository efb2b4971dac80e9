"""A message of an account to itself: sent, and seen to arrive."""

import asyncio
import secrets
import time
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from datetime import datetime
from typing import cast

from pfinbox.bootstrap.doctor import Diagnosis
from pfinbox.bootstrap.redact import redact
from pfinbox.domain.contract.batch import Batch
from pfinbox.domain.contract.channel import Channel, ChannelError
from pfinbox.domain.contract.outgoing import Outgoing
from pfinbox.domain.contract.party import Party
from pfinbox.errors import PfinboxError
from pfinbox.i18n import _

# Mail may go round by way of filters; somebody is waiting for it.
_PATIENCE = 60.0


async def there_and_back(
    channel: Channel, address: str, now: datetime, *, patience: float = _PATIENCE
) -> AsyncIterator[Diagnosis]:
    """Both halves as they come about; ends with the first that does not.

    ``patience``: seconds that the arrival may take.
    """
    source_id = channel.mint("", secrets.token_hex(10))
    message = Outgoing(
        chat_key=None,
        to=(Party(address),),
        text=_("This account works with pfinbox. You can delete this message."),
        created_at=now,
        subject=_("pfinbox: a test"),
        source_id=source_id,
        automatic=True,
    )
    sending = _("sent to {address}").format(address=address)
    arriving = _("arrived at {address}").format(address=address)
    batches = cast("AsyncGenerator[Batch, None]", channel.receive(None))
    async with aclosing(batches):
        try:
            # Where reading begins is known before the message can be there.
            async with asyncio.timeout(_PATIENCE):
                await anext(batches)
                sent = await channel.send(message, _nothing)
        except (PfinboxError, TimeoutError) as error:
            yield _failed(sending, error, _PATIENCE)
            return
        yield Diagnosis(sending)
        begun = time.monotonic()
        try:
            async with asyncio.timeout(patience):
                await _arrives(batches, sent.source_id or "")
        except (PfinboxError, TimeoutError) as error:
            yield _failed(arriving, error, patience)
            return
        seconds = round(time.monotonic() - begun)
        yield Diagnosis(_("{what}, after {n} s").format(what=arriving, n=seconds))


async def _arrives(batches: AsyncGenerator[Batch, None], source_id: str) -> None:
    wanted = source_id.encode()
    async for batch in batches:
        if any(wanted in item.raw for item in batch.items):
            return


def _failed(what: str, error: Exception, patience: float) -> Diagnosis:
    if isinstance(error, TimeoutError):
        problem = _("nothing after {n} s; it may still come").format(n=round(patience))
        return Diagnosis(what, problem)
    kind = error.reason.kind if isinstance(error, ChannelError) else ""
    return Diagnosis(what, redact(str(error)), kind)


async def _nothing(_turned_away: object = None, /) -> None:
    """Nobody asks later whether this very message has left."""
