"""One website chat: takes what visitors wrote on the door's pages.

What is sent is shown by the same pages out of the store, so that it has arrived at the commit.
"""

from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime

from pfinbox.channels.http.pushed import pushed
from pfinbox.channels.webchat.reading import introduction_with, key_of, read
from pfinbox.domain.contract.batch import Batch
from pfinbox.domain.contract.channel import AccountContext, Finding, Transmitting
from pfinbox.domain.contract.incoming import Incoming
from pfinbox.domain.contract.outgoing import Outgoing, Sent
from pfinbox.domain.contract.reason import Reason
from pfinbox.domain.contract.webhook import Kept


class WebchatChannel:
    """A ``domain.contract.channel.Channel`` without a network of its own."""

    def __init__(self, context: AccountContext) -> None:
        self._context = context

    def receive(self, cursor: str | None) -> AsyncIterator[Batch]:
        """One kept request a batch; the cursor stays as it is."""
        return pushed(self._context.requests, self._kept, cursor)

    async def _kept(self, kept: Kept) -> Sequence[Incoming]:
        raw, at = kept.request.body, kept.request.received_at
        item = Incoming(key=key_of(raw), raw=raw, event=read(raw, at))
        who = introduction_with(raw)
        if who is None:
            return [item]
        return [item, Incoming(key=key_of(who), raw=who, event=read(who, at))]

    async def send(self, part: Outgoing, transmitting: Transmitting) -> Sent:
        await transmitting()
        return Sent(part.source_id or "")

    def mint(self, token: str, nonce: str) -> str:
        return f"ours:{nonce}"

    def parse(self, key: str, raw: bytes) -> Incoming:
        return Incoming(key=key, raw=raw, event=read(raw, datetime.now(UTC)))

    async def probe(self) -> list[Finding]:
        """Whether the door has an address that a site can name."""
        if self._context.hook_url is None:
            return [Finding(False, "webchat", Reason("no_base_url"))]
        address = self._context.hook_url.replace("/hooks/", "/chat/")
        return [Finding(True, f"{address}/")]

    async def close(self) -> None:
        """Nothing is open."""
