"""What the tests of Meta's channels share: open channels on the loopback server."""

from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from pfinbox.channels.meta import INSTAGRAM, MESSENGER, WHATSAPP
from pfinbox.channels.meta.admit import signature
from pfinbox.channels.meta.channel import MetaChannel
from pfinbox.domain.contract.channel import AccountContext, ChannelSpec
from pfinbox.domain.contract.outgoing import Outgoing
from pfinbox.domain.contract.party import Party
from pfinbox.domain.contract.settings import Secret, check
from pfinbox.domain.contract.webhook import Request
from tests.servers.meta import APP_SECRET, TOKEN, VERIFY, Graph
from tests.servers.meta.shapes import MARIA, MARIA_ID, NUMBER, PAGE, PSID

URL = "https://support.example/hooks/it"
Open = Callable[..., MetaChannel]
SPECS = {spec.name: spec for spec in (WHATSAPP, MESSENGER, INSTAGRAM)}


def given(spec: ChannelSpec, base: str, **more: Any) -> dict[str, Any]:
    """The keys of the account's section."""
    ident = {"phone_number_id": NUMBER} if spec is WHATSAPP else {"page_id": PAGE}
    secrets = {"token": TOKEN, "app_secret": APP_SECRET, "verify_token": VERIFY}
    return {**secrets, **ident, "api_base": base, **more}


def settings(spec: ChannelSpec, base: str, **more: Any) -> dict[str, Any]:
    return check(
        given(spec, base, **more),
        spec.settings,
        where="accounts.it",
        source="test",
        secret=lambda value, _: Secret(str(value)),
    )


def request(body: bytes, **changed: Any) -> Request:
    """As Meta posts it."""
    sign = {"x-hub-signature-256": signature(APP_SECRET, body).decode()}
    whole = {"method": "POST", "rest": "", "headers": sign, "body": body, **changed}
    return Request(received_at=datetime.now(UTC), **whole)


def outgoing(text: str = "Да", *, to: str = MARIA_ID, **more: Any) -> Outgoing:
    who = Party(to, "Мария", f"+{MARIA}" if to == MARIA_ID else None)
    made = {"chat_key": to, "to": (who,), "nonce": "n1", **more}
    return Outgoing(text=text, created_at=datetime.now(UTC), **made)


def to_page(text: str = "Да", **more: Any) -> Outgoing:
    return outgoing(text, to=PSID, **more)


async def nothing(_turned_away: object = None, /) -> None:
    """Nothing has to be written down."""


def opened(base: str, name: str = "whatsapp", **more: Any) -> MetaChannel:
    """An account's channel; ``context``: more of what it gets to know."""
    known = {"hook_url": URL, **more.pop("context", {})}
    spec = SPECS[name]
    channel = spec.open(AccountContext("it", settings(spec, base, **more), b"k" * 32, **known))
    assert isinstance(channel, MetaChannel)
    return channel


@pytest.fixture
async def open_channel(meta_server: Graph) -> AsyncIterator[Open]:
    made: list[MetaChannel] = []

    def make(name: str = "whatsapp", **more: Any) -> MetaChannel:
        made.append(opened(meta_server.base, name, **more))
        return made[-1]

    yield make
    for channel in made:
        await channel.close()
