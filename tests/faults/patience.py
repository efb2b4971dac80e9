"""How long the machine is waited for: a slow one is no fault of the program's."""

import asyncio

# All that a fault machine on two idle cores would wait, so many times over.
_PATIENCE = 3.0


def within(seconds: float) -> asyncio.Timeout:
    """A time limit in seconds of an idle machine."""
    return asyncio.timeout(seconds * _PATIENCE)
