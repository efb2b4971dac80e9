"""The web door of each daemon's process, and a service that pushes what its clients wrote."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from random import Random
from typing import TYPE_CHECKING

from pfinbox.domain.actor import SystemActor
from pfinbox.domain.contract.incoming import Incoming
from pfinbox.domain.contract.webhook import Request
from pfinbox.services.inbound.keeping import Pushed
from pfinbox.services.inbox import ProgramInbox
from pfinbox.store.uow import Store
from pfinbox.web.hooks.keeper import Keeper
from tests.faults.simulation.loop import PROCESS, Process
from tests.faults.simulation.otherside import OtherSide

if TYPE_CHECKING:
    from tests.faults.simulation.history import History

# Seconds after which a service gives up and repeats the request.
_PATIENCE = 5.0


class Doors:
    """What stands between an answered request and its receipt: the keeper, and what it has kept."""

    def __init__(self, history: "History", seed: str) -> None:
        self._history = history
        self._random = Random(f"{seed} doors")
        self._open: dict[Process, Keeper] = {}

    @asynccontextmanager
    async def beside(self, store: Store) -> AsyncIterator[None]:
        """While a daemon serves, its process has a door."""
        process, keeper = PROCESS.get(), Keeper(ProgramInbox(store, SystemActor("door")))
        self._open[process] = keeper
        work = asyncio.create_task(keeper.run())
        try:
            yield
        finally:
            del self._open[process]
            work.cancel()

    async def push(self, side: OtherSide) -> None:
        """As services do: one request after the other, each again until it is answered."""
        answered = 0
        while True:
            while answered < len(side.arrived):
                if await self._is_answered(side, side.arrived[answered]):
                    # Whoever got the answer may repeat the request all the same.
                    answered += not self._history.network.draws(self._history.network.repeats)
                else:
                    await asyncio.sleep(self._random.uniform(0.5, 3.0))
            news = asyncio.Event()
            side.news.append(news)
            await news.wait()
            side.news.remove(news)

    async def _is_answered(self, side: OtherSide, incoming: Incoming) -> bool:
        net = self._history.network
        doors = sorted((one.name, one) for one in self._open if one.alive)
        if not doors or not await net.pass_through(side.account):
            return False
        _name, process = self._random.choice(doors)
        if not process.alive or process not in self._open:
            return False
        request = Request(
            method="POST", rest="", body=incoming.raw, received_at=self._history.now()
        )
        pushed = Pushed(side.account, incoming.key, request)
        keeping = self._history.loop.spawn(process, self._open[process].keep(pushed))
        await asyncio.wait({keeping}, timeout=_PATIENCE)
        if not keeping.done() or keeping.cancelled() or not keeping.result():
            return False
        self._history.witness.confirmed(side.account, [incoming.key])
        return await net.pass_through(side.account) and not net.draws(net.loses_answers)
