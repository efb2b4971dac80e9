"""The simulator keeps a channel's contract: cursors, keys, idle batches, hand-overs, failures."""

import asyncio
import json
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import replace
from typing import Any, cast

import pytest

from pfinbox.demo import MAIL_SPEC, MESSENGER_SPEC
from pfinbox.demo.channel import DemoChannel
from pfinbox.demo.clients import CLIENTS
from pfinbox.demo.story import STORY
from pfinbox.domain.contract.batch import Batch
from pfinbox.domain.contract.channel import (
    AccountContext,
    Capability,
    PermanentFailure,
    TemporaryFailure,
)
from pfinbox.domain.contract.incoming import Edit, Incoming, Message, Unreadable
from pfinbox.domain.contract.outgoing import Outgoing
from pfinbox.domain.contract.party import Party
from pfinbox.domain.contract.settings import Secret, check
from pfinbox.errors import ConfigError
from tests.builders import Clock

LENA = CLIENTS["lena"].address


def settings(**given: Any) -> dict[str, Any]:
    return check(
        {"pace": 0, **given},
        MESSENGER_SPEC.settings,
        where="accounts.chat",
        source="test",
        secret=lambda value, _: Secret(str(value)),
    )


def opened(kind: str = "messenger", clock: Clock | None = None, **given: Any) -> DemoChannel:
    context = AccountContext("chat", settings(**given), b"k" * 32)
    return DemoChannel(context, kind, now=clock or Clock())


def part(chat: str | None = LENA, text: str = "Hello", **values: Any) -> Outgoing:
    to = (Party(chat or ""),)
    return Outgoing(chat_key=chat, to=to, text=text, created_at=Clock().now, **values)


def mail_to(client: str, **values: Any) -> Outgoing:
    mail = part(None, source_id="<c1.n@ogniwo.example>", subject="Hi", reply_token="c1", **values)
    return replace(mail, to=(Party(CLIENTS[client].address),))


async def nothing(_turned_away: object = None, /) -> None:
    """A ``transmitting`` that records nothing."""


async def until_idle(
    channel: DemoChannel, cursor: str | None = None
) -> tuple[list[Incoming], str | None]:
    """Everything that comes until nothing more waits, and the cursor to store."""
    items: list[Incoming] = []
    batches = cast("AsyncGenerator[Batch, None]", channel.receive(cursor))
    async with aclosing(batches):
        async for batch in batches:
            items += batch.items
            cursor = batch.cursor or cursor
            if batch.idle:
                return items, cursor
    raise AssertionError("receive ended")


def message(incoming: Incoming) -> Message:
    assert isinstance(incoming.event, Message)
    return incoming.event


async def test_it_tells_its_part_of_the_story_in_order() -> None:
    for kind in ("mail", "messenger"):
        items, _cursor = await until_idle(opened(kind))
        wanted = [line.id for line in STORY if CLIENTS[line.client].kind == kind]
        assert [item.key for item in items] == wanted


async def test_a_restart_goes_on_where_the_cursor_stands() -> None:
    items, _cursor = await until_idle(opened())
    batches = cast("AsyncGenerator[Batch, None]", opened().receive(None))
    async with aclosing(batches):
        first, second = await anext(batches), await anext(batches)
    rest, end = await until_idle(opened(), second.cursor)
    assert [i.key for i in (*first.items, *second.items, *rest)] == [i.key for i in items]
    assert await until_idle(opened(), end) == ([], end)


async def test_the_same_thing_has_the_same_key_and_bytes_each_time() -> None:
    """R12: a batch that was not stored comes again, and is known."""
    once, _ = await until_idle(opened("mail"))
    again, _ = await until_idle(opened("mail"), "no cursor of ours")
    assert [(i.key, i.raw) for i in once] == [(i.key, i.raw) for i in again]


async def test_the_pace_is_kept_and_the_first_ones_come_at_once() -> None:
    clock = Clock()
    channel = opened(clock=clock, pace=10)
    first, cursor = await until_idle(channel)
    assert [item.key for item in first] == ["lena-1", "tomek-1", "ola-1", "ola-2"]
    assert message(first[0]).sent_at < clock.now
    clock.advance(seconds=9)
    assert (await until_idle(channel, cursor))[0] == []
    clock.advance(seconds=1)
    second, _ = await until_idle(channel, cursor)
    assert [item.key for item in second] == ["james-1"]


async def test_one_language_only() -> None:
    items, end = await until_idle(opened("mail", language="ru"))
    assert [item.key for item in items] == ["oleg-1"]
    # Asked for all of them later, it goes on in the story and tells nothing twice.
    assert "oleg-1" not in [item.key for item in (await until_idle(opened("mail"), end))[0]]


async def test_what_is_sent_is_answered_a_few_times_and_then_there_is_silence() -> None:
    channel = opened()
    _items, cursor = await until_idle(channel)
    said: list[str] = []
    for _ in range(len(CLIENTS["lena"].answers) + 2):
        await channel.send(part(), nothing)
        items, cursor = await until_idle(channel, cursor)
        said += [message(item).text for item in items]
    assert said == [answer.text for answer in CLIENTS["lena"].answers]
    assert [kept.text for kept in channel.sent] == ["Hello"] * (len(said) + 2)


async def test_an_answer_that_is_owed_survives_a_restart() -> None:
    clock = Clock()
    channel = opened("mail", clock, pace=5)
    _items, cursor = await until_idle(channel)
    await channel.send(mail_to("ewa"), nothing)
    none, cursor = await until_idle(channel, cursor)
    assert none == []
    clock.advance(seconds=5)
    items, _ = await until_idle(opened("mail", clock, pace=5), cursor)
    answer = message(next(item for item in items if item.key == "ewa-answer-1"))
    assert (answer.tokens, answer.references) == (("c1",), ("<c1.n@ogniwo.example>",))
    assert (answer.title, answer.new_text) == ("Re: Hi", CLIENTS["ewa"].answers[0].text)


async def test_an_answer_that_was_not_stored_comes_again() -> None:
    channel = opened()
    _items, before = await until_idle(channel)
    await channel.send(part(), nothing)
    batches = cast("AsyncGenerator[Batch, None]", channel.receive(before))
    async with aclosing(batches):
        await anext(batches)  # its cursor is lost: storing failed
    items, _ = await until_idle(channel, before)
    assert [item.key for item in items] == ["lena-answer-1"]


async def test_sending_wakes_a_client_up() -> None:
    channel = opened()
    _items, cursor = await until_idle(channel)
    batches = cast("AsyncGenerator[Batch, None]", channel.receive(cursor))
    async with aclosing(batches), asyncio.timeout(20):
        assert (await anext(batches)).idle
        waiting = asyncio.ensure_future(anext(batches))
        await channel.send(part(), nothing)
        assert "lena" in json.loads((await waiting).cursor or "")["owed"]


async def test_a_program_gets_no_answer() -> None:
    channel = opened()
    _items, cursor = await until_idle(channel)
    await channel.send(part(automatic=True), nothing)
    assert (await until_idle(channel, cursor))[0] == []


async def test_r24_who_has_blocked_us_never_gets_anything() -> None:
    channel = opened()
    for _ in range(2):
        with pytest.raises(PermanentFailure) as failure:
            await channel.send(part(CLIENTS["nikita"].address), nothing)
        assert failure.value.reason.kind == "blocked_by_client"
        assert not failure.value.chat_writable
    assert not channel.sent


async def test_r24_a_server_that_puts_us_off_takes_the_second_attempt() -> None:
    channel = opened("mail")
    with pytest.raises(TemporaryFailure):
        await channel.send(mail_to("hannah"), nothing)
    assert (await channel.send(mail_to("hannah"), nothing)).source_id == "<c1.n@ogniwo.example>"
    assert len(channel.sent) == 1


async def test_r25_what_the_channel_does_not_take_is_refused_before_it_leaves() -> None:
    handed = False

    async def transmitting(_turned_away: object = None, /) -> None:
        nonlocal handed
        handed = True

    for wrong in (part(text="x" * 4097), part("1")):
        with pytest.raises(PermanentFailure):
            await opened().send(wrong, transmitting)
    assert not handed


async def test_what_was_stored_reads_the_same_again() -> None:
    for kind in ("mail", "messenger"):
        channel = opened(kind)
        for item in (await until_idle(channel))[0]:
            assert channel.parse(item.key, item.raw) == item
            assert isinstance(item.event, Message | Edit)


@pytest.mark.parametrize("raw", [b"", b"\xff", b"[]", b"{}", b'{"type": "edit"}', b"[" * 100_000])
async def test_what_is_no_message_is_unreadable(raw: bytes) -> None:
    assert isinstance(opened().parse("k", raw).event, Unreadable)


@pytest.mark.parametrize("cursor", ["", "[]", "{}", '{"told": "x"}', "null"])
async def test_a_broken_cursor_starts_the_story_again(cursor: str) -> None:
    assert (await until_idle(opened(), cursor))[0][0].key == "lena-1"


async def test_an_id_is_fixed_before_sending_and_carried() -> None:
    mail = opened("mail")
    assert mail.mint("c1", "n") == mail.mint("c1", "n") == "<c1.n@ogniwo.example>"
    chat = opened()
    minted = chat.mint("c1", "n")
    assert (await chat.send(part(source_id=minted), nothing)).source_id == minted
    assert (await chat.send(part(), nothing)).source_id != minted


async def test_doctor_finds_it_well() -> None:
    assert [finding.ok for finding in await opened().probe()] == [True]


def test_it_plays_both_kinds_of_medium() -> None:
    mail, chat = MAIL_SPEC.capabilities, MESSENGER_SPEC.capabilities
    assert mail & Capability.THREADS
    assert mail & Capability.FIXED_SOURCE_ID
    assert not chat & Capability.THREADS
    assert MESSENGER_SPEC.limits.max_text == 4096
    assert MAIL_SPEC.describe({}) == "hello@ogniwo.example"


@pytest.mark.parametrize("wrong", [{"kind": "mail"}, {"pace": -1}, {"pace": True}, {"speed": 1}])
def test_wrong_settings_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ConfigError):
        settings(**wrong)
