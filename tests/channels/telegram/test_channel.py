"""The light module, settings, doctor, re-reading and pace."""

import subprocess
import sys

import pytest

from pfinbox.channels.telegram import SPEC
from pfinbox.channels.telegram.channel import TelegramChannel
from pfinbox.channels.telegram.pace import Pace
from pfinbox.channels.telegram.settings import PUBLIC_API
from pfinbox.domain.contract.channel import Capability
from pfinbox.domain.contract.incoming import Message, Unreadable
from pfinbox.errors import ConfigError
from tests.channels.telegram.conftest import Naps, Open, account, one
from tests.servers.bot_api import BotApi


def test_importing_the_channel_imports_no_network_library() -> None:
    code = (
        "import sys, pfinbox.channels.telegram;"
        "print([m for m in ('aiogram', 'aiohttp', 'pydantic') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_r25_limits_depend_on_the_server() -> None:
    assert SPEC.adapt is not None
    assert SPEC.limits.max_file == 50_000_000
    public = SPEC.adapt({"api_base": PUBLIC_API + "/"}, SPEC.capabilities, SPEC.limits)
    own = SPEC.adapt({"api_base": "http://localhost:8081"}, SPEC.capabilities, SPEC.limits)
    assert public[1].max_file == 50_000_000
    assert own[1].max_file == 2_000_000_000
    assert not own[0] & (Capability.THREADS | Capability.WRITE_FIRST | Capability.SUBJECT)


@pytest.mark.parametrize(
    "wrong", [{"api_base": "api.telegram.org"}, {"poll_seconds": 600}, {"groups": "yes"}]
)
def test_wrong_settings_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ConfigError):
        account(**{"base": PUBLIC_API, **wrong} if "api_base" not in wrong else {"base": "x"})


def test_an_address_is_a_number() -> None:
    assert SPEC.normalise(" 042 ") == "42"
    for wrong in ("@maria", "", "4 2"):
        with pytest.raises(ValueError, match="numeric"):
            SPEC.normalise(wrong)


def test_the_account_is_described_without_its_token() -> None:
    settings = account("http://localhost:8081").settings
    assert SPEC.describe(settings) == "Telegram bot (localhost:8081)"
    assert SPEC.describe({"api_base": PUBLIC_API}) == "Telegram bot"


async def test_the_spec_opens_a_channel_without_connecting() -> None:
    channel = SPEC.open(account("http://127.0.0.1:9"))
    assert channel.mint("t", "n") is None
    await channel.close()


async def test_doctor_finds_a_working_bot(bot_api: BotApi, channel: TelegramChannel) -> None:
    assert [(f.ok, f.subject) for f in await channel.probe()] == [(True, "@loopback_bot")]


async def test_doctor_finds_a_foreign_webhook(bot_api: BotApi, channel: TelegramChannel) -> None:
    bot_api.webhook = "https://old.example/hook"
    assert [(f.ok, f.subject) for f in await channel.probe()][1] == (False, "webhook")
    assert bot_api.webhook


async def test_doctor_warns_of_group_privacy_where_groups_are_wanted(open_channel: Open) -> None:
    findings = await open_channel(groups=True).probe()
    assert [(f.ok, f.reason and f.reason.kind) for f in findings] == [
        (True, None),
        (False, "group_privacy"),
    ]


async def test_doctor_tells_a_wrong_token_from_a_wrong_host(
    bot_api: BotApi, open_channel: Open
) -> None:
    (wrong,) = await open_channel(token="7000000001:AAE-another").probe()
    assert wrong.reason is not None
    assert wrong.reason.kind == "auth_failed"
    (gone,) = await open_channel("http://127.0.0.1:9").probe()
    assert gone.reason is not None
    assert (gone.ok, gone.subject, gone.reason.kind) == (
        False,
        "127.0.0.1:9",
        "connection_failed",
    )


async def test_stored_bytes_are_read_again_without_a_network(
    bot_api: BotApi, channel: TelegramChannel
) -> None:
    bot_api.clients.sends_document(b"x", "a.txt", caption="см.")
    (item,) = (await one(channel)).items
    asked = len(bot_api.calls)
    again = channel.parse(item.key, item.raw)
    assert (again.key, again.raw) == (item.key, item.raw)
    assert isinstance(again.event, Message)
    assert again.event.text == "см."
    assert [w.kind for w in again.event.warnings] == ["file_not_fetched"]
    assert len(bot_api.calls) == asked


@pytest.mark.parametrize("raw", [b"", b"\xff\xfe", b"{", b"[]", b"[" * 100_000])
async def test_bytes_that_are_no_update_stay_in_quarantine(
    channel: TelegramChannel, raw: bytes
) -> None:
    assert isinstance(channel.parse("k", raw).event, Unreadable)


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


async def test_pace_lets_a_short_burst_pass_then_one_a_second() -> None:
    clock, naps = Clock(), Naps()
    pace = Pace(clock, naps)
    for _ in range(5):
        await pace.turn(42)
    assert naps.taken == [1.0, 2.0]
    clock.now = 60
    await pace.turn(42)
    assert len(naps.taken) == 2


async def test_pace_is_slower_in_groups_and_bounded_for_the_bot() -> None:
    clock, naps = Clock(), Naps()
    pace = Pace(clock, naps)
    for _ in range(6):
        await pace.turn(-100)
    assert naps.taken == [pytest.approx(3.0)]
    naps.taken.clear()
    for chat in range(1, 31):
        await pace.turn(chat)
    assert naps.taken == [pytest.approx(at / 30) for at in range(1, 7)]
