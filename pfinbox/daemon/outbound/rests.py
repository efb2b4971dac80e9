"""Accounts that send nothing now: the server is not reached, gives no answer, refuses the sign-in.

Such an account rests, and after each rest one message alone tries it. The others wait untried
until one has got through: a queue of thousands knocks no more often than a queue of one, and
where answers are lost, each try is a message of unknown fate.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from enum import Enum

from pfinbox.daemon.backoff import Backoff
from pfinbox.daemon.waking import loop_time


class Pace(Enum):
    """Seconds of the first rest, and of the longest."""

    # A server that is back is found soon.
    UNREACHED = (1.0, 20.0)
    # Each try may be one more message that a person has to look after.
    UNANSWERED = (1.1, 300.0)
    # A wrong password is not tried in a storm: servers lock accounts for that.
    REFUSED = (10.0, 300.0)


@dataclass(slots=True)
class _Rest:
    pace: Pace
    backoff: Backoff
    until: float
    # No person has asked since to try it.
    unasked: bool = True


@dataclass(slots=True)
class Rests:
    """The accounts of one daemon that rest, by id."""

    clock: Callable[[], float] = loop_time
    _rests: dict[int, _Rest] = field(default_factory=dict)

    def remember(self, account_ids: Collection[int]) -> None:
        """An earlier daemon has left them so; each is tried at once, by one message."""
        for account_id in account_ids:
            pace = Pace.UNREACHED
            self._rests[account_id] = _Rest(pace, Backoff(*pace.value), self.clock())

    def begin(self, account_id: int, pace: Pace) -> bool:
        """The account rests, longer each time; whether it did not before."""
        before = self._rests.get(account_id)
        if before is None or before.pace is not pace:
            self._rests[account_id] = _Rest(pace, Backoff(*pace.value), self.clock())
        rest = self._rests[account_id]
        rest.unasked = True
        # Messages that were under way together are one try.
        if self.clock() >= rest.until:
            rest.until = self.clock() + rest.backoff.next()
        return before is None

    def ask(self, states: Mapping[int, str]) -> None:
        """Where the store says no longer that it failed, a person asks to try it now."""
        for account_id, rest in self._rests.items():
            asked = rest.pace is Pace.REFUSED and states.get(account_id) == "retrying"
            if asked and rest.unasked:
                rest.until, rest.unasked = self.clock(), False

    def end(self, account_id: int) -> bool:
        """The account's server was reached; whether it had rested."""
        return self._rests.pop(account_id, None) is not None

    def resting(self, account_id: int) -> bool:
        rest = self._rests.get(account_id)
        return rest is not None and self.clock() < rest.until

    def all(self) -> frozenset[int]:
        """Those that rest, and those that are to be tried now."""
        return frozenset(self._rests)

    def to_be_tried(self) -> list[int]:
        """Those that have rested long enough."""
        return [one for one in self._rests if not self.resting(one)]

    def seconds(self) -> float | None:
        """Until the next of them is to be tried; None when there is none."""
        ends = [rest.until - self.clock() for rest in self._rests.values()]
        return max(0.0, min(ends)) if ends else None
