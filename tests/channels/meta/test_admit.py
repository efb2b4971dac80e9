"""Only what Meta signed is kept, and our address is proven by words of our own (R46)."""

from typing import Any

import pytest

from pfinbox.channels.meta import INSTAGRAM, MESSENGER, WHATSAPP
from pfinbox.channels.meta.admit import admit
from pfinbox.domain.contract.channel import Capability, ChannelSpec
from pfinbox.errors import ConfigError
from tests.channels.meta.conftest import request, settings
from tests.servers.meta import VERIFY

BODY = '{"object":"page","entry":[],"text":"Здравствуйте é \\/"}'.encode()
SUBSCRIBE = {"hub.mode": "subscribe", "hub.verify_token": VERIFY, "hub.challenge": "1158201444"}


@pytest.mark.parametrize(
    ("changed", "status"),
    [
        ({}, 200),
        ({"body": b"no JSON"}, 200),
        ({"headers": {}}, 401),
        ({"headers": {"x-hub-signature-256": "sha256="}}, 401),
        ({"headers": {"x-hub-signature": "sha1=0"}}, 401),
        ({"method": "PUT"}, 405),
    ],
)
def test_r46_only_what_is_signed_over_its_raw_bytes_is_kept(
    changed: dict[str, Any], status: int
) -> None:
    verdict = admit(settings(WHATSAPP, "http://x"), request(**{"body": BODY, **changed}))
    assert (verdict.status, verdict.keep) == (status, status == 200)
    assert bool(verdict.key) is verdict.keep


@pytest.mark.parametrize(
    ("changed", "status"),
    [
        ({}, 200),
        ({"hub.verify_token": "wrong"}, 403),
        ({"hub.verify_token": ""}, 403),
        ({"hub.mode": "unsubscribe"}, 403),
    ],
)
def test_r46_our_address_is_proven_once_it_is_entered(changed: dict[str, str], status: int) -> None:
    asked = request(b"", method="GET", headers={}, query=SUBSCRIBE | changed)
    verdict = admit(settings(MESSENGER, "http://x"), asked)
    assert (verdict.status, verdict.keep) == (status, False)
    assert verdict.body == (b"1158201444" if status == 200 else b"")
    assert status != 200 or verdict.media_type == "text/plain"


@pytest.mark.parametrize("spec", [WHATSAPP, MESSENGER, INSTAGRAM])
def test_keys_and_limits(spec: ChannelSpec) -> None:
    given = settings(spec, "https://graph.facebook.com/v25.0")
    assert spec.describe(given)
    assert (
        spec.setup().settings(
            {
                "phone_number_id": " 7 ",
                "page_id": "7",
                "token": "t",
                "app_secret": "s",
                "verify_token": "words ",
            }
        )["verify_token"]
        == "words"
    )
    with pytest.raises(ValueError, match="not maria"):
        spec.normalise("maria@client.example")
    with pytest.raises(ConfigError):
        settings(spec, "https://graph.facebook.com", **{_ident(spec): "a b"})
    if spec.adapt is not None and spec is not WHATSAPP:
        switched = given | {"human_agent": True, "typing": True}
        able, limits = spec.adapt(switched, spec.capabilities, spec.limits)
        assert able == spec.capabilities | Capability.TYPING
        assert limits.reply_window == 7 * 24 * 3600


def _ident(spec: ChannelSpec) -> str:
    return "phone_number_id" if spec is WHATSAPP else "page_id"


def test_a_number_is_an_address_however_it_is_written() -> None:
    assert WHATSAPP.normalise(" +48 600-100 (200)") == "48600100200"
    assert WHATSAPP.normalise("PL.13491208655302741918") == "PL.13491208655302741918"
