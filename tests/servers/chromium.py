"""Debian's Chromium, driven by Playwright; a test without it says that it is missing."""

import shutil
from collections.abc import AsyncIterator
from importlib.resources import files
from typing import Any

import pytest
from playwright.async_api import Browser, Page, async_playwright

from tests.servers.required import missing

_ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
# Every rule of WCAG 2.2 AA that a program can check.
_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@pytest.fixture(scope="session")
async def running_chromium() -> AsyncIterator[Browser]:
    """One for this test process: to start it takes seconds."""
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        missing("Chromium is not installed")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=list(_ARGUMENTS))
        try:
            yield browser
        finally:
            await browser.close()


@pytest.fixture
async def chromium(running_chromium: Browser) -> AsyncIterator[Browser]:
    """It knows nobody: each page has a context of its own, and none of another test is open."""
    yield running_chromium
    for context in running_chromium.contexts:
        await context.close()


async def violations(page: Page) -> list[tuple[str, str]]:
    """What axe-core finds on a page: the rule, and where; by the debugger, as the CSP allows it."""
    await page.evaluate(files("axe_playwright_python").joinpath("axe.min.js").read_text("utf-8"))
    found: dict[str, Any] = await page.evaluate(
        "rules => axe.run({runOnly: rules, resultTypes: ['violations']})", _RULES
    )
    return [(one["id"], node["html"]) for one in found["violations"] for node in one["nodes"]]
