"""The chat in a real browser, on a page of another site (R4, R40)."""

import asyncio
from collections.abc import Callable
from urllib.parse import urlencode

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from playwright.async_api import Browser, Route, expect

from pfinbox.services import queries
from pfinbox.services.inbox import Inbox as ActorInbox
from pfinbox.services.people import presence
from pfinbox.store.rows import Conversation
from tests.builders import Inbox, client, mail_account
from tests.servers.chromium import violations
from tests.web.chat.conftest import Daemon, opened, signed, webchat

pytestmark = pytest.mark.journey


@pytest.fixture
def kind() -> str:
    return "sqlite"


def a_shop(base: list[str]) -> web.Application:
    """A site of somebody else's, with one line for the chat."""

    async def page(request: web.Request) -> web.Response:
        known = "".join(f' data-{name}="{value}"' for name, value in request.query.items())
        line = f'<script src="{base[0]}/chat/chat/widget.js"{known}></script>'
        text = f'<!doctype html><html lang="en"><title>Shop</title><h1>Shop</h1>{line}</html>'
        return web.Response(text=text, content_type="text/html")

    app = web.Application()
    app.router.add_get("/", page)
    return app


async def until(inbox: ActorInbox, holds: Callable[[Conversation], bool]) -> None:
    """Wait until the task is so; the browser takes its time."""
    async with asyncio.timeout(20):
        async for _topics in inbox.changes():
            if holds(await inbox.read(queries.conversation, 1)):
                return


async def test_a_visitor_of_another_site_talks_by_keyboard(
    inbox: Inbox, daemon: Daemon, chromium: Browser
) -> None:
    await inbox.configure(mail_account(), webchat())
    base: list[str] = []
    async with TestServer(a_shop(base), host="localhost") as shop:
        origin = str(shop.make_url("/")).rstrip("/")
        async with opened(inbox, origin) as address:
            base.append(address)
            page = await chromium.new_page(locale="en")
            await page.goto(origin)
            launcher = page.get_by_role("button", name="Chat with us")
            await launcher.focus()
            await page.keyboard.press("Enter")
            window = page.frame_locator("iframe")
            await expect(window.get_by_text("Ask us anything")).to_be_visible()
            assert await page.context.cookies() == []
            await window.get_by_label("Your message", exact=True).fill("Is it in stock?")
            await window.get_by_label("Your message", exact=True).press("Enter")
            await expect(window.get_by_label("Your message", exact=True)).to_have_value("")
            await expect(window.get_by_role("listitem")).to_contain_text("is being sent")
            await daemon.receive()
            # Now, and not before the first word, an address helps.
            await window.get_by_label("Your e-mail address").fill("maria@client.example")
            await window.get_by_role("button", name="Keep it").press("Enter")
            await expect(window.get_by_text("follows by e-mail")).to_be_visible()
            await daemon.receive()
            anna = inbox.acting("anna")
            await anna.write(presence.see, "p", 1, "replying")
            await expect(window.get_by_text("anna is writing")).to_be_visible()
            await inbox.comment(1, "Yes, three of them", to=[client(1)])
            await daemon.send()
            last = window.get_by_role("listitem").last
            await expect(last).to_contain_text("Yes, three of them")
            await window.get_by_label("Your message", exact=True).press_sequentially("Keep")
            await until(anna, lambda task: task.comments[1].deliveries[0].seen_at is not None)
            (writer,) = [one for one in await anna.read(queries.colleagues) if one.answering]
            assert writer.person.kind == "contact"
            assert await page.context.cookies() == []
            # R11: own words are changed and taken back by keyboard; Escape leaves them.
            items = window.get_by_role("listitem")
            change = items.first.get_by_role("button", name="Change")
            await change.press("Enter")
            await page.keyboard.press("Escape")
            await expect(change).to_be_focused()
            await change.press("Enter")
            await window.get_by_label("Change your message").fill("Is the red one in stock?")
            await page.keyboard.press("Enter")
            await expect(window.get_by_label("Your message", exact=True)).to_be_focused()
            await daemon.receive()
            await expect(items.first).to_contain_text("Is the red one in stock?")
            await expect(items.first).to_contain_text("edited")
            # Another visit goes on where this one was; what is said meanwhile is counted.
            await page.reload()
            await inbox.comment(1, "Until Friday", to=[client(1)])
            await daemon.send()
            counted = page.get_by_role("button", name="Chat with us, new messages: 1")
            await counted.click()
            await expect(window.get_by_role("listitem")).to_have_count(3)
            await window.get_by_label("Add files").set_input_files(
                {"name": "a.txt", "mimeType": "text/plain", "buffer": b"abc"}
            )
            async with page.expect_response(lambda answer: answer.request.method == "POST"):
                await window.get_by_role("button", name="Send").click()
            await daemon.receive()
            saved = window.get_by_role("button", name="a.txt")
            await expect(saved).to_be_visible()
            await page.keyboard.press("Escape")
            await expect(launcher).to_have_attribute("aria-expanded", "false")
            # Whoever is signed in next at the same browser reads nothing of it (R46), nor does
            # whoever comes after them.
            message = window.get_by_label("Your message", exact=True)
            for user in ("7", "8"):
                async with page.expect_response("**/messages"):
                    await page.goto(f"{origin}/?{urlencode(signed(user))}")
                await launcher.click()
                await expect(window.get_by_role("listitem")).to_have_count(0)
                await message.fill(f"I am {user}")
                await message.press("Enter")
                await expect(window.get_by_role("listitem")).to_contain_text(f"I am {user}")
                await daemon.receive()


async def test_r12_what_is_written_while_a_message_leaves_is_kept(
    inbox: Inbox, daemon: Daemon, chromium: Browser
) -> None:
    async with opened(inbox) as address:
        page = await chromium.new_page(locale="en")
        message, attempts = page.get_by_label("Your message", exact=True), 0
        leaves = asyncio.Event()

        async def carry(route: Route) -> None:
            nonlocal attempts
            if route.request.method != "POST":
                # The page may ask for news at its very end.
                await route.continue_()
                return
            attempts += 1
            answer = await route.fetch()
            if attempts == 2:
                # It arrived, and the answer is lost.
                await route.abort()
                return
            if attempts > 2:
                await leaves.wait()
            await route.fulfill(response=answer)

        await page.route("**/messages", carry)
        await page.goto(f"{address}/chat/chat/")
        await message.fill("How do I come?")
        await message.press("Enter")
        await expect(message).to_have_value("")
        await message.fill("By bus")
        await message.press("Enter")
        await expect(page.locator("#wrong")).to_be_visible()
        await message.fill("By train")
        await message.press("Enter")
        await message.fill("Or both")
        await message.press("Enter")
        leaves.set()
        items = page.get_by_role("listitem")
        await expect(items).to_have_count(2)
        await expect(items.last).to_contain_text("By train")
        await expect(message).to_have_value("Or both")
        assert attempts == 3
    await daemon.receive()
    task = await inbox.acting("anna").read(queries.conversation, 1)
    assert [one.text for one in task.comments] == ["How do I come?", "By bus", "By train"]


async def test_r40_the_window_is_accessible(
    inbox: Inbox, daemon: Daemon, chromium: Browser
) -> None:
    await inbox.configure(mail_account(), webchat())
    async with opened(inbox) as address:
        for scheme in ("light", "dark"):
            page = await chromium.new_page(locale="en", color_scheme=scheme)
            await page.set_viewport_size({"width": 320, "height": 480})
            await page.goto(f"{address}/chat/chat/")
            # Nobody is there, which it says, and an address is asked for; none has to be given.
            await expect(page.get_by_text("Nobody is here just now")).to_be_visible()
            await expect(page.get_by_label("Your e-mail address")).to_be_visible()
            await page.get_by_label("Your message", exact=True).fill("Hello")
            await page.get_by_role("button", name="Send").click()
            await daemon.receive()
            await expect(page.get_by_role("listitem")).to_have_count(1)
            await expect(page.get_by_role("button", name="Not now")).to_be_visible()
            await page.get_by_role("button", name="Change").click()
            await expect(page.get_by_label("Change your message")).to_be_visible()
            assert await violations(page) == []
            assert await page.evaluate("document.documentElement.scrollWidth") <= 320
