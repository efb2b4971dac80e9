"""One history: daemons, agents and clients for a minute or two, faults between them, then the end.

Everything that happens follows from the seed. First comes the time of faults; then all of them end
and whatever should be done has to be done soon; then clients and agents write once more, which has
to go at once; then the daemons stop, and the promise is looked at.
"""

import asyncio
import gc
import logging
import random
from collections.abc import Callable, Coroutine
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from pfinbox.daemon.kept_requests import KeptRequests
from pfinbox.daemon.leases import Rhythm
from pfinbox.daemon.supervisor import Daemon
from pfinbox.errors import StoreError
from pfinbox.services.inbox import Inbox
from pfinbox.store.uow import Store
from tests.builders import START
from tests.faults.simulation import promise
from tests.faults.simulation.agents import Agents, Decisions, agent
from tests.faults.simulation.channels import Network, SimulatedChannel
from tests.faults.simulation.clients import CHATS, Clients
from tests.faults.simulation.doors import Doors
from tests.faults.simulation.loop import Loop, Process, Stuck
from tests.faults.simulation.machine import SimulatedBell, SimulatedLocks
from tests.faults.simulation.otherside import OtherSide
from tests.faults.simulation.template import PLACES, Template
from tests.faults.simulation.trouble import Plan, Trouble
from tests.faults.simulation.witness import StoreWitness

# After the last fault: another daemon is seen to be silent, the longest back-off passes.
_RECOVERY = 60.0
_LONGEST_BACKOFF = 30.5
# What is written when nothing is wrong is there, or gone, within so many seconds.
_SOON = 5.0
# A daemon that is told to stop is gone by then.
_STOPPED = 15.0


class History:
    """What one seed makes happen; ``violations`` is empty where the promise was kept."""

    def __init__(self, template: Template, seed: int, plan: Plan | None = None) -> None:
        self.seed = seed
        self.plan = plan or Plan.drawn(seed)
        self.told: list[str] = []
        self._template = template
        name = str(seed)
        self.loop = Loop(name)
        template.copy()
        self.store_path = template.path
        self.witness = StoreWitness(template.path)
        self.sides = {
            account: OtherSide(
                account, self.witness, mail=account == "support", idempotent=account == "shop"
            )
            for account in CHATS
        }
        self.network = Network(self.loop, name)
        self.bell = SimulatedBell(self.loop, name)
        self.locks = SimulatedLocks(visible=self.plan.locks_visible)
        self.decisions = Decisions()
        self.clients = Clients(self, name)
        self.agents = Agents(self, name)
        self.doors = Doors(self, name)
        self.trouble = Trouble(self, name)
        self.running: dict[str, Process] = {}
        self._stops: dict[str, asyncio.Event] = {}
        # The daemons are told to stop, and nobody starts them again.
        self.is_ending = False
        self._ends: dict[str, asyncio.Task[None]] = {}

    @property
    def colleague(self) -> int:
        """An agent who is told by mail."""
        return self._template.agent_ids["boris"]

    @property
    def violations(self) -> list[str]:
        return self.witness.violations

    def now(self) -> datetime:
        return START + timedelta(seconds=self.loop.time())

    def say(self, sentence: str) -> None:
        self.told.append(f"{self.loop.time():9.3f}  {sentence}")

    def run(self) -> None:
        """Live through it; what was violated is said once."""
        random.seed(f"{self.seed} program")
        was_collecting = gc.isenabled()
        gc.disable()
        self.loop.set_exception_handler(self._left_over)
        pushing = self.loop.spawn(self.loop.world, self.doors.push(self.sides["shop"]))
        try:
            self.loop.run_until_complete(self._live())
        except Stuck as stuck:
            self.witness.violated(str(stuck))
        finally:
            pushing.cancel()
            self._close()
            if was_collecting:
                gc.enable()

    def _close(self) -> None:
        for process in self.loop.processes[1:]:
            if process.alive:
                self.loop.kill(process)
        self.loop.run_until_complete(self._unwound())
        self.witness.close()
        self.loop.close()

    async def _unwound(self) -> None:
        """What is left of dead processes ends, and reaches nothing any more."""
        for _second in range(60):
            left = asyncio.all_tasks() - {asyncio.current_task()}
            if not left:
                return
            await asyncio.sleep(1.0)
        self.witness.violated(f"does not end: {left}")

    def _left_over(self, _loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        error = context.get("exception")
        if isinstance(error, asyncio.CancelledError):
            return
        self.witness.violated(f"nobody waited for {error!r}: {context.get('message')}")

    # --- the course of it ---------------------------------------------------------------------

    async def _live(self) -> None:
        self.start_screen()
        for place in PLACES[: self.plan.daemons]:
            self.start_daemon(place)
        await asyncio.gather(
            self.clients.live(self.plan.seconds, self.plan.pause),
            self.trouble.make(self.plan.seconds),
        )
        self.trouble.end()
        for place in ("screen", *PLACES[: self.plan.daemons]):
            if place not in self.running:
                self.start(place)
        self.say("no more faults")
        recovered = await self._until_done(_RECOVERY) and await self._at_once()
        self._undisturbed()
        if recovered:
            await self._stopped()
        refuses = "lossy" in self.plan.kinds
        promise.Promise(self.witness, self.sides, self.decisions, refuses=refuses).hold()

    async def _until_done(self, seconds: float) -> bool:
        until = self.loop.time() + seconds
        if {"cut", "broken disk", "locked", "pause"} & set(self.plan.kinds):
            # Whoever met no database, or one that was held by a program that stood still, waits
            # before the next try.
            await asyncio.sleep(_LONGEST_BACKOFF)
        while True:
            await asyncio.sleep(0.5)
            waiting = promise.unfinished(self.witness, self.sides, self._written_now())
            if not waiting:
                return True
            if self.violations:
                # What is broken already may never come to an end.
                return False
            if self.loop.time() > until:
                self.witness.violated(f"after {seconds:.0f} s: {', '.join(waiting)}")
                return False

    def _written_now(self) -> str:
        """Now as the store writes it, and a moment ago: what is due this very moment may wait."""
        return (self.now() - timedelta(seconds=2)).strftime("%Y-%m-%d %H:%M:%S.%f")

    async def _at_once(self) -> bool:
        """Nothing is wrong any more: a message and a comment of each account need no safety net."""
        for account in CHATS:
            self.clients.write(account)
        await asyncio.sleep(_SOON)
        waiting = promise.unfinished(self.witness, self.sides, self._written_now())
        if waiting:
            # What had been put off until this very moment is on its way, and there in the next.
            await asyncio.sleep(1.0)
            still = promise.unfinished(self.witness, self.sides, self._written_now())
            waiting = [one for one in waiting if one in still]
        inbox, asked = self._anna(), []
        for task_id in self.witness.ids(
            "SELECT max(root_id) FROM task WHERE active AND deleted_at IS NULL AND root_id = id"
            " GROUP BY account_id"
        ):
            writing = self.agents.comment(inbox, task_id, plain=True)
            asked.append(await self.loop.spawn(self.running["screen"], writing))
        await asyncio.sleep(_SOON)
        for one in asked:
            if one is not None and one.saved is not None:
                found = promise.not_sent(self.witness, one.saved)
                waiting += [f"{one.text} ({state})" for state in found]
        if waiting:
            self.witness.violated(f"not within {_SOON:.0f} s: {', '.join(waiting)}")
        return not waiting

    def _undisturbed(self) -> None:
        """R12: whoever lives and is kept from nothing keeps what it serves."""
        if {"locked", "broken disk"} & set(self.plan.kinds):
            return
        released = "SELECT instance FROM lease WHERE released_at IS NOT NULL"
        for process in map(self.locks.process_of, self.witness.rows(released)):
            if process.alive and not process.disturbed:
                self.witness.violated(f"{process.name} lost its lease, and nothing was wrong")

    async def _stopped(self) -> None:
        self.is_ending = True
        for stop in self._stops.values():
            stop.set()
        ends = [end for end in self._ends.values() if not end.done()]
        if ends:
            _done, late = await asyncio.wait(ends, timeout=_STOPPED)
            for _end in late:
                self.witness.violated(f"a daemon does not stop within {_STOPPED:.0f} s")

    # --- processes ----------------------------------------------------------------------------

    def start(self, place: str) -> None:
        if place == "screen":
            self.start_screen()
        else:
            self.start_daemon(place)

    def start_screen(self) -> None:
        self._started(
            "screen",
            lambda: self.agents.live(
                self._anna(), self.plan.seconds - self.loop.time(), self.plan.pause
            ),
        )

    def _anna(self) -> Inbox:
        return agent(self.store("screen"), self._template.agent_ids["anna"])

    def undo(self, nonce: str) -> None:
        """The author takes the comment back of which this part is on its way."""
        screen = self.running.get("screen")
        if screen is not None:
            self.loop.spawn(screen, self.agents.undo(self._anna(), nonce))

    def start_daemon(self, place: str) -> None:
        stop = self._stops[place] = asyncio.Event()
        self._started(place, lambda: self._serve(place, stop))

    async def _serve(self, place: str, stop: asyncio.Event) -> None:
        names = {number: name for name, number in self._template.account_ids.items()}
        store = self.store(place)
        kept = {"shop": KeptRequests(store, self._template.account_ids["shop"])}
        daemon = Daemon(
            store,
            names,
            lambda name: SimulatedChannel(self.sides[name], self.network, kept.get(name)),
            requests=tuple(kept.values()),
            rhythm=Rhythm(),
            locks=self.locks,
        )
        try:
            async with self.doors.beside(store):
                await daemon.run(stop)
        except StoreError as error:
            self.say(f"{place} ends: {error}")
        except Exception as error:
            logging.getLogger(__name__).error("%s broke", place, exc_info=error)
            self.witness.violated(f"{place} broke: {error!r}")
        self.trouble.ended(place)

    def _started(self, place: str, live: Callable[[], Coroutine[Any, Any, None]]) -> None:
        engines = self._template.engines[place]
        engines.forget()
        engines.disk = self.trouble.disk
        process = self.loop.add_process(place)
        self.running[place] = process
        self.say(f"{place} starts")
        self._ends[place] = self.loop.spawn(process, live())
        self._ends[place].add_done_callback(partial(self._ended, place))

    def _ended(self, place: str, end: asyncio.Task[None]) -> None:
        if not end.cancelled() and (error := end.exception()) is not None:
            self.witness.violated(f"{place} broke: {error!r}")

    def store(self, place: str) -> Store:
        """The store as one process has it open."""
        skew = self.plan.skew(place)
        store = Store(
            self._template.url,
            clock=lambda: self.now() + timedelta(seconds=skew),
            engines=self._template.engines[place],
        )
        store.bell = self.bell  # type: ignore[assignment]
        return store

    def kill(self, place: str) -> None:
        process = self.running.pop(place, None)
        if process is not None:
            self.say(f"{place} is killed")
            self.loop.kill(process)
            self._stops.pop(place, None)

    def stop(self, place: str) -> None:
        if place in self._stops:
            self.say(f"{place} is told to stop")
            self.running[place].disturbed = True
            self._stops[place].set()
