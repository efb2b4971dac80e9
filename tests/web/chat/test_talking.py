"""A visitor's chat: what is written arrives once, and nobody reads another's (R1, R4, R12, R46)."""

import asyncio
import base64
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import aiohttp
import pytest
from aiohttp import web
from sqlalchemy import select, update

from pfinbox.domain.actor import SystemActor
from pfinbox.domain.text.moments.opening_hours import Hours
from pfinbox.services import queries
from pfinbox.services.chat import reading
from pfinbox.services.inbox import ProgramInbox
from pfinbox.services.people import agents, presence
from pfinbox.store import tables as t
from pfinbox.web.live import LIVE, Live
from pfinbox.web.site import INBOX
from tests.builders import Inbox, a_file, client, mail_account
from tests.web.chat.conftest import Daemon, Visitor, opened, signed, webchat


@pytest.fixture(params=["sqlite", "postgresql"])
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


async def test_r4_a_visitor_writes_and_reads_the_answer(inbox: Inbox, daemon: Daemon) -> None:
    file = {"name": "a.txt", "type": "text/plain", "base64": base64.b64encode(b"abc").decode()}
    async with opened(inbox) as base, aiohttp.ClientSession() as session:
        maria, other = Visitor(session, base), Visitor(session, base)
        assert await maria.says("Where is it?", name="Maria", files=[file]) == 200
        assert await maria.says("Hello?") == 200
        assert await other.says("Another") == 200
        await daemon.receive()
        await inbox.comment(1, "On its way", to=[client(1)], attachments=(a_file(),))
        await inbox.comment(1, "Only among us")
        await inbox.comment(2, "Not for Maria", to=[client(2)])
        await inbox.comment(1, "Not sent yet", to=[client(1)], undo_seconds=60)
        await daemon.send()
        said = await maria.reads()
        assert [(one["mine"], one["author"], one["text"]) for one in said] == [
            (True, "", "Where is it?"),
            (True, "", "Hello?"),
            (False, "anna", "On its way"),
        ]
        # R46: every file of the chat, and no other one.
        async with maria.asks(f"files/{said[0]['files'][0]['id']}") as answer:
            assert await answer.read() == b"abc"
            assert answer.headers["Content-Disposition"].startswith("attachment")
        async with other.asks(f"files/{said[0]['files'][0]['id']}") as answer:
            assert answer.status == 404
        assert [one["text"] for one in await other.reads()] == ["Another", "Not for Maria"]
    async with inbox.store.read() as uow:
        names = list(await uow.connection.scalars(select(t.contact.c.name)))
    assert names[0] == "Maria"
    assert names[1].startswith("Visitor ")


async def test_r12_a_message_that_is_sent_twice_is_shown_once(inbox: Inbox, daemon: Daemon) -> None:
    async with opened(inbox) as base, aiohttp.ClientSession() as session:
        maria = Visitor(session, base)
        await maria.says("Hello", id="same")
        await maria.says("Hello", id="same")
        await daemon.receive()
        await maria.says("Hello", id="same")
        # Whoever changes the words after an attempt of unknown fate loses neither; who they are
        # is no part of the words.
        await maria.says("Hello, Anna", id="same")
        await maria.says("Hello", id="same", name="Maria", email="maria@client.example")
        await daemon.receive()
        assert [one["text"] for one in await maria.reads()] == ["Hello", "Hello, Anna"]
        # The answer to the first message was lost, and with it the token.
        olga, again = Visitor(session, base), Visitor(session, base)
        for one in (olga, again):
            await one.says("Hi", id="first", first="r" * 24)
        assert olga.token == again.token
        await Visitor(session, base).says("Hi", id="first", first="guessed")
        await daemon.receive()
        assert [one["text"] for one in await olga.reads()] == ["Hi"]


async def test_r11_a_visitor_changes_own_words_for_a_while_and_takes_them_back(
    inbox: Inbox, daemon: Daemon
) -> None:
    """The agent keeps both wordings, and the answer stands."""
    async with opened(inbox) as base, aiohttp.ClientSession() as session:
        maria, thief = Visitor(session, base), Visitor(session, base)
        await maria.says("Is it read?", id="m1")
        await thief.says("Hello", id="t1")
        await daemon.receive()
        await inbox.comment(1, "It is red", to=[client(1)])
        await daemon.send()
        assert await maria.tells("edit", id="e1", of="m1", text="Is it red?") == 200
        for who, of, text in ((thief, "m1", "x"), (maria, "t1", "x"), (maria, "none", "x")):
            assert await who.tells("edit", id="e2", of=of, text=text) == 404
            assert await who.tells("delete", id="d2", of=of) == 404
        for wrong in ({"of": "m1", "text": " "}, {"of": 1, "text": "x"}, {"text": "x"}, {}):
            assert await maria.tells("edit", id="e3", **wrong) == 422
        assert await Visitor(session, base).tells("delete", id="d3", of="m1") == 401
        await daemon.receive()
        said = await maria.reads()
        assert [(one["text"], bool(one["edited"])) for one in said] == [
            ("Is it red?", True),
            ("It is red", False),
        ]
        assert 0 < said[0]["editable"] <= 900
        assert said[1]["editable"] == 0
        async with inbox.store.write() as uow:
            long_ago = inbox.clock.now - timedelta(minutes=16)
            await uow.connection.execute(update(t.comment).values(created_at=long_ago))
            await uow.commit()
        assert await maria.tells("edit", id="e4", of="m1", text="Late") == 409
        assert await maria.tells("delete", id="d4", of="m1") == 200
        await daemon.receive()
        assert [one["text"] for one in await maria.reads()] == ["It is red"]
        assert await maria.tells("delete", id="d5", of="m1") == 404
    (asked, answer) = (await inbox.acting("anna").read(queries.conversation, 1)).comments
    assert (asked.text, [text for text, _at in asked.edits]) == ("Is it red?", ["Is it read?"])
    assert asked.deleted_at is not None
    assert (answer.text, answer.deliveries[0].state) == ("It is red", "sent")


async def test_r46_whom_the_site_vouches_for_has_one_chat_everywhere(
    inbox: Inbox, daemon: Daemon
) -> None:
    async with opened(inbox) as base, aiohttp.ClientSession() as session:
        desk, phone, thief = (Visitor(session, base) for _one in range(3))
        assert await desk.says("From my desk", identity=signed("7")) == 200
        assert await phone.says("From my phone", identity=signed("7")) == 200
        assert await thief.says("I am 7", identity={**signed("8"), "user": "7"}) == 422
        await daemon.receive()
        assert len(await phone.reads()) == 2
        # Who has written on another device reads on before the first word here.
        laptop = Visitor(session, base)
        assert await laptop.tells("token", **signed("7")) == 200
        assert len(await laptop.reads()) == 2
        assert await thief.tells("token", **{**signed("8"), "user": "7"}) == 422
        wrong = [f"user:7.{'0' * 40}", "user:7", "", phone.token[:-1] + "x", "é"]
        for token in wrong[:4]:
            async with thief.asks("messages", token) as answer:
                assert answer.status == 401


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        {"id": "1", "text": " "},
        {"text": "no id"},
        {"id": "\x00", "text": "x"},
        {"id": "\ud800", "text": "x"},
        {"id": "1", "text": {"a": 1}},
        {"id": "1", "text": "x" * 20_001},
        {"id": "1", "text": "x", "token": "visitor:1.wrong"},
        {"id": "1", "text": "x", "files": [{"name": "a", "type": "b", "base64": "?"}]},
        {"id": "1", "text": "x", "files": [{"name": "a"}]},
    ],
)
async def test_what_is_not_understood_is_refused(inbox: Inbox, daemon: Daemon, body: Any) -> None:
    async with opened(inbox) as base, aiohttp.ClientSession() as session:
        given = {"data": body} if isinstance(body, bytes) else {"json": body}
        async with session.post(f"{base}/chat/chat/messages", **given) as answer:
            assert answer.status == 422
        async with session.post(f"{base}/chat/other/messages", **given) as answer:
            assert answer.status == 404
        strange = {"Origin": "https://evil.example"}
        async with session.post(
            f"{base}/chat/chat/messages", json={"id": "1", "text": "x"}, headers=strange
        ) as answer:
            assert answer.status == 403


async def test_only_its_sites_may_show_it(inbox: Inbox, daemon: Daemon) -> None:
    async with opened(inbox, "https://shop.example") as base, aiohttp.ClientSession() as session:
        async with session.get(f"{base}/chat/chat/", headers={"Accept-Language": "ru"}) as answer:
            policy = answer.headers["Content-Security-Policy"]
            assert "frame-ancestors https://shop.example" in policy
            assert "X-Frame-Options" not in answer.headers
            assert "Set-Cookie" not in answer.headers
            text = await answer.text()
            assert 'lang="ru"' in text
            assert "Ask us anything" in text
        async with session.get(f"{base}/chat/chat/widget.js") as answer:
            assert len(await answer.read()) < 15_000
            assert answer.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
        async with session.get(f"{base}/chat/other/widget.js") as answer:
            assert answer.status == 404


async def test_who_writes_without_end_is_slowed_down(inbox: Inbox, daemon: Daemon) -> None:
    async with opened(inbox) as base, aiohttp.ClientSession() as session:
        visitor = Visitor(session, base)
        statuses = [await visitor.says("0")]
        # On a slow machine some more are let through meanwhile.
        while len(statuses) < 300 and statuses[-1] == 200:
            statuses.append(await visitor.says(f"{len(statuses)}"))
        assert statuses[-1] == 429
        assert len(statuses) > 20


async def test_r14_what_the_visitor_sees_is_seen_and_who_they_are_is_kept(
    inbox: Inbox, daemon: Daemon
) -> None:
    await inbox.configure(mail_account(), webchat())
    async with opened(inbox) as base, aiohttp.ClientSession() as session:
        maria = Visitor(session, base)
        await maria.says("In stock?")
        await daemon.receive()
        assert (await maria.looks())["asks"]
        assert await maria.tells("me", id="1", name="Maria", email="maria@client.example") == 200
        assert await maria.tells("me", id="2") == 422
        await daemon.receive()
        await inbox.comment(1, "Yes", to=[client(1)])
        await daemon.send()
        look = await maria.looks()
        assert (look["asks"], look["unseen"]) == (False, 1)
        anna = inbox.acting("anna")
        task = await anna.read(queries.conversation, 1)
        (delivery,) = task.comments[1].deliveries
        assert (delivery.seen_at, delivery.later_address) == (None, "maria@client.example")
        assert task.comments[0].author.name == "Maria"
        assert await maria.tells("seen", id=look["messages"][-1]["id"]) == 204
        assert (await maria.looks())["unseen"] == 0
        (delivery,) = (await anna.read(queries.conversation, 1)).comments[1].deliveries
        assert (delivery.seen_at, delivery.later_address) == (inbox.clock.now, None)
        for wrong in ({}, {"id": "1"}, {"id": 2**70}, {"id": True}):
            assert await maria.tells("seen", **wrong) == 422
        maria.token = "visitor:1.wrong"
        assert await maria.tells("seen", id=1) == 401


async def test_r14_both_see_that_the_other_one_is_writing(inbox: Inbox, daemon: Daemon) -> None:
    picture = b"\x89PNG\r\n\x1a\n and so on"
    anna = inbox.acting("anna")
    await anna.write(agents.appear, "anna", public_name="Anna K.", picture=picture)
    async with opened(inbox) as base, aiohttp.ClientSession() as session:
        maria = Visitor(session, base)
        await maria.says("Hello", name="Maria")
        assert (await maria.looks())["away"]
        await daemon.receive()
        assert await maria.tells("writing", on=True) == 204
        (row,) = await anna.read(queries.colleagues)
        assert (row.task_id, row.person.name, row.answering) == (1, "Maria", True)
        assert await maria.tells("writing", on=False) == 204
        assert await anna.read(queries.colleagues) == ()
        await anna.write(presence.see, "p", 1, "replying")
        async with maria.asks("news") as stream:
            told = [await stream.content.readline() for _line in range(3)]
            assert told[::2] == [b'data: {"news": true}\n', b'data: {"writer": "Anna K."}\n']
        await inbox.comment(1, "Hello", to=[client(1)])
        await daemon.send()
        look = await maria.looks()
        assert (look["away"], look["messages"][1]["author"]) == (False, "Anna K.")
        digest = look["messages"][1]["picture"]
        async with session.get(f"{base}/chat/chat/people/{digest}") as answer:
            assert (await answer.read(), answer.content_type) == (picture, "image/png")
        async with session.get(f"{base}/chat/chat/people/{'0' * 64}") as answer:
            assert answer.status == 404


class Overtaken(ProgramInbox):
    """The first look at the chat finds nothing, and something is said before it is told."""

    live: Live
    looked = False

    async def read(self, use_case: Any, /, *args: Any, **values: Any) -> Any:
        found = await super().read(use_case, *args, **values)
        if use_case is not reading.news or self.looked:
            return found
        self.looked = True
        self.live.wake({1})
        return ()


async def test_what_is_said_while_the_window_looks_is_told_next(
    inbox: Inbox, daemon: Daemon
) -> None:
    def begin(app: web.Application) -> None:
        app[INBOX] = overtaken = Overtaken(inbox.store, SystemActor("web"))
        overtaken.live = app[LIVE]

    async with opened(inbox, begin=begin) as base, aiohttp.ClientSession() as session:
        maria = Visitor(session, base)
        await maria.says("Hello")
        await daemon.receive()
        async with asyncio.timeout(20), maria.asks("news") as stream:
            told = [await stream.content.readline() for _line in range(3)]
    assert told[::2] == [b'data: {"news": true}\n'] * 2


async def test_outside_the_hours_the_window_says_when_somebody_answers(
    inbox: Inbox, daemon: Daemon
) -> None:
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    hours = Hours(((tomorrow.weekday(), 9 * 60, 10 * 60),), ZoneInfo("UTC"))
    async with (
        opened(inbox, hours=hours) as base,
        aiohttp.ClientSession() as session,
        session.get(f"{base}/chat/chat/?lang=pl") as answer,
    ):
        text = await answer.text()
    assert 'lang="pl"' in text
    # Nothing can follow by e-mail here: no address is asked for.
    assert 'data-mails=""' in text
    assert f'datetime="{tomorrow:%Y-%m-%d}T09:00:00Z"' in text
