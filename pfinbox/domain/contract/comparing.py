"""A channel whose other side keeps what it gave, so that it can be compared with what is here."""

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

from pfinbox.record import record


@record
class Unmatched:
    """Something that is at one side only; ``key`` is that of its receipt.

    ``source_id``: the id by which people find it (a Message-ID); None where nobody knows it.
    """

    key: str
    source_id: str | None = None


@record
class Comparison:
    """``missing``: what the other side has and we have not; ``extra``: the other way round.

    What was there before the account's first contact and was not to be read is in neither.
    """

    missing: Sequence[Unmatched]
    extra: Sequence[Unmatched]


@runtime_checkable
class Comparable(Protocol):
    """A channel that can compare (``account check``)."""

    async def compare(self, cursor: str | None) -> Comparison:
        """Look without changing anything at the other side. Raises ChannelError."""
        ...
