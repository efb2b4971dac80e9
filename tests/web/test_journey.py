"""A client's whole way, in a real browser, with an agent at the terminal (R36, R37, R40)."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.async_api import Browser, BrowserContext, Page, expect
from textual.pilot import Pilot

from pfinbox.domain.actor import SystemActor
from pfinbox.domain.listening import Listening
from pfinbox.services.inbox import ProgramInbox
from pfinbox.services.people import signing_in
from pfinbox.services.system import configuration
from pfinbox.tui.app import PfinboxApp
from pfinbox.web.app import application
from pfinbox.web.server import Door
from tests.builders import Inbox, a_file, client
from tests.daemon.test_sender import a_sender
from tests.servers.chromium import violations
from tests.services.inbound.test_arrival import task_of
from tests.tui.stage import on_stage, screen_text, settle, type_burst
from tests.web.conftest import MARIA, SITE, Post, link_in

pytestmark = pytest.mark.journey


@asynccontextmanager
async def opened(inbox: Inbox) -> AsyncIterator[str]:
    """The door, under the address that the browser sees."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    base = f"http://127.0.0.1:{port}"
    web = {"base_url": base, "title": "Example Ltd", "language": None, "link_in_mails": False}
    await inbox.store.run(lambda uow: configuration.configure_web(uow, "daemon", web, ""))
    portal = SITE.portal
    assert portal is not None
    site = replace(SITE, base_url=base, portal=replace(portal, language=None))
    program = ProgramInbox(inbox.store, SystemActor("web"))
    door = Door(application(program, site), Listening("127.0.0.1", port))
    await door.open()
    try:
        yield base
    finally:
        await door.close()


async def sign_in(page: Page, base: str, post: Post) -> None:
    """Ask for a link, find it in the mail, press its button."""
    await page.goto(f"{base}/p/")
    await page.get_by_label("e-mail").fill(MARIA)
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("status")).to_be_visible()
    (mail,) = await post.mailed()
    await page.goto(base + link_in(mail, base))
    await page.get_by_role("button").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Your conversations with us")


async def shows(app: PfinboxApp, pilot: Pilot[None], words: str) -> None:
    """Until the terminal shows these words: long before it would look by itself again."""
    async with asyncio.timeout(10):
        while words not in screen_text(app):
            await settle(pilot)


async def test_r36_a_client_writes_an_agent_answers_and_both_see_it(
    inbox: Inbox, post: Post, maria: int, tmp_path: Path, chromium: Browser
) -> None:
    file = tmp_path / "receipt.txt"
    file.write_text("paid")
    async with on_stage(inbox) as (app, pilot), opened(inbox) as base:
        page = await chromium.new_page(locale="en")
        await sign_in(page, base, post)
        await page.get_by_role("link", name="A question").click()
        await page.get_by_label("Your message").fill("I have paid, see the file")
        await page.get_by_label("Files").set_input_files(file)
        await page.get_by_role("button", name="Send").click()
        await expect(page.get_by_role("article")).to_have_count(2)
        await expect(page.get_by_role("link", name="receipt.txt")).to_be_visible()
        await shows(app, pilot, "I have paid, see the file")
        await shows(app, pilot, "by the page")
        await type_burst(pilot, "rThank you, it is on its way.\x13")
        inbox.clock.advance(minutes=1)
        await delivered(inbox)
        await expect(page.get_by_role("article")).to_have_count(3, timeout=1000)
        await expect(page.get_by_role("article").last).to_contain_text("it is on its way")
        async with page.expect_download() as download:
            await page.get_by_role("link", name="receipt.txt").click()
        assert (await (await download.value).path()).read_text() == "paid"


async def delivered(inbox: Inbox) -> None:
    """The daemon sends what is due."""
    sender, channel = await a_sender(inbox)
    await sender.run_once()
    assert len(channel.sent) == 1


async def test_r40_every_page_is_accessible_and_needs_neither_script_nor_mouse(
    inbox: Inbox, post: Post, maria: int, chromium: Browser
) -> None:
    """axe-core in both themes; 320 px and 200 % text without scrolling sideways."""
    task_id = await task_of(inbox, await inbox.mails("A long one " * 40, files=(a_file(),)))
    said = "**An** answer with `code`:\n```\na line\n```\n[link](https://x.example/)\n\n> quoted"
    log = await inbox.mails("A line of a log\n" * 900)
    await inbox.comment(task_id, said, to=[client(maria)])
    await delivered(inbox)
    async with opened(inbox) as base:
        plain = await chromium.new_context(java_script_enabled=False, locale="en")
        await by_keyboard(await plain.new_page(), base, post)
        cookies = await plain.cookies()
        link = (await inbox.acting("anna").write(signing_in.invite, maria)).link.removeprefix(base)
        whole = f"/p/t/{await task_of(inbox, log)}/c/{log}"
        paths = ("/p/", f"/p/t/{task_id}", "/p/new", "/p/me", "/p/t/999", "/p/?q=nothing", whole)
        for scheme in ("light", "dark"):
            context = await themed(chromium, scheme)
            page = await context.new_page()
            for path in ("/p/", "/p/sent", link, f"/p/in/{'0' * 64}"):
                await page.goto(base + path)
                assert await violations(page) == [], path
            await context.add_cookies(cookies)  # type: ignore[arg-type]
            for path in paths:
                await page.goto(base + path)
                assert await violations(page) == [], path
                assert await page.evaluate("document.documentElement.scrollWidth") == 320, path
                await page.evaluate("document.documentElement.style.fontSize = '200%'")
                await page.set_viewport_size({"width": 640, "height": 900})
                assert await page.evaluate("document.documentElement.scrollWidth") == 640, path
                await page.set_viewport_size({"width": 320, "height": 900})


async def themed(browser: Browser, scheme: str) -> BrowserContext:
    return await browser.new_context(
        color_scheme=scheme,  # type: ignore[arg-type]
        reduced_motion="reduce",
        viewport={"width": 320, "height": 900},
        locale="en",
    )


async def by_keyboard(page: Page, base: str, post: Post) -> None:
    """Sign in and write, with the tabulator and enter alone, and without a script."""
    await sign_in(page, base, post)
    await tab_to(page, "A question")
    await page.keyboard.press("Enter")
    await expect(page.get_by_label("Your message")).to_be_visible()
    await tab_to(page, "Your message")
    await page.keyboard.type("By hand")
    await tab_to(page, "Send")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("article").last).to_contain_text("By hand")


async def tab_to(page: Page, name: str) -> None:
    """Press the tabulator until what has this name has the focus, and shows that it has it."""
    for _press in range(40):
        await page.keyboard.press("Tab")
        focused = page.locator(":focus")
        if not await focused.count():
            continue
        words = (
            await focused.inner_text()
            or await page.locator(f"label[for='{await focused.get_attribute('id')}']").inner_text()
        )
        if name in words:
            return
    raise AssertionError(f"{name} is not reached")
