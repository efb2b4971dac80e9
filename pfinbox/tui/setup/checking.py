"""Trying what was answered: each step a line as it is known, then what can be done about it."""

from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import cast

from textual.containers import VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Static

from pfinbox.i18n import _
from pfinbox.tui.setup.gate import Line
from pfinbox.tui.setup.page import Pick
from pfinbox.tui.shell.post_message import post_message
from pfinbox.tui.widgets import safe
from pfinbox.tui.widgets.pick_list import Item

# What is tried, and what may be done when it has come out so.
Tries = Callable[[], AsyncIterator[Line]]
Ways = Callable[[Sequence[Line]], Sequence[Item]]


class Checking(Pick):
    """Answers with what is chosen at the end; leaving it earlier ends the trying."""

    @dataclass
    class Tried(Message):
        line: Line

    class Done(Message):
        """Nothing more is tried."""

    def __init__(self, title: Content, tries: Tries, ways: Ways) -> None:
        super().__init__(title, (), ())
        self.lines: list[Line] = []
        self.done = False
        self._tries = tries
        self._ways = ways

    def body(self) -> list[Widget]:
        waiting = Static(Content(_("trying …")), classes="tried-wait")
        return [VerticalScroll(waiting, id="tried", can_focus=False), *super().body()]

    def start(self) -> None:
        self.pick_list.focus()
        self.run_worker(self._try(), name="check", group="check", exit_on_error=False)

    async def _try(self) -> None:
        tries = self._tries()
        try:
            # An iterator by its type, a generator by its nature: whoever leaves closes it.
            async with aclosing(cast("AsyncGenerator[Line, None]", tries)):
                async for line in tries:
                    post_message(self, self.Tried(line))
        except Exception as error:
            # Only its name: what a library says may hold the secret that it was given.
            post_message(self, self.Tried(Line(_("the check itself"), type(error).__name__)))
        post_message(self, self.Done())

    def on_checking_tried(self, message: Tried) -> None:
        line = message.line
        self.lines.append(line)
        word = Content.styled(_("ok"), "$text-success bold")
        if line.problem is not None:
            word = Content.styled(_("PROBLEM"), "$text-error bold")
        shown = [Static(Content.assemble(word, "  ", safe.line(line.subject)), classes="tried")]
        if line.problem is not None:
            shown.append(Static(safe.block(line.problem), classes="tried-problem"))
        scroll = self.query_one("#tried", VerticalScroll)
        scroll.mount(*shown, before=self.query_one(".tried-wait"))
        scroll.scroll_end(animate=False)

    def on_checking_done(self, message: Done) -> None:
        self.done = True
        self.query_one(".tried-wait").remove()
        self.items = self._ways(self.lines)
        self.pick_list.show(self.items)
