"""Whether a daemon may send from this database, or a person has to look first.

A backup that was put back still waits to send what its clients got long ago, and so does a copy
of the file on another machine, beside the first one that goes on. Both are known by a stamp kept
outside the database, and by the machine that the database itself remembers.
"""

from pfinbox.domain.contract.reason import Reason
from pfinbox.record import record


@record
class Stamp:
    """What is kept outside the database: which store it is, and how many hand-overs it made."""

    store_id: str
    handed_over: int


@record
class Machine:
    """``id`` tells machines apart, ``host`` is its name for people."""

    id: str
    host: str


@record
class Ledger:
    """What the database says of itself.

    ``in_file``: it is one file, which anybody may copy. ``machine``: the one that served it last,
    None before any daemon did.
    """

    store_id: str
    handed_over: int
    in_file: bool
    machine: Machine | None


def why_not_send(ledger: Ledger, stamp: Stamp | None, here: Machine) -> Reason | None:
    """Why this database may send nothing until a person has confirmed it; None: it may."""
    own = stamp if stamp is not None and stamp.store_id == ledger.store_id else None
    if own is not None and own.handed_over > ledger.handed_over:
        return Reason("database_older", {"n": own.handed_over - ledger.handed_over})
    if not ledger.in_file or ledger.machine is None:
        # A server stays where it is, and each of its daemons' machines has a stamp of its own.
        return None
    if ledger.machine.id != here.id:
        return Reason("database_moved", {"host": ledger.machine.host})
    return Reason("stamp_missing") if own is None else None
