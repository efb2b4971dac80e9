"""The token is in no log, traceback, message or Reason, whatever fails."""

import logging
import traceback

import pytest

from pfinbox.channels.telegram.channel import TelegramChannel
from pfinbox.channels.telegram.failures import scrub
from pfinbox.domain.contract.amending import Amendment, AmendmentKind
from pfinbox.domain.contract.channel import ChannelError
from pfinbox.domain.contract.files import File
from pfinbox.domain.contract.incoming import Message
from tests.channels.telegram.conftest import Open, nothing, one, outgoing
from tests.servers.bot_api import TOKEN, BotApi, Fault
from tests.servers.bot_api.shapes import failed

LEAKY = f"https://api.telegram.org/bot{TOKEN}/x {TOKEN}"
FAULTS = [
    Fault(),
    Fault(400, failed(400, f"Bad Request: {LEAKY}")),
    Fault(401, failed(401, LEAKY)),
    Fault(403, failed(403, LEAKY)),
    Fault(404, failed(404, LEAKY)),
    Fault(409, failed(409, LEAKY)),
    Fault(413, LEAKY),
    Fault(429, failed(429, LEAKY, {"retry_after": 1})),
    Fault(500, failed(500, LEAKY)),
    Fault(502, LEAKY),
    Fault(200, LEAKY),
    Fault(302, LEAKY),
]


def whole(problem: BaseException) -> str:
    """Everything that a traceback with causes and contexts would show, the hidden ones too."""
    shown = "".join(traceback.format_exception(problem)) + repr(problem)
    hidden = [problem.__cause__, problem.__context__]
    return shown + "".join(whole(one) for one in hidden if one is not None)


@pytest.mark.parametrize("fault", FAULTS)
async def test_r24_no_failure_shows_the_token(
    bot_api: BotApi, channel: TelegramChannel, fault: Fault, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    bot_api.fault("getMe", fault)
    with pytest.raises(ChannelError) as asked:
        await one(channel)
    for method in ("getUpdates", "sendMessage", "sendDocument", "editMessageText"):
        bot_api.fault(method, fault)
    with pytest.raises(ChannelError) as polled:
        await one(channel)
    change = Amendment(
        nonce="a1", kind=AmendmentKind.EDIT, chat_key="42", source_id="42:1", text="x"
    )
    with pytest.raises(ChannelError) as amended:
        await channel.amend(change)
    bot_api.fault("getMe", fault)
    with pytest.raises(ChannelError) as sent:
        await channel.send(outgoing("x"), nothing)
    with pytest.raises(ChannelError) as uploaded:
        await channel.send(outgoing("x", File("a", "x/y", b"1")), nothing)
    findings = await channel.probe()
    seen = "".join(
        whole(e.value) + str(e.value.reason) for e in (asked, polled, sent, uploaded, amended)
    )
    assert TOKEN not in seen + str(findings) + caplog.text + repr(channel)


@pytest.mark.parametrize("method", ["getFile", "file"])
@pytest.mark.parametrize("fault", FAULTS)
async def test_r20_no_failed_download_shows_the_token(
    bot_api: BotApi,
    channel: TelegramChannel,
    fault: Fault,
    method: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    bot_api.clients.sends_document(b"x", "a.txt")
    bot_api.fault(method, fault, fault)
    try:
        (item,) = (await one(channel)).items
    except ChannelError as problem:
        seen = whole(problem) + str(problem.reason)
    else:
        assert isinstance(item.event, Message)
        seen = str(item.event.warnings)
    assert TOKEN not in seen + caplog.text


@pytest.mark.parametrize(
    "token", ["", "no-colon-secret", "12:with space", "abc:def", "secretsecret:x"]
)
async def test_an_unusable_token_is_not_repeated(open_channel: Open, token: str) -> None:
    channel = open_channel(token=token)
    with pytest.raises(ChannelError) as caught:
        await one(channel)
    assert caught.value.reason.kind == "auth_failed"
    assert not token or token not in whole(caught.value)
    assert not (await channel.probe())[0].ok


async def test_an_unreachable_host_does_not_show_the_token(open_channel: Open) -> None:
    for base in ("http://127.0.0.1:9", "https://no-such-host.invalid", "https://127.0.0.1:9"):
        with pytest.raises(ChannelError) as caught:
            await one(open_channel(base))
        assert TOKEN not in whole(caught.value)


def test_scrubbing_finds_tokens_in_any_text() -> None:
    assert scrub(f"GET {LEAKY}\n\x00") == "GET https://api.telegram.org/bot…/x … \x00"
    assert scrub("short 12:ab", "12:ab") == "short …"
