"""The outbox keeps its promise: sent once, or visible (R18, R24), on both databases."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any, TypeVar

import pytest
from sqlalchemy import select

from pfinbox.daemon.outbound.sender import Sender
from pfinbox.domain.actor import AgentActor
from pfinbox.domain.contract.channel import (
    AccountFailure,
    Capability,
    Limits,
    PermanentFailure,
    TemporaryFailure,
    UnknownOutcome,
)
from pfinbox.domain.contract.incoming import Incoming, Message, Sort
from pfinbox.domain.contract.outgoing import Outgoing
from pfinbox.domain.contract.party import Party
from pfinbox.domain.contract.reason import Reason
from pfinbox.domain.leasing import Lease, Process
from pfinbox.domain.tasks.change import TaskChange
from pfinbox.errors import Refused, StoreError
from pfinbox.services.comments import corrections
from pfinbox.services.outbound import claiming, outbox, sending, undo_send
from pfinbox.services.system import leases
from pfinbox.services.tasks import tasks
from pfinbox.store import snapshots
from pfinbox.store import tables as t
from pfinbox.store.uow import Store, UnitOfWork
from tests.builders import Inbox, chat_account, client, mail_account
from tests.daemon.scripted import ScriptedChannel
from tests.servers.postgres import PgServer

T = TypeVar("T")

BROKEN = Reason("connection_failed", {"host": "x", "detail": "broken"})


async def a_lease(inbox: Inbox, pid: int = 1, *, dead: bool = False) -> Lease:
    lease = await inbox.store.run(lambda uow: leases.start(uow, Process("here", pid)))
    await inbox.store.run(lambda uow: leases.acquire(uow, lease, lambda _i, _heartbeat: dead))
    return lease


async def a_sender(inbox: Inbox) -> tuple[Sender, ScriptedChannel]:
    channel = ScriptedChannel()
    lease = await a_lease(inbox, dead=True)
    return Sender(inbox.store, lease, dict.fromkeys(inbox.account_ids.values(), channel)), channel


async def rows(inbox: Inbox) -> list[Any]:
    async with inbox.store.read() as uow:
        return list(await uow.connection.execute(select(t.delivery).order_by(t.delivery.c.id)))


async def states(inbox: Inbox) -> list[str]:
    return [row.state for row in await rows(inbox)]


async def test_r13_what_was_written_goes_out_once(inbox: Inbox) -> None:
    await inbox.says()
    await inbox.comment(1, "One", to=[client(1)])
    sender, channel = await a_sender(inbox)
    await sender.run_once()
    await sender.run_once()
    assert [part.text for part in channel.sent] == ["One"]
    assert await states(inbox) == ["sent"]


async def test_r15_a_long_text_goes_in_parts_in_order(inbox: Inbox) -> None:
    await inbox.says()
    await inbox.comment(1, "a" * 4000 + "\n\n" + "b" * 4000, to=[client(1)])
    sender, channel = await a_sender(inbox)
    await sender.run_once()
    assert [part.text[0] for part in channel.sent] == ["a", "b"]


async def test_r24_before_the_hand_over_it_is_tried_again(inbox: Inbox) -> None:
    await inbox.says()
    await inbox.comment(1, to=[client(1)])
    sender, channel = await a_sender(inbox)
    channel.outcomes = [("before", TemporaryFailure(BROKEN, retry_after=60))]
    await sender.run_once()
    assert await states(inbox) == ["pending"]
    assert (await rows(inbox))[0].due_at >= inbox.clock.now + timedelta(seconds=60)
    inbox.clock.advance(minutes=20)
    await sender.run_once()
    assert await states(inbox) == ["sent"]
    assert (await rows(inbox))[0].attempts == 2


async def test_r24_after_a_day_of_trying_it_fails_and_says_why(inbox: Inbox) -> None:
    await inbox.says()
    await inbox.comment(1, to=[client(1)])
    sender, channel = await a_sender(inbox)
    for _attempt in range(2):
        channel.outcomes = [("before", TemporaryFailure(BROKEN))]
        await sender.run_once()
        inbox.clock.advance(hours=25)
    row = (await rows(inbox))[0]
    assert (row.state, row.error["kind"]) == ("failed", "connection_failed")


@pytest.mark.parametrize("minutes", [10, 200])
async def test_r24_a_repeat_that_is_recognised_is_sent_by_itself(
    inbox: Inbox, minutes: int
) -> None:
    recognising = chat_account("vk")
    limits = replace(recognising.limits, repeat_within=3600)
    able = recognising.capabilities | Capability.IDEMPOTENT
    await inbox.configure(replace(recognising, capabilities=able, limits=limits))
    await inbox.says(account="vk")
    await inbox.comment(1, to=[client(1)])
    sender, channel = await a_sender(inbox)
    channel.outcomes = [("after", UnknownOutcome(BROKEN)), ("after", UnknownOutcome(BROKEN))]
    await sender.run_once()
    assert await states(inbox) == ["pending"]
    inbox.clock.advance(minutes=minutes)
    await sender.run_once()
    assert await states(inbox) == ["pending" if minutes < 60 else "unknown"]
    # Once a repeat is not recognised any more, there is none.
    assert len(channel.outcomes) == (0 if minutes < 60 else 1)
    inbox.clock.advance(minutes=20)
    await sender.run_once()
    assert await states(inbox) == ["sent" if minutes < 60 else "unknown"]
    assert all(part.nonce for part in channel.sent)


async def test_r18_r24_what_may_have_arrived_is_neither_taken_back_nor_rewritten(
    inbox: Inbox,
) -> None:
    """The answer was lost, and it waits for its repeat; a part of a long text has arrived."""
    shop = chat_account("shop")
    able = shop.capabilities | Capability.IDEMPOTENT
    limits = replace(shop.limits, max_text=100)
    await inbox.configure(replace(shop, capabilities=able, limits=limits))
    await inbox.says(account="shop")
    anna = inbox.acting("anna")
    sender, channel = await a_sender(inbox)
    for text, outcomes in (
        ("One", [("after", UnknownOutcome(BROKEN))]),
        ("word " * 30, [("", None), ("before", TemporaryFailure(BROKEN))]),
    ):
        comment = (await inbox.comment(1, text, to=[client(1)])).comment_id
        channel.outcomes = outcomes  # type: ignore[assignment]
        await sender.run_once()
        row = (await rows(inbox))[-1]
        assert row.state == "pending"
        for use_case, of in (
            (undo_send.take_back, (comment,)),
            (corrections.edit_comment, (comment, "Two")),
            (outbox.edit, (row.id, "Two")),
        ):
            with pytest.raises(Refused):
                await anna.write(use_case, *of)
        await anna.write(outbox.withdraw, row.id)
    assert await states(inbox) == ["unknown", "withdrawn"]


async def test_r25_a_window_that_closed_meanwhile_holds_what_is_due(inbox: Inbox) -> None:
    window = replace(chat_account("vk"), limits=Limits(reply_window=3600))
    await inbox.configure(window)
    await inbox.says(account="vk")
    await inbox.comment(1, to=[client(1)])
    inbox.clock.advance(hours=2)
    sender, channel = await a_sender(inbox)
    await sender.run_once()
    assert channel.sent == []
    assert [(row.state, row.error["kind"]) for row in await rows(inbox)] == [
        ("held", "window_closed")
    ]


@pytest.mark.parametrize("error", [UnknownOutcome(BROKEN), RuntimeError("a fault of ours")])
async def test_r24_after_the_hand_over_it_is_unknown_and_never_repeated(
    inbox: Inbox, error: Exception
) -> None:
    await inbox.says()
    await inbox.comment(1, to=[client(1)])
    sender, channel = await a_sender(inbox)
    channel.outcomes = [("after", error)]
    await sender.run_once()
    inbox.clock.advance(days=2)
    await sender.run_once()
    assert await states(inbox) == ["unknown"]
    assert channel.sent == []


async def test_r24_a_failure_makes_a_closed_task_active_and_the_author_hears_of_it(
    inbox: Inbox,
) -> None:
    await inbox.says()
    saved = await inbox.comment(1, to=[client(1)])
    anna = inbox.agent_ids["anna"]
    await inbox.store.run(
        lambda uow: tasks.change(uow, AgentActor(anna), (1,), TaskChange(status="done"))
    )
    sender, channel = await a_sender(inbox)
    refusal = PermanentFailure(Reason("blocked_by_client"), chat_writable=False)
    channel.outcomes = [("after", refusal)]
    await sender.run_once()
    async with inbox.store.read() as uow:
        task = await snapshots.task(uow, 1)
        notices = list(await uow.connection.scalars(select(t.notice.c.comment_id)))
    assert task.active
    assert notices == [saved.comment_id]
    assert not task.chats[0].writable
    # The next answer is refused before it is written in vain (R25).
    with pytest.raises(Exception, match="blocked"):
        await inbox.comment(1, to=[client(1)])


async def test_r24_a_retry_carries_the_same_message_id(inbox: Inbox) -> None:
    await inbox.mails()
    await inbox.comment(1, to=[client(1)])
    sender, channel = await a_sender(inbox)
    channel.outcomes = [("after", UnknownOutcome(BROKEN))]
    await sender.run_once()
    async with inbox.store.read() as uow:
        first = await uow.connection.scalar(select(t.part.c.source_id))
    anna = inbox.agent_ids["anna"]
    await inbox.store.run(lambda uow: outbox.retry(uow, AgentActor(anna), 1))
    await sender.run_once()
    assert channel.sent[0].source_id == first


async def seen_in_sent(inbox: Inbox, source_id: str | None) -> list[int]:
    """The copy of a mail of ours lies in the Sent folder; the comments that were made of it."""
    copy = Message(
        source_id=str(source_id),
        chat_key=None,
        sender=Party("support@ours.example"),
        sent_at=inbox.clock.now,
        text="",
        sort=Sort.OWN_LOOP,
    )
    done = await inbox.receive("support", Incoming(key="Sent:1:1", raw=b"", event=copy))
    return list(done.comment_ids)


async def test_r24_what_is_proven_before_its_own_answer_was_one_attempt(inbox: Inbox) -> None:
    await inbox.mails()
    await inbox.comment(1, to=[client(1)])
    sender, channel = await a_sender(inbox)
    channel.hold = asyncio.Event()
    going = asyncio.create_task(sender.run_once())
    await channel.sending.wait()
    async with inbox.store.read() as uow:
        source_id = await uow.connection.scalar(select(t.part.c.source_id))
    await seen_in_sent(inbox, source_id)
    assert await states(inbox) == ["sent"]
    channel.hold.set()
    await going
    async with inbox.store.read() as uow:
        row = (await uow.connection.execute(select(t.delivery))).one()
    assert (row.state, row.attempts) == ("sent", 1)


async def test_r24_a_copy_in_the_sent_folder_proves_that_it_was_sent(inbox: Inbox) -> None:
    """R24, R41: and an answer that was scheduled has answered from then on."""
    await inbox.mails()
    later = inbox.clock.now + timedelta(hours=1)
    await inbox.comment(1, to=[client(1)], send_at=later)
    inbox.clock.advance(hours=1)
    sender, channel = await a_sender(inbox)
    channel.outcomes = [("after", UnknownOutcome(BROKEN))]
    await sender.run_once()
    async with inbox.store.read() as uow:
        source_id = await uow.connection.scalar(select(t.part.c.source_id))
    assert await seen_in_sent(inbox, source_id) == []
    assert await states(inbox) == ["sent"]
    async with inbox.store.read() as uow:
        assert await uow.connection.scalar(select(t.task.c.waiting_since)) is None


async def test_r5_a_mail_carries_the_thread_and_its_answer_is_found(inbox: Inbox) -> None:
    await inbox.mails(source_id="<one@client>", subject="Price")
    await inbox.comment(1, to=[client(1)])
    sender, channel = await a_sender(inbox)
    await sender.run_once()
    first = channel.sent[0]
    assert (first.in_reply_to, first.references) == ("<one@client>", ("<one@client>",))
    assert (first.subject, first.reply_token) == ("Re: Price", "c1")
    answer = await inbox.mails(answers=first.source_id)
    async with inbox.store.read() as uow:
        row = (
            await uow.connection.execute(select(t.comment).where(t.comment.c.id == answer))
        ).one()
    assert (row.task_id, row.quote_id) == (1, 2)
    await inbox.comment(1, "Second", to=[client(1)])
    await sender.run_once()
    assert channel.sent[1].references[:2] == ("<one@client>", first.source_id)


async def test_order_within_a_chat_is_kept_while_an_earlier_one_backs_off(inbox: Inbox) -> None:
    """One by one: what was written before the first is due again, and what was written after."""
    await inbox.says(user="501")
    await inbox.says(user="502", name="Olga")
    await inbox.comment(1, "first", to=[client(1)])
    await inbox.comment(1, "second", to=[client(1)])
    sender, channel = await a_sender(inbox)
    channel.outcomes = [("before", TemporaryFailure(BROKEN, retry_after=60))]
    await sender.run_once()
    await inbox.comment(2, "other chat", to=[client(2)])
    await sender.run_once()
    assert [part.text for part in channel.sent] == ["other chat"]
    # Due before the first is, and after it.
    await inbox.comment(1, "third", to=[client(1)])
    inbox.clock.advance(minutes=20)
    await inbox.comment(1, "fourth", to=[client(1)])
    await sender.run_once()
    sent = ["other chat", "first", "second", "third", "fourth"]
    assert [part.text for part in channel.sent] == sent


class Shaky(Store):
    """A database that can be away, or lose its word: committed, and the answer never comes."""

    away = False
    lost_words = 0
    tries = 0
    back_after: int | None = None

    async def run(self, use_case: Callable[[UnitOfWork], Awaitable[T]]) -> T:
        if self.away:
            self.tries += 1
            self.away = self.tries != self.back_after
            raise StoreError("the database is away")
        result = await super().run(use_case)
        if self.lost_words:
            self.lost_words -= 1
            raise StoreError("the connection was lost")
        return result


@pytest.mark.parametrize("outcome", ["sent", "unknown", "again", "never"])
async def test_r24_what_became_of_it_is_written_however_long_the_database_is_away(
    inbox: Inbox, outcome: str
) -> None:
    await inbox.says()
    await inbox.comment(1, to=[client(1)])
    channel = ScriptedChannel()
    store = Shaky(inbox.store.url, inbox.clock)

    store.back_after = 40
    back = asyncio.Event()

    async def pause(_seconds: float) -> None:
        if not store.away:
            back.set()

    lease = await a_lease(inbox)
    channels = dict.fromkeys(inbox.account_ids.values(), channel)
    sender = Sender(store, lease, channels, pause)
    errors = {"unknown": UnknownOutcome(BROKEN), "again": TemporaryFailure(BROKEN, 3600)}
    errors |= {"never": PermanentFailure(BROKEN)}
    channel.outcomes = [("after", errors[outcome])] if outcome in errors else []
    channel.hold = asyncio.Event()
    running = asyncio.create_task(sender.run())
    await channel.sending.wait()
    store.away = True
    channel.hold.set()
    await back.wait()
    await sender.stop(10)
    await running
    await store.close()
    after = {"sent": "sent", "unknown": "unknown", "again": "pending", "never": "failed"}
    assert await states(inbox) == [after[outcome]]
    assert [row.attempts for row in await rows(inbox)] == [1]


async def test_r24_a_server_that_goes_away_at_the_hand_over_leaves_nothing_stuck(
    pg_server: PgServer, pg_url: str
) -> None:
    """R24: one has been handed over, one is about to be, when PostgreSQL ends all connections."""
    inbox = await Inbox.make(pg_url)
    await inbox.says()
    await inbox.mails()
    await inbox.comment(1, "After", to=[client(1)])
    await inbox.comment(2, "Before", to=[client(2)])
    chats, mails = ScriptedChannel(), ScriptedChannel()
    name = pg_url.split("/")[3].split("?")[0]
    asleep, gone, tried, back = (asyncio.Event() for _one in range(4))
    chats.hold = gone

    async def sleeps(_part: Outgoing) -> None:
        asleep.set()
        await gone.wait()

    mails.before = sleeps
    pauses = 0

    async def pause(_seconds: float) -> None:
        nonlocal pauses
        pauses += 1
        if pauses == 4:
            tried.set()
            await back.wait()

    channels = {inbox.account_ids["bot"]: chats, inbox.account_ids["support"]: mails}
    sender = Sender(inbox.store, await a_lease(inbox), channels, pause)
    running = asyncio.create_task(sender.run())
    await chats.sending.wait()
    await asleep.wait()
    refuse = f"ALTER DATABASE {name} WITH ALLOW_CONNECTIONS"
    await asyncio.to_thread(pg_server.sql, f"{refuse} false")
    end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
    await asyncio.to_thread(pg_server.sql, f"{end} AND datname = '{name}'")
    gone.set()
    async with asyncio.timeout(20):
        await tried.wait()
        await asyncio.to_thread(pg_server.sql, f"{refuse} true")
        back.set()
        # Its own program writes it: there is nothing else to wait for.
        while await states(inbox) != ["sent", "sent"]:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    await sender.stop(5)
    await running
    await inbox.store.close()
    assert [part.text for part in (*chats.sent, *mails.sent)] == ["After", "Before"]


async def test_r24_stopped_while_the_database_is_away_it_ends_and_the_next_one_takes_it_up(
    inbox: Inbox,
) -> None:
    await inbox.says()
    await inbox.comment(1, to=[client(1)])
    channel = ScriptedChannel()
    store = Shaky(inbox.store.url, inbox.clock)
    lease = await a_lease(inbox)
    channels = dict.fromkeys(inbox.account_ids.values(), channel)
    sender = Sender(store, lease, channels)
    channel.hold = asyncio.Event()
    running = asyncio.create_task(sender.run())
    await channel.sending.wait()
    store.away = True
    channel.hold.set()
    await sender.stop(0.01, 0.01)
    await running
    await store.close()
    assert await states(inbox) == ["transmitting"]
    await a_lease(inbox, dead=True)
    assert await states(inbox) == ["unknown"]


async def test_r24_a_commit_whose_answer_is_lost_leaves_nothing_stuck(inbox: Inbox) -> None:
    await inbox.says()
    await inbox.comment(1, "One", to=[client(1)])
    channel = ScriptedChannel()
    store = Shaky(inbox.store.url, inbox.clock)
    lease = await a_lease(inbox)
    sender = Sender(store, lease, dict.fromkeys(inbox.account_ids.values(), channel))
    await sender.look_first()
    # The claim was made, and nobody here knows of it.
    store.lost_words = 1
    with pytest.raises(StoreError):
        await sender.run_once()
    assert await states(inbox) == ["sending"]
    await sender.run_once()
    assert await states(inbox) == ["pending"]
    inbox.clock.advance(seconds=10)

    # The hand-over was written, and nothing may leave.
    async def losing(_part: Outgoing) -> None:
        store.lost_words = 1

    channel.before = losing
    await sender.run_once()
    await store.close()
    assert await states(inbox) == ["sent"]
    assert [part.text for part in channel.sent] == ["One"]


async def test_r24_an_account_that_is_gone_from_the_config_keeps_nothing_under_way(
    inbox: Inbox,
) -> None:
    await inbox.says()
    await inbox.comment(1, "One", to=[client(1)])
    dead = await a_lease(inbox)
    await inbox.store.run(lambda uow: claiming.claim(uow, dead.id))
    await inbox.configure(mail_account())
    sender, _channel = await a_sender(inbox)
    await sender.run_once()
    # It waits where a person sees it, and can choose another way for it.
    assert await states(inbox) == ["pending"]


@pytest.mark.parametrize(
    ("ends", "found"),
    [
        *((ends, "sent") for ends in ("again", "never", "account", "crash", "unknown", "sent")),
        ("again", "pending"),
        ("unknown", "retried"),
    ],
)
async def test_r24_a_daemon_that_slept_through_its_lease_changes_nothing(
    inbox: Inbox, ends: str, found: str
) -> None:
    """A waits for an answer before the hand-over; B takes the account; A wakes."""
    await inbox.says()
    await inbox.comment(1, "One", to=[client(1)])
    slow, quick = ScriptedChannel(), ScriptedChannel()
    woken, asleep = asyncio.Event(), asyncio.Event()

    async def sleeps(_part: Outgoing) -> None:
        asleep.set()
        await woken.wait()

    slow.before = sleeps
    errors: dict[str, BaseException] = {
        "again": TemporaryFailure(BROKEN),
        "never": PermanentFailure(BROKEN, chat_writable=False),
        "account": AccountFailure(BROKEN),
        "crash": RuntimeError("a fault of ours"),
        "unknown": UnknownOutcome(BROKEN),
    }
    slow.outcomes = [("before", errors[ends])] if ends in errors else []
    ids = inbox.account_ids.values()
    stale = Sender(inbox.store, await a_lease(inbox), dict.fromkeys(ids, slow))
    going = asyncio.create_task(stale.run_once())
    await asleep.wait()
    fresh = Sender(inbox.store, await a_lease(inbox, 2, dead=True), dict.fromkeys(ids, quick))
    if found == "sent":
        await fresh.run_once()
    elif found == "retried":
        quick.outcomes = [("after", UnknownOutcome(BROKEN))]
        await fresh.run_once()
        anna = inbox.agent_ids["anna"]
        await inbox.store.run(lambda uow: outbox.retry(uow, AgentActor(anna), 1))
    before = await rows(inbox)
    woken.set()
    await going
    assert slow.sent == []
    assert await rows(inbox) == before


async def test_r24_a_daemon_that_slept_at_its_hand_over_does_not_send_when_it_wakes(
    inbox: Inbox,
) -> None:
    """The hand-over is written, and another daemon may have given it up as unknown by now."""
    await inbox.says()
    await inbox.comment(1, "One", to=[client(1)])
    channel, slept = ScriptedChannel(), True
    channels = dict.fromkeys(inbox.account_ids.values(), channel)
    sender = Sender(inbox.store, await a_lease(inbox), channels, fresh=lambda: not slept)
    await sender.run_once()
    assert channel.sent == []
    assert await states(inbox) == ["pending"]
    slept = False
    inbox.clock.advance(seconds=10)
    await sender.run_once()
    assert [part.text for part in channel.sent] == ["One"]
    assert await states(inbox) == ["sent"]


async def test_r24_only_the_transmitters_own_late_answer_ends_its_unknown(inbox: Inbox) -> None:
    await inbox.says()
    await inbox.comment(1, "One", to=[client(1)])
    ids = inbox.account_ids.values()
    channel = ScriptedChannel()
    channel.hold = asyncio.Event()
    stale = Sender(inbox.store, await a_lease(inbox), dict.fromkeys(ids, channel))
    going = asyncio.create_task(stale.run_once())
    await channel.sending.wait()
    await a_lease(inbox, 2, dead=True)
    assert await states(inbox) == ["unknown"]
    channel.hold.set()
    await going
    assert await states(inbox) == ["sent"]
    async with inbox.store.read() as uow:
        assert list(await uow.connection.scalars(select(t.part.c.state))) == ["sent"]


class Slow(Store):
    """``meanwhile`` goes on while it reads."""

    meanwhile: Callable[[], Awaitable[None]]

    @asynccontextmanager
    async def read(self) -> AsyncIterator[UnitOfWork]:
        await self.meanwhile()
        async with super().read() as uow:
            yield uow


async def test_what_is_freed_while_the_last_look_is_taken_goes_in_the_same_run(
    inbox: Inbox,
) -> None:
    await inbox.says()
    await inbox.mails("Hello")
    await inbox.comment(1, "first", to=[client(1)])
    await inbox.comment(1, "second", to=[client(1)])
    await inbox.comment(2, "elsewhere", to=[client(2)])
    chats, mails = ScriptedChannel(), ScriptedChannel()
    chats.hold = answered = asyncio.Event()
    store = Slow(inbox.store.url, inbox.clock)
    channels = {inbox.account_ids["bot"]: chats, inbox.account_ids["support"]: mails}
    sender = Sender(store, await a_lease(inbox, dead=True), channels)

    async def meanwhile() -> None:
        # The mail left, and nothing more was found to claim: only now the messenger answers.
        if sender.wake.is_set() and not answered.is_set():
            await chats.sending.wait()
            sender.wake.clear()
            answered.set()
            await sender.wake.wait()

    store.meanwhile = meanwhile
    await sender.run_once()
    await store.close()
    assert [part.text for part in mails.sent] == ["elsewhere"]
    assert [part.text for part in chats.sent] == ["first", "second"]


async def test_r18_a_scheduled_comment_waits_and_is_held_when_the_client_wrote(
    inbox: Inbox,
) -> None:
    await inbox.says()
    when = inbox.clock.now + timedelta(hours=3)
    await inbox.comment(1, "Tomorrow", to=[client(1)], send_at=when)
    await inbox.comment(1, "Anyway", to=[client(1)], send_at=when, send_anyway=True)
    sender, channel = await a_sender(inbox)
    await sender.run_once()
    assert channel.sent == []
    await inbox.says("Forget it")
    inbox.clock.advance(hours=3)
    await sender.run_once()
    assert [part.text for part in channel.sent] == ["Anyway"]
    held = (await rows(inbox))[0]
    assert (held.state, held.error["kind"]) == ("held", "client_wrote")


async def test_r18_a_schedule_missed_for_long_waits_for_a_person(inbox: Inbox) -> None:
    await inbox.says()
    when = inbox.clock.now + timedelta(hours=1)
    await inbox.comment(1, to=[client(1)], send_at=when)
    inbox.clock.advance(hours=6)
    sender, channel = await a_sender(inbox)
    await sender.run_once()
    assert channel.sent == []
    assert await states(inbox) == ["held"]
    anna = inbox.agent_ids["anna"]
    await inbox.store.run(lambda uow: outbox.send_now(uow, AgentActor(anna), 1))
    await sender.run_once()
    assert await states(inbox) == ["sent"]


async def test_r18_rescheduled_it_never_goes_out_at_its_old_time(inbox: Inbox) -> None:
    await inbox.says()
    await inbox.comment(1, to=[client(1)], send_at=inbox.clock.now + timedelta(hours=1))
    anna = inbox.agent_ids["anna"]
    later = inbox.clock.now + timedelta(hours=5)
    await inbox.store.run(lambda uow: outbox.reschedule(uow, AgentActor(anna), 1, later))
    sender, channel = await a_sender(inbox)
    inbox.clock.advance(hours=2)
    await sender.run_once()
    assert channel.sent == []
    inbox.clock.advance(hours=4)
    await sender.run_once()
    assert len(channel.sent) == 1


async def test_r18_a_comment_of_a_deleted_task_is_held(inbox: Inbox) -> None:
    await inbox.says()
    await inbox.comment(1, to=[client(1)], undo_seconds=10)
    anna = inbox.agent_ids["anna"]
    await inbox.store.run(lambda uow: tasks.delete(uow, AgentActor(anna), (1,)))
    inbox.clock.advance(seconds=20)
    sender, channel = await a_sender(inbox)
    await sender.run_once()
    assert (channel.sent, await states(inbox)) == ([], ["held"])


async def test_a_dead_daemon_s_claims_go_again_and_its_hand_overs_are_unknown(
    inbox: Inbox,
) -> None:
    await inbox.says(user="501")
    await inbox.says(user="502", name="Olga")
    await inbox.comment(1, to=[client(1)])
    await inbox.comment(2, to=[client(2)])
    dead = await a_lease(inbox, pid=1)
    jobs = await inbox.store.run(lambda uow: claiming.claim(uow, dead.id))
    await inbox.store.run(lambda uow: sending.transmitting(uow, jobs[0], jobs[0].part_ids[0], None))
    sender, channel = await a_sender(inbox)
    assert await states(inbox) == ["unknown", "pending"]
    with pytest.raises(sending.LeaseLost):
        await inbox.store.run(
            lambda uow: sending.transmitting(uow, jobs[1], jobs[1].part_ids[0], None)
        )
    await sender.run_once()
    assert await states(inbox) == ["unknown", "sent"]
    assert len(channel.sent) == 1


async def test_stopping_in_the_middle_of_a_hand_over_leaves_it_unknown(inbox: Inbox) -> None:
    await inbox.says()
    await inbox.comment(1, to=[client(1)])
    sender, channel = await a_sender(inbox)
    channel.hold = asyncio.Event()
    running = asyncio.create_task(sender.run())
    await channel.sending.wait()
    await sender.stop(seconds=0.01)
    await running
    assert await states(inbox) == ["unknown"]
