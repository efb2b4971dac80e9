"""The chat in a real browser, on a page of another site (R4, R40)."""

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from playwright.async_api import expect

from tests.builders import Inbox, client
from tests.servers.chromium import chromium, violations
from tests.web.chat.conftest import Daemon, opened

pytestmark = pytest.mark.journey


@pytest.fixture
def kind() -> str:
    return "sqlite"


def a_shop(base: list[str]) -> web.Application:
    """A site of somebody else's, with one line for the chat."""

    async def page(_request: web.Request) -> web.Response:
        line = f'<script src="{base[0]}/chat/chat/widget.js"></script>'
        text = f'<!doctype html><html lang="en"><title>Shop</title><h1>Shop</h1>{line}</html>'
        return web.Response(text=text, content_type="text/html")

    app = web.Application()
    app.router.add_get("/", page)
    return app


async def test_a_visitor_of_another_site_talks_by_keyboard(inbox: Inbox, daemon: Daemon) -> None:
    base: list[str] = []
    async with TestServer(a_shop(base), host="localhost") as shop, chromium() as browser:
        origin = str(shop.make_url("/")).rstrip("/")
        async with opened(inbox, origin) as address:
            base.append(address)
            page = await browser.new_page(locale="en")
            await page.goto(origin)
            launcher = page.get_by_role("button", name="Chat with us")
            await launcher.focus()
            await page.keyboard.press("Enter")
            window = page.frame_locator("iframe")
            await expect(window.get_by_text("Ask us anything")).to_be_visible()
            assert await page.context.cookies() == []
            await window.get_by_label("Your message").fill("Is it in stock?")
            await window.get_by_label("Your message").press("Enter")
            await expect(window.get_by_label("Your message")).to_have_value("")
            await daemon.receive()
            await expect(window.get_by_role("listitem")).to_have_count(1)
            await inbox.comment(1, "Yes, three of them", to=[client(1)])
            await daemon.send()
            last = window.get_by_role("listitem").last
            await expect(last).to_contain_text("Yes, three of them")
            assert await page.context.cookies() == []
            # Another visit goes on where this one was.
            await page.reload()
            await launcher.click()
            await expect(window.get_by_role("listitem")).to_have_count(2)
            await page.keyboard.press("Escape")
            await expect(launcher).to_have_attribute("aria-expanded", "false")


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_r40_the_window_is_accessible(inbox: Inbox, daemon: Daemon, scheme: str) -> None:
    async with opened(inbox) as address, chromium() as browser:
        page = await browser.new_page(locale="en", color_scheme=scheme)  # type: ignore[arg-type]
        await page.set_viewport_size({"width": 320, "height": 480})
        await page.goto(f"{address}/chat/chat/")
        await page.get_by_label("Your message").fill("Hello")
        await page.get_by_role("button", name="Send").click()
        await daemon.receive()
        await expect(page.get_by_role("listitem")).to_have_count(1)
        found = await violations(page)
        assert found == [], found
        assert await page.evaluate("document.documentElement.scrollWidth") <= 320
