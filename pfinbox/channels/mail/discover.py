"""Which of several likely servers is really there: asked all at once, the likeliest one wins."""

import asyncio
import contextlib
import ssl
from collections.abc import Sequence

from pfinbox.channels.mail.providers import Place

_SECONDS = 5.0
_GREETINGS = (b"* OK", b"220")


async def first_that_greets(places: Sequence[Place], seconds: float = _SECONDS) -> Place | None:
    """The first of ``places`` where a mail server speaks, None where none does.

    With ssl its certificate must be valid for that name: many names lead to the same machine.
    """
    asked = [asyncio.create_task(_greets(place, seconds)) for place in places]
    try:
        for place, answer in zip(places, asked, strict=True):
            if await answer:
                return place
        return None
    finally:
        for task in asked:
            task.cancel()
        await asyncio.gather(*asked, return_exceptions=True)


async def _greets(place: Place, seconds: float) -> bool:
    context = ssl.create_default_context() if place.tls == "ssl" else None
    writer = None
    try:
        async with asyncio.timeout(seconds):
            reader, writer = await asyncio.open_connection(place.host, place.port, ssl=context)
            greeting = await reader.readline()
    except (OSError, ValueError):  # TimeoutError and ssl.SSLError are OSErrors
        return False
    finally:
        if writer is not None:
            with contextlib.suppress(OSError):
                writer.transport.abort()
    return greeting.startswith(_GREETINGS)
