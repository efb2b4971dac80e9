"""Asking a person: one page after the other, and what every walk asks in the same way."""

from collections.abc import Awaitable
from typing import Any, Protocol

from textual.content import Content

from pfinbox.domain.contract.setup import Question
from pfinbox.tui.setup import words
from pfinbox.tui.setup.form import Form
from pfinbox.tui.setup.gate import SetupGate
from pfinbox.tui.setup.page import Page


class Shows(Protocol):
    """The app as the walks need it."""

    def push_screen_wait(self, screen: Page) -> Awaitable[Any]:
        """Show a page and wait for its answer."""

    def wait(self, sentence: str) -> None:
        """What goes on between two pages."""


class Asking:
    """Shows the pages of a first start, and reaches its parts through the gate."""

    def __init__(self, app: Shows, gate: SetupGate) -> None:
        self.app = app
        self.gate = gate

    async def ask(self, page: Page) -> Any:
        """What a page answers, None for a step back."""
        return await self.app.push_screen_wait(page)

    async def secret(self, question: Question, given: Any, note: str = "") -> Any:
        """Where a secret comes from: text, or a reference such as {"command": …}."""
        typed = {"inline": given} if isinstance(given, str) else dict(given)
        way = next(iter(typed)) if given else None
        while True:
            page = words.ways_page(question, way, note)
            way = await self.ask(page)
            if way is None:
                return None
            asked = words.secret_question(question, way)
            form = Form(
                Content(question.label.capitalize()),
                [asked],
                {asked.name: typed.get(way, "")},
                note=note,
                hidden=way == "inline",
            )
            answer = await self.ask(form)
            if answer is not None:
                value = answer[asked.name]
                return value if way == "inline" else {way: value.strip()}
