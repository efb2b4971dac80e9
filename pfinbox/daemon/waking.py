"""Waiting for an event, with a time limit, and the clock of all that a daemon waits for."""

import asyncio


async def woken(event: asyncio.Event, seconds: float) -> None:
    """Wait until ``event`` is set, or ``seconds`` have passed."""
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        return


def loop_time() -> float:
    """The monotonic clock of the running loop: whoever runs the daemon says how time passes."""
    return asyncio.get_running_loop().time()
