"""The door itself: what guards every page, whatever it shows."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import replace
from ipaddress import ip_network

import aiohttp
import pytest
from aiohttp import web

from pfinbox.domain.actor import SystemActor
from pfinbox.domain.listening import Listening
from pfinbox.services.inbox import ProgramInbox
from pfinbox.web.app import application
from pfinbox.web.crowd import Crowd
from pfinbox.web.server import Door
from tests.builders import Inbox
from tests.web.browser import Browser
from tests.web.conftest import SITE


async def test_whatever_is_asked_is_answered_by_a_page_with_the_headers(browser: Browser) -> None:
    page = await browser.get("/p/nothing-here", Accept_Language="ru")
    assert page.status == 404
    assert "<h1>" in page.text
    assert page.headers["Cache-Control"] == "no-store"
    assert page.headers["X-Content-Type-Options"] == "nosniff"
    policy = page.headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in policy
    assert "unsafe-inline" not in policy
    style = await browser.get("/p/style.css")
    assert style.status == 200
    assert "immutable" in style.headers["Cache-Control"]
    assert (await browser.get("/favicon.ico")).status == 204
    # Nobody is told what runs here, and in which version.
    assert page.headers["Server"] == "pfinbox"


async def test_without_clients_pages_there_is_no_way_in(inbox: Inbox) -> None:
    program = ProgramInbox(inbox.store, SystemActor("web"))
    door = Door(application(program, replace(SITE, portal=None)), Listening("127.0.0.1"))
    await door.open()
    async with aiohttp.ClientSession() as session:
        for path in ("/p/", "/p/in/x", "/p/style.css"):
            async with session.get(f"http://{door.address}{path}") as answer:
                assert (answer.status, "<" in await answer.text()) == (404, False), path
    await door.close()


async def test_r40_where_only_agents_send_links_nobody_can_ask_for_one(inbox: Inbox) -> None:
    program = ProgramInbox(inbox.store, SystemActor("web"))
    assert SITE.portal is not None
    site = replace(SITE, portal=replace(SITE.portal, self_sign_in=False))
    door = Door(application(program, site), Listening("127.0.0.1"))
    await door.open()
    async with aiohttp.ClientSession() as session:
        browser = Browser(session, f"http://{door.address}", SITE.base_url)
        assert "<form" not in (await browser.get("/p/")).text
        assert (await browser.post("/p/sign-in", {"address": "a@b.example"})).status == 404
    await door.close()


async def test_a_fault_of_ours_is_said_on_a_page_of_ours(
    inbox: Inbox, caplog: pytest.LogCaptureFixture
) -> None:
    async def fault(_request: web.Request) -> web.Response:
        raise ZeroDivisionError

    app = application(ProgramInbox(inbox.store, SystemActor("web")), SITE)
    app.router.add_get("/p/fault", fault)
    door = Door(app, Listening("127.0.0.1"))
    await door.open()
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"http://{door.address}/p/fault") as answer,
    ):
        page = await answer.text()
        assert (answer.status, "frame-ancestors" in str(answer.headers)) == (500, True)
    await door.close()
    assert "Something went wrong on our side" in page
    assert "ZeroDivisionError" not in page
    assert "/p/fault failed" in caplog.text


async def test_so_many_connections_are_held_from_one_network_and_in_all(inbox: Inbox) -> None:
    async def is_let_in(door: Door) -> bool:
        host, port = door.address.split(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        opened.append(writer)
        with suppress(ConnectionError):
            writer.write(b"GET /p/ HTTP/1.1\r\nHost: x\r\n\r\n")
            return bool(await reader.read(1))
        return False

    opened: list[asyncio.StreamWriter] = []
    program = ProgramInbox(inbox.store, SystemActor("web"))
    for crowd, let_in in (
        (Crowd(9, each=2), [True, True, False]),
        (Crowd(2, each=9, many=(ip_network("127.0.0.0/8"),)), [True, True, False]),
        (Crowd(9, each=1, many=(ip_network("127.0.0.0/8"),)), [True, True, True]),
    ):
        door = Door(application(program, SITE), Listening("127.0.0.1"), crowd=crowd)
        await door.open()
        assert [await is_let_in(door) for _n in range(3)] == let_in
        # Who leaves makes room.
        opened[-3].close()
        await opened[-3].wait_closed()
        await asyncio.wait_for(_is_free(door, is_let_in), 5)
        await door.close()
    for one in opened:
        one.close()


async def _is_free(door: Door, is_let_in: Callable[[Door], Awaitable[bool]]) -> None:
    while not await is_let_in(door):
        pass
