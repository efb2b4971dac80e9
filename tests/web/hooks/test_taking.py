"""Pushed requests over HTTP: admitted, kept, and only then answered (R12, R46)."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from functools import partial

import aiohttp
import pytest
from sqlalchemy import func, select

from pfinbox.channels.webhook import SPEC, signing
from pfinbox.channels.webhook.admit import admit
from pfinbox.domain.actor import SystemActor
from pfinbox.domain.listening import Listening
from pfinbox.services.inbound.keeping import Pushed
from pfinbox.services.inbox import ProgramInbox
from pfinbox.store import tables as t
from pfinbox.store.read.health import account_health
from pfinbox.web.app import application
from pfinbox.web.hooks.keeper import Keeper
from pfinbox.web.server import Door
from pfinbox.web.site import Site
from tests.builders import Inbox
from tests.channels.webhook.conftest import NOW, SECRET, account, post

HELLO = {"id": "m1", "chat": "c1", "text": "Hello"}


@pytest.fixture
async def hooks(inbox: Inbox) -> AsyncIterator[str]:
    """The address of the door; the account is called "bot"."""
    assert SPEC.admit is admit
    site = Site("https://x.example", None, hooks={"bot": partial(admit, account().settings)})
    program = ProgramInbox(inbox.store, SystemActor("web"))
    door = Door(application(program, site), Listening("127.0.0.1"))
    await door.open()
    yield f"http://{door.address}/hooks"
    await door.close()


async def kept(inbox: Inbox) -> int:
    async with inbox.store.read() as uow:
        count = await uow.connection.scalar(select(func.count()).select_from(t.kept_request))
    return int(count or 0)


async def test_r12_it_is_kept_before_it_is_answered(inbox: Inbox, hooks: str) -> None:
    answers = []
    async with aiohttp.ClientSession() as session:
        for _repeat in range(2):
            async with session.post(f"{hooks}/bot/{SECRET}", json=HELLO) as answer:
                answers.append((answer.status, await answer.json()))
                assert answer.headers["Cache-Control"] == "no-store"
            assert await kept(inbox) == 1
    assert answers[0] == answers[1]
    assert answers[0][0] == 200
    assert set(answers[0][1]) == {"ok", "key"}


async def test_r12_a_door_that_was_shut_for_too_long_says_what_is_missing(inbox: Inbox) -> None:
    """Nobody repeats for ever what nobody takes; what the daemon did meanwhile does not matter."""
    site = Site("https://x.example", None, hooks={"bot": partial(admit, account().settings)})
    missing: list[timedelta | None] = []
    for hours in (23, 26, 0):
        app = application(ProgramInbox(inbox.store, SystemActor("web")), site)
        door = Door(app, Listening("127.0.0.1"))
        await door.open()
        await door.close()
        async with inbox.store.read() as uow:
            gap = next(one.gap for one in await account_health(uow) if one.name == "bot")
        missing.append(gap.until - gap.since if gap and gap.since else None)
        inbox.clock.advance(hours=hours)
    assert missing == [None, None, timedelta(hours=2)]


async def test_many_at_once_are_all_kept(inbox: Inbox, hooks: str) -> None:
    async with aiohttp.ClientSession() as session:

        async def one(number: int) -> int:
            body = HELLO | {"id": number}
            async with session.post(f"{hooks}/bot/{SECRET}", json=body) as answer:
                return answer.status

        assert set(await asyncio.gather(*(one(n) for n in range(60)))) == {200}
    assert await kept(inbox) == 60


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/bot", HELLO, 401),
        ("/bot/guess", HELLO, 401),
        ("/other", HELLO, 404),
        (f"/bot/{SECRET}", {"text": "no chat"}, 400),
        (f"/bot/{SECRET}", {"chat": "c", "text": "x" * (11 << 20)}, 413),
    ],
)
async def test_r46_what_is_refused_is_not_kept(
    inbox: Inbox, hooks: str, path: str, body: object, status: int
) -> None:
    async with aiohttp.ClientSession() as session:
        async with session.post(hooks + path, json=body) as answer:
            assert answer.status == status
            assert (await answer.json())["ok"] is False
        async with session.get(f"{hooks}/bot/{SECRET}") as answer:
            assert answer.status == 405
    assert await kept(inbox) == 0


async def test_r46_nobody_guesses_a_secret(hooks: str) -> None:
    async with aiohttp.ClientSession() as session:
        statuses = []
        for number in range(62):
            async with session.post(f"{hooks}/bot/{number}", json=HELLO) as answer:
                statuses.append(answer.status)
                told = answer.headers.get("Retry-After")
    assert (statuses[0], statuses[-1], told) == (401, 429, "30")


async def test_a_signed_request_is_admitted_by_the_clock_of_today(inbox: Inbox, hooks: str) -> None:
    body = json.dumps(HELLO).encode()
    old = signing.headers(SECRET, int(NOW.timestamp()) - 400, body)
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{hooks}/bot", data=body, headers=old) as answer,
    ):
        assert answer.status == 401
    assert await kept(inbox) == 0


async def test_while_the_database_is_slow_the_service_is_to_come_back(inbox: Inbox) -> None:
    keeper = Keeper(ProgramInbox(inbox.store, SystemActor("web")), patience=0.02)
    work = asyncio.create_task(keeper.run())
    first, second = (Pushed("bot", key, post(HELLO | {"id": key})) for key in "ab")
    async with inbox.store.write() as uow:
        # Somebody else writes, and takes long.
        await uow.change(t.account, inbox.account_ids["bot"], state="ok")
        await uow.connection.execute(select(t.account.c.id).with_for_update())
        assert not await keeper.keep(first)
        await uow.commit()
    patient = Keeper(ProgramInbox(inbox.store, SystemActor("web")))
    works = [work, asyncio.create_task(patient.run())]
    assert await patient.keep(second)
    assert await patient.keep(first)
    for one in works:
        one.cancel()
    await asyncio.gather(*works, return_exceptions=True)
    assert await kept(inbox) == 2


async def test_r12_what_cannot_be_kept_turns_no_later_request_away(inbox: Inbox) -> None:
    keeper = Keeper(ProgramInbox(inbox.store, SystemActor("web")))
    work = asyncio.create_task(keeper.run())
    assert not await keeper.keep(Pushed("bot", "half \ud800", post(HELLO)))
    assert await keeper.keep(Pushed("bot", "whole", post(HELLO)))
    work.cancel()
    await asyncio.gather(work, return_exceptions=True)
    assert await kept(inbox) == 1
