"""Receiving under faults: nothing is confirmed, nothing lost, the account's state is told."""

import asyncio

import pytest

from pfinbox.channels.telegram.api import Api
from pfinbox.channels.telegram.channel import TelegramChannel
from pfinbox.channels.telegram.failures import Broken, failure
from pfinbox.channels.telegram.poll import GetUpdates
from pfinbox.domain.contract.channel import (
    AccountFailure,
    ChannelError,
    TemporaryFailure,
    UnknownOutcome,
)
from pfinbox.domain.contract.incoming import Message
from tests.channels.telegram.conftest import Open, account, one
from tests.servers.bot_api import BotApi, Fault
from tests.servers.bot_api.shapes import failed

FAULTS: list[tuple[Fault, type[ChannelError], str]] = [
    (Fault(), TemporaryFailure, "connection_failed"),
    (Fault(applied=True), TemporaryFailure, "connection_failed"),
    (Fault(502, "<html>"), TemporaryFailure, "server_error"),
    (Fault(200, "junk"), TemporaryFailure, "server_error"),
    (Fault(500, failed(500, "Internal Server Error")), TemporaryFailure, "server_error"),
    (Fault(400, failed(400, "Bad Request")), TemporaryFailure, "server_error"),
    (Fault(302, "<html>"), TemporaryFailure, "server_error"),
    (Fault(409, failed(409, "Conflict: terminated by other getUpdates request")),
     TemporaryFailure, "other_poller"),
    (Fault(429, failed(429, "Too Many Requests", {"retry_after": 3})),
     TemporaryFailure, "rate_limited"),
    (Fault(401, failed(401, "Unauthorized")), AccountFailure, "auth_failed"),
    (Fault(404, failed(404, "Not Found")), AccountFailure, "auth_failed"),
]  # fmt: skip


@pytest.mark.parametrize(("fault", "kind", "reason"), FAULTS)
async def test_r12_a_fault_confirms_nothing(
    bot_api: BotApi,
    channel: TelegramChannel,
    fault: Fault,
    kind: type[ChannelError],
    reason: str,
) -> None:
    bot_api.clients.says(text="kept")
    bot_api.fault("getUpdates", fault)
    with pytest.raises(kind) as caught:
        await one(channel)
    assert caught.value.reason.kind == reason
    (item,) = (await one(channel)).items
    assert isinstance(item.event, Message)
    assert item.event.text == "kept"


async def test_r12_a_fault_between_two_polls_loses_nothing(
    bot_api: BotApi, channel: TelegramChannel
) -> None:
    bot_api.clients.says(text="one")
    batches = channel.receive(None)
    first = await anext(batches)
    bot_api.fault("getUpdates", Fault())
    with pytest.raises(TemporaryFailure):
        await anext(batches)
    assert [i.key for i in (await one(channel)).items] == [i.key for i in first.items]


async def test_retry_after_is_passed_on(bot_api: BotApi, channel: TelegramChannel) -> None:
    bot_api.fail("getUpdates", 429, "Too Many Requests: retry after 9", retry_after=9)
    with pytest.raises(TemporaryFailure) as caught:
        await one(channel)
    assert caught.value.retry_after == 9.0


async def test_two_pollers_of_one_bot_are_told_apart(bot_api: BotApi, open_channel: Open) -> None:
    first = open_channel().receive(None)
    await anext(first)
    waiting = asyncio.ensure_future(anext(first))
    await bot_api.until(lambda: len(bot_api.calls) == 2)
    assert (await one(open_channel())).idle
    with pytest.raises(TemporaryFailure) as caught:
        await waiting
    assert caught.value.reason.kind == "other_poller"


async def test_a_restart_while_a_question_waits_finds_what_comes(
    bot_api: BotApi, open_channel: Open
) -> None:
    first = open_channel().receive(None)
    await anext(first)
    waiting = asyncio.ensure_future(anext(first))
    await bot_api.until(lambda: len(bot_api.calls) == 2)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    bot_api.clients.says(text="still here")
    assert len((await one(open_channel())).items) == 1


async def test_a_silent_server_is_given_up(bot_api: BotApi) -> None:
    api = Api(account(bot_api.base).settings)
    with pytest.raises(Broken) as caught:
        await api.call(GetUpdates(timeout=50), 0.05)
    await api.close()
    polled = failure(caught.value, host=api.host)
    assert isinstance(polled, TemporaryFailure)
    assert isinstance(failure(caught.value, host=api.host, sending=True), UnknownOutcome)


async def test_a_forgotten_webhook_is_removed_and_its_updates_are_kept(
    bot_api: BotApi, channel: TelegramChannel
) -> None:
    bot_api.webhook = "https://old.example/hook"
    bot_api.clients.says(text="waiting")
    assert len((await one(channel)).items) == 1
    assert bot_api.called("deleteWebhook")[0].fields.get("drop_pending_updates") != "true"


async def test_updates_without_numbers_are_stored_and_do_not_spin(
    bot_api: BotApi, channel: TelegramChannel
) -> None:
    odd = [{"message": {"text": "?"}}, "nonsense"]
    bot_api.fault("getUpdates", Fault(200, {"ok": True, "result": odd}))
    batches = channel.receive(None)
    assert len((await anext(batches)).items) == 2
    with pytest.raises(TemporaryFailure):
        await anext(batches)


async def test_unreachable_is_temporary(open_channel: Open) -> None:
    with pytest.raises(TemporaryFailure) as caught:
        await one(open_channel("http://127.0.0.1:9"))
    assert caught.value.reason.kind == "connection_failed"
