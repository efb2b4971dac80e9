"""Chains of a chat, and writes of several connections in one transaction (R24)."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

import pytest

from pfinbox.channels.mail import SPEC
from pfinbox.daemon.outbound.sender import Sender
from pfinbox.domain.contract.channel import (
    AccountContext,
    Channel,
    PermanentFailure,
    TemporaryFailure,
    UnknownOutcome,
)
from pfinbox.domain.contract.outgoing import Outgoing
from pfinbox.domain.contract.settings import Secret, check
from pfinbox.errors import StoreError
from pfinbox.services.outbound import claiming, send_recovery
from tests.builders import Inbox, client
from tests.daemon.scripted import ScriptedChannel
from tests.daemon.test_sender import BROKEN, Shaky, a_lease, a_sender, rows, states
from tests.servers.smtp import SmtpServer


async def test_r24_one_claim_takes_the_whole_chain_of_a_chat_and_keeps_its_order(
    inbox: Inbox,
) -> None:
    await inbox.says()
    for text in ("first", "second", "third"):
        await inbox.comment(1, text, to=[client(1)])
    lease = await a_lease(inbox)
    jobs = await inbox.store.run(lambda uow: claiming.claim(uow, lease.id))
    assert [job.delivery_ids for job in jobs] == [(1,), (2,), (3,)]
    sender, channel = await a_sender(inbox)
    await sender.run_once()
    assert [part.text for part in channel.sent] == ["first", "second", "third"]


async def test_r24_a_chain_that_backs_off_gives_the_rest_back_untried(inbox: Inbox) -> None:
    await inbox.says()
    for text in ("first", "second", "third"):
        await inbox.comment(1, text, to=[client(1)])
    sender, channel = await a_sender(inbox)

    async def then_fails(_part: Outgoing) -> None:
        # The second of the chain, as the first has no outcome of its own.
        channel.outcomes = []
        channel.before = fails

    async def fails(_part: Outgoing) -> None:
        channel.outcomes = [("after", TemporaryFailure(BROKEN, retry_after=60))]

    channel.before = then_fails
    await sender.run_once()
    assert [part.text for part in channel.sent] == ["first"]
    assert await states(inbox) == ["sent", "pending", "pending"]
    assert [row.attempts for row in await rows(inbox)] == [1, 1, 0]
    inbox.clock.advance(minutes=20)
    await sender.run_once()
    assert [part.text for part in channel.sent] == ["first", "second", "third"]


async def test_r24_nothing_overtakes_what_waits_for_an_undone_slip_before_it(inbox: Inbox) -> None:
    """The first may be taken back for some seconds, the second waits for it, the third longer."""
    await inbox.says()
    for text, seconds in (("first", 10), ("second", 0), ("third", 20)):
        await inbox.comment(1, text, to=[client(1)], undo_seconds=seconds)
    inbox.clock.advance(seconds=60)
    sender, channel = await a_sender(inbox)
    await sender.run_once()
    assert [part.text for part in channel.sent] == ["first", "second", "third"]


async def test_r24_what_failed_for_good_holds_nothing_of_its_chain_back(inbox: Inbox) -> None:
    await inbox.says()
    for text in ("first", "second"):
        await inbox.comment(1, text, to=[client(1)])
    sender, channel = await a_sender(inbox)
    channel.outcomes = [("after", PermanentFailure(BROKEN))]
    await sender.run_once()
    assert await states(inbox) == ["failed", "sent"]


async def test_r24_a_store_that_goes_away_between_two_of_a_group_sends_nothing_twice(
    inbox: Inbox,
) -> None:
    """R24: one was taken, the next is about to leave, and their transaction cannot be written."""
    await inbox.says()
    for text in ("first", "second"):
        await inbox.comment(1, text, to=[client(1)])
    channel = ScriptedChannel()
    store = Shaky(inbox.store.url, inbox.clock)
    store.back_after = 3

    async def pause(_seconds: float) -> None:
        pass

    channels = dict.fromkeys(inbox.account_ids.values(), channel)
    sender = Sender(store, await a_lease(inbox), channels, pause)
    channel.hold = asyncio.Event()
    going = asyncio.create_task(sender.run_once())
    await channel.sending.wait()
    store.away = True
    channel.hold.set()
    with contextlib.suppress(StoreError):
        # On a slow machine the next look comes before the database is back.
        await going
    while await states(inbox) != ["sent", "sent"]:
        with contextlib.suppress(StoreError):
            await sender.run_once()
    await store.close()
    assert [part.text for part in channel.sent] == ["first", "second"]
    assert await states(inbox) == ["sent", "sent"]


@pytest.mark.parametrize("trouble", ["nobody hears that it was written", "no answer, but proof"])
async def test_r24_nothing_overtakes_the_parts_that_follow_one_that_arrived(
    inbox: Inbox, trouble: str
) -> None:
    await inbox.says()
    await inbox.comment(1, "a" * 4000 + "\n\n" + "b" * 4000, to=[client(1)])
    await inbox.comment(1, "second", to=[client(1)])
    channel = ScriptedChannel()
    store = Shaky(inbox.store.url, inbox.clock)
    sender = Sender(store, await a_lease(inbox), dict.fromkeys(inbox.account_ids.values(), channel))
    channel.hold = asyncio.Event()
    lost = trouble == "nobody hears that it was written"
    if not lost:
        channel.outcomes = [("after", UnknownOutcome(BROKEN))]
    going = asyncio.create_task(sender.run_once())
    await channel.sending.wait()
    if lost:
        store.lost_words = 1
    else:
        await inbox.store.run(lambda uow: send_recovery.proven(uow, 1))
    channel.hold.set()
    await going
    await sender.run_once()
    await store.close()
    heard = ["a", "b", "s"] if lost else ["b", "s"]
    assert [part.text[0] for part in channel.sent] == heard
    assert await states(inbox) == ["sent", "sent"]


async def test_r24_hand_overs_whose_commit_is_lost_in_a_group_leave_once(
    inbox: Inbox, caplog: pytest.LogCaptureFixture
) -> None:
    """R24: four connections share a transaction, and nobody hears that it was written."""
    for number in range(4):
        await inbox.says(user=f"50{number}", name=f"Client {number}")
        await inbox.comment(number + 1, f"to {number}", to=[client(number + 1)])
    channel = ScriptedChannel()
    store = Shaky(inbox.store.url, inbox.clock)
    sender = Sender(store, await a_lease(inbox), dict.fromkeys(inbox.account_ids.values(), channel))

    async def losing(_part: Outgoing) -> None:
        store.lost_words = 1

    channel.before = losing
    await sender.run_once()
    await store.close()
    assert sorted(part.text for part in channel.sent) == [f"to {number}" for number in range(4)]
    assert await states(inbox) == ["sent"] * 4
    assert "at fault" not in caplog.text


@pytest.fixture
async def mail(smtp_server: SmtpServer) -> AsyncIterator[Channel]:
    """An e-mail account that sends by the server of the test."""
    smtp = {"host": smtp_server.host, "port": smtp_server.port, "tls": "none"}
    given = {"address": "support@ours.example", "smtp": smtp}
    settings = check(
        given,
        SPEC.settings,
        where="support",
        source="test",
        secret=lambda one, _w: Secret(str(one)),
    )
    channel = SPEC.open(AccountContext("support", settings, b"k" * 32))
    yield channel
    await channel.close()


async def test_r24_a_connection_that_is_lost_in_the_middle_of_a_chain_costs_one_back_off(
    inbox: Inbox, smtp_server: SmtpServer, mail: Channel
) -> None:
    await inbox.mails()
    for text in ("first", "second", "third"):
        await inbox.comment(1, text, to=[client(1)])
    lease = await a_lease(inbox)
    sender = Sender(inbox.store, lease, {inbox.account_ids["support"]: mail})
    smtp_server.drop("body")
    await sender.run_once()
    assert await states(inbox) == ["pending"] * 3
    assert [row.attempts for row in await rows(inbox)] == [1, 0, 0]
    smtp_server.heal()
    inbox.clock.advance(minutes=20)
    await sender.run_once()
    said = [one.content.split(b"\r\n\r\n")[2].split(b"\r\n")[0] for one in smtp_server.taken]
    assert said == [b"first", b"second", b"third"]
    assert smtp_server.connections == 2
