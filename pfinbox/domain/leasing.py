"""Which daemon polls and sends for which account: who holds it, and who may take it over."""

from collections.abc import Callable, Iterable
from datetime import datetime

from pfinbox.errors import Refused
from pfinbox.record import record


class LeaseGone(Refused):
    """Another daemon serves the account, or has taken over everything of this one."""


@record
class Lease:
    """This daemon's right to act; ``epoch`` grows with every daemon that ever started."""

    id: int
    epoch: int


@record
class Process:
    """Where a daemon runs, for people to read: after a restart both may be another one's."""

    host: str
    pid: int


# Whether the daemon of this instance, with this count of heartbeats, is silent for too long.
Silent = Callable[[str, int], bool]


def never(_instance: str, _heartbeat: int) -> bool:
    """Nothing has been seen of the others yet, so none of them is taken for dead."""
    return False


@record
class Holder:
    """Another daemon that holds an account, as its lease row says."""

    instance: str
    heartbeat: int
    heartbeat_at: datetime
    process: Process


@record
class Holding:
    """What a daemon holds, and who holds the rest (account name -> daemon)."""

    account_ids: tuple[int, ...]
    others: dict[str, Holder]


@record
class Served:
    """A configured account; ``lease_id``: whose it is, ``holder``: that daemon while it lives."""

    account_id: int
    name: str
    lease_id: int | None
    holder: Holder | None


def silent_leases(accounts: Iterable[Served], lease_id: int, silent: Silent) -> dict[int, Holder]:
    """The other daemons that are silent for too long, by their leases.

    Every holder is looked at: what is seen of it counts, not only the answer.
    """
    others = {
        one.lease_id: one.holder
        for one in accounts
        if one.holder is not None and one.lease_id not in (None, lease_id)
    }
    return {i: o for i, o in others.items() if i is not None and silent(o.instance, o.heartbeat)}
