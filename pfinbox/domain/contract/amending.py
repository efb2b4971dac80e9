"""A change of what was sent, as a channel gets it: another text, or taken away (R11)."""

from enum import StrEnum
from typing import Protocol, runtime_checkable

from pfinbox.record import record


class AmendmentKind(StrEnum):
    EDIT = "edit"
    DELETE = "delete"


class AmendmentState(StrEnum):
    """pending (backing off too), done, failed; an older one that a newer one replaced: dropped."""

    PENDING = "pending"
    DONE = "done"
    FAILED = "failed"
    DROPPED = "dropped"


@record(kw_only=True)
class Amendment:
    """One change of one part at the other side, as a channel gets it.

    ``nonce`` is the change's own, the same for each attempt. ``also`` are the part's further ids
    (an album). ``captioned``: the text stands under a file.
    """

    kind: AmendmentKind
    chat_key: str
    source_id: str
    nonce: str
    also: tuple[str, ...] = ()
    text: str = ""
    captioned: bool = False


@runtime_checkable
class Amending(Protocol):
    """A channel with the capability EDITS or DELETES has this, too."""

    async def amend(self, change: Amendment) -> None:
        """Carry the change out. Doing it twice does no harm: done already is done.

        Raises TemporaryFailure (also where the outcome is unknown), PermanentFailure or
        AccountFailure.
        """
        ...
