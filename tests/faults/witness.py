"""What people are told of a fault while it lasts: the accounts' lines, and ``pfinbox doctor``."""

import asyncio
from collections.abc import Awaitable, Callable

from pfinbox.domain.actor import AgentActor
from pfinbox.errors import StoreError
from pfinbox.store import read
from pfinbox.store.uow import Store

# What an account says of itself when nothing is wrong.
_WELL = frozenset({"ok", "connecting"})
_EVERY = 0.25


class Witness:
    """Looks at the accounts' lines as a screen does, and remembers each word of trouble."""

    def __init__(self, store: Store, ask_doctor: Callable[[], Awaitable[str]]) -> None:
        self._store = store
        self._ask_doctor = ask_doctor
        # Sentences in the order in which they were first read.
        self.told: dict[str, None] = {}

    async def look(self) -> None:
        """Once; the screen itself says it when the database is away."""
        try:
            async with self._store.read() as uow:
                rows = await read.accounts(uow, AgentActor(1))
                held = await read.sending_held(uow)
        except StoreError as error:
            self.told.setdefault(f"screen: {error}")
            return
        if held is not None:
            self.told.setdefault(f"sending: {held.sentence()}")
        for row in rows:
            if row.state not in _WELL:
                words = row.detail.sentence() if row.detail else ""
                self.told.setdefault(f"{row.name}: {row.state}: {words}")

    async def watch(self) -> None:
        """Look again and again until cancelled."""
        while True:
            await self.look()
            await asyncio.sleep(_EVERY)

    async def doctor(self) -> None:
        """What ``pfinbox doctor`` finds wrong now."""
        for line in (await self._ask_doctor()).splitlines():
            if line.startswith("PROBLEM"):
                self.told.setdefault(f"doctor: {line.removeprefix('PROBLEM').strip()}")
