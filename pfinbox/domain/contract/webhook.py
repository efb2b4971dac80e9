"""Requests that a service pushes to us: admitted by the channel's own rule, kept, then received.

The web door asks ``ChannelSpec.admit`` about a request, stores what it keeps, and only then
answers. The channel takes the kept requests as it takes anything else: through ``receive``.
"""

from collections.abc import Mapping, Sequence
from dataclasses import field
from datetime import datetime
from typing import Protocol

from pfinbox.record import record


@record(kw_only=True)
class Request:
    """One HTTP request to ``/hooks/ACCOUNT[/REST]``.

    ``rest`` is what follows the account's name, without slashes around it. Names of headers are
    lower-case. ``body`` is the raw body: signatures are made over these bytes.
    """

    method: str
    rest: str
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes
    received_at: datetime

    @property
    def media_type(self) -> str:
        """``application/json``: the type of the body, without parameters, in lower case."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()


@record(kw_only=True)
class Verdict:
    """What the door answers, and whether it keeps the request.

    ``key`` is the same for a repeat of the same request: a repeat that is still waiting is
    answered alike and not kept again. A kept request needs one.
    """

    status: int
    body: bytes = b""
    media_type: str = "application/json"
    key: str = ""
    keep: bool = False


@record
class Kept:
    """A request that the door has kept; ``id`` grows in the order of keeping.

    Its path and its query are gone: they may hold the secret that let it in.
    """

    id: int
    request: Request


class Requests(Protocol):
    """The kept requests of one account, as a channel gets them.

    A channel names those that it has read in ``Batch.taken``: they go in the transaction that
    stores what was read from them.
    """

    async def waiting(self, after: int) -> Sequence[Kept]:
        """The next ones with a greater id, oldest first; empty when there are none now."""
        ...

    async def arrival(self) -> None:
        """Wait until more may have come."""
        ...
