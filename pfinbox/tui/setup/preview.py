"""The file as it will be, before anything is written."""

from collections.abc import Sequence

from textual.containers import VerticalScroll
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from pfinbox.i18n import _
from pfinbox.tui.setup.page import Pick
from pfinbox.tui.widgets import safe
from pfinbox.tui.widgets.pick_list import Item


class Preview(Pick):
    """A text to look through, and what to do with it."""

    def __init__(
        self, title: Content, words: Sequence[Content], items: Sequence[Item], text: str
    ) -> None:
        super().__init__(title, words, items)
        self._text = text

    def body(self) -> list[Widget]:
        *words, picks = super().body()
        shown = Static(safe.block(self._text.rstrip("\n")))
        return [*words, VerticalScroll(shown, id="setup-file", can_focus=False), picks]

    def hints(self) -> Content:
        return Content(_("↑↓ choose · space page · enter do it · esc back"))
