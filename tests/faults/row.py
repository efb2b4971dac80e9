"""A row of the table: a fault, what it is allowed to cost, and what came of it."""

import traceback
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from math import ceil

from tests.faults.leaks import leaks
from tests.faults.ledger import Balance
from tests.faults.proxy import Line, Trouble
from tests.faults.world import World

# Seconds within which all is as it should be after a fault has ended.
RECOVERY = 60.0
# The seconds by which a fault of one account may slow another one.
SLOWED = 1.0
BOTH = ("sqlite", "postgresql")
# The faults of a row that has many.
KILLS = 40


@dataclass(frozen=True, slots=True)
class Budget:
    """How much of a row is to be run."""

    kills: int = KILLS
    # Long rows take their whole time; short ones show the same with less of it.
    long: bool = False

    @property
    def seconds(self) -> float:
        """How long a spell of trouble lasts; what lasts over 30 s must be named to people."""
        return 40.0 if self.long else 8.0


Run = Callable[[World, Budget], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Row:
    """``number`` is the row of the fault matrix."""

    number: str
    title: str
    run: Run
    kinds: tuple[str, ...] = BOTH
    # Unknown deliveries for each fault that was injected.
    unknown: float = 0.0
    # The same for failed and held ones.
    failed: float = 0.0
    recovery: float = RECOVERY
    # Words that people must have read while it lasted; "": none, it is over at once.
    tells: str = ""
    # Accounts that the fault does not concern.
    spared: tuple[str, ...] = ()
    # Whether a shop's program comes to the web door.
    door: bool = False
    # Whether the mailbox is reached by TLS.
    tls: bool = False
    # The faults of the long run, where they are not ``KILLS``.
    long: int = 0
    # The megabytes of the disk that has the world's files, where it is to be a small one.
    disk: int = 0


@dataclass(slots=True)
class Outcome:
    """What came of a row on one kind of database."""

    row: Row
    kind: str
    seed: str
    faults: int
    balance: Balance
    recovered: float
    slowed: float
    told: list[str] = field(default_factory=list)
    # What the row itself found wrong.
    error: str = ""
    # How much was still under way when the row was over.
    waiting: int = 0
    # What did not come in time, which may be the machine's fault.
    late: str = ""

    def misses(self) -> list[str]:
        """The targets that it misses, in words, but those of time."""
        row, balance = self.row, self.balance
        found = [self.error] if self.error else []
        for what in ("lost", "twice", "silent", "disordered"):
            if names := getattr(balance, what):
                found.append(f"{len(names)} {what}: {' '.join(names[:5])}")
        for what in ("unknown", "failed"):
            names = getattr(balance, what)
            allowed = ceil(getattr(row, what) * max(self.faults, 1))
            if len(names) > allowed:
                found.append(f"{len(names)} {what}, at most {allowed}")
        if row.tells and not any(row.tells in words for words in self.told):
            found.append(f"nobody was told: {row.tells!r}")
        return found

    def overdue(self) -> list[str]:
        """The targets of time that it misses, in words."""
        found = [self.late] if self.late else []
        if self.recovered > self.row.recovery:
            found.append(f"recovered after {self.recovered:.0f} s ({self.waiting} were waiting)")
        if self.slowed > SLOWED:
            found.append(f"others waited {self.slowed:.1f} s")
        return found


ROWS: list[Row] = []


def row(number: str, title: str, **more: object) -> Callable[[Run], Run]:
    """Makes a function a row of the table."""

    def made(run: Run) -> Run:
        ROWS.append(Row(number, title, run, **more))  # type: ignore[arg-type]
        return run

    return made


async def spell(
    world: World, begin: Callable[[], object], end: Callable[[], object], seconds: float
) -> None:
    """A fault between ``begin`` and ``end``, under traffic; the doctor looks before it ends."""
    async with world.traffic():
        await world.lasting(1)
        async with world.fault(ask_doctor=seconds >= 5):
            begin()
            await world.lasting(seconds)
        end()
        await world.lasting(1)
    await probes(world)


async def troubled(world: World, budget: Budget, line: Line, trouble: Trouble) -> None:
    """Such a spell on one line, as long as the budget allows."""

    def set_to(value: Trouble) -> None:
        line.trouble = value

    await spell(world, partial(set_to, trouble), partial(set_to, Trouble.NONE), budget.seconds)


async def probes(world: World) -> None:
    """One message each way on every account, so that there is something to recover with."""
    for account in world.sides.accounts:
        await world.says(account)
        await world.writes(account)


async def carried_out(row: Row, world: World, budget: Budget, seed: str) -> Outcome:
    """The row in this world, and its account."""
    error = late = ""
    try:
        async with AsyncExitStack() as stack:
            if row.spared:
                # There is always something that the fault could slow.
                world.beside = row.spared
                await stack.enter_async_context(world.traffic(1.0, row.spared))
            await row.run(world, budget)
    except AssertionError as failed:
        error = f"{type(failed).__name__} {failed}".strip()
    except TimeoutError as failed:
        line = traceback.extract_tb(failed.__traceback__)
        places = (f"{one.name} {one.lineno}" for one in line if "faults/rows" in one.filename)
        late = f"not in time: {failed or ' '.join(places)}"
    waiting = len(world.ledger.unsettled(await world.ledger.shown(world.store)))
    shown, recovered = await world.settled(max(120.0, row.recovery * 1.5))
    if not world.daemon.runs:
        error = error or f"the daemon ended with {world.daemon.code.result()}"
    if found := leaks(world):
        error = error or f"secrets in {' '.join(found)}"
    balance = world.ledger.balance(shown, world.taken())
    since = world.broke or datetime.now(UTC)
    slowed = max((world.ledger.slowed(shown, one, since) for one in row.spared), default=0.0)
    told = list(world.witness.told)
    return Outcome(
        row, world.kind, seed, world.faults, balance, recovered, slowed, told, error, waiting, late
    )
