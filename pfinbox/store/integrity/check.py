"""What one check is: it finds rows that cannot be so, and perhaps knows how they should be."""

from collections.abc import Awaitable, Callable, Sequence

from pfinbox.record import record
from pfinbox.store.uow import UnitOfWork

# Ids, or whatever else names a row: a sha256, "table.column".
Ids = Sequence[int | str]


@record
class Check:
    """``kind`` is a stable word; ``mend`` computes anew what rows of these ids should be.

    It may be called again, and for rows that are sound. None: only a person can help.
    """

    kind: str
    find: Callable[[UnitOfWork], Awaitable[Ids]]
    mend: Callable[[UnitOfWork, Ids], Awaitable[None]] | None = None
