"""Clients write, change and delete; nothing ever fails for them."""

import asyncio
from random import Random
from typing import TYPE_CHECKING

from tests.faults.simulation.otherside import OtherSide

if TYPE_CHECKING:
    from tests.faults.simulation.history import History

CHATS = {
    "bot": ("501", "502", "503"),
    "shop": ("601", "602"),
    "support": ("maria@x.example", "olga@x.example"),
}


class Clients:
    """All of them, each at the account of their chat."""

    def __init__(self, history: "History", seed: str) -> None:
        self._history = history
        self._random = Random(f"{seed} clients")
        self._n = 0

    async def live(self, seconds: float, pause: float) -> None:
        loop = self._history.loop
        until = loop.time() + seconds
        while loop.time() < until:
            await asyncio.sleep(self._random.expovariate(1 / pause))
            self.act()

    def act(self) -> None:
        account = self._random.choice(sorted(CHATS))
        side = self._history.sides[account]
        draw = self._random.random()
        if draw < 0.75 or side.mail or not side.given:
            self.write(account)
            return
        given = self._random.choice(side.given)
        if draw < 0.95 and not given.deleted:
            self._n += 1
            side.change(given, f"c{self._n} changed", self._history.now())
            self._history.say(f"client changes {given.source_id} to c{self._n}")
        elif not given.deleted:
            side.delete(given, self._history.now())
            self._history.say(f"client deletes {given.source_id}")

    def write(self, account: str) -> None:
        self._n += 1
        side = self._history.sides[account]
        chat = self._random.choice(CHATS[account])
        answers = self._answered(side, chat)
        given = side.write(
            chat, f"c{self._n}", self._history.now(), self._history.loop.time(), answers
        )
        self._history.say(f"client {chat} writes c{self._n} to {account} as {given.key}")

    def _answered(self, side: OtherSide, chat: str) -> str | None:
        ours = [one for one in side.taken if chat in one.addresses]
        if not side.mail or not ours or self._random.random() < 0.4:
            return None
        return self._random.choice(ours).source_id
