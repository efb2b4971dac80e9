"""What all dialogs share: a title, a body, a line of hints; a typed result or None."""

from typing import ClassVar, Generic, TypeVar

from rich.console import RenderableType
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.renderables.background_screen import BackgroundScreen
from textual.screen import ModalScreen
from textual.widget import Widget
from textual.widgets import Static

from pfinbox.tui.dialogs.backdrop import Backdrop
from pfinbox.tui.dialogs.key_hints import KeyHints

T = TypeVar("T")


class Dialog(ModalScreen[T | None], Generic[T]):
    """A frame in the middle of the screen. ``answer`` closes it, escape answers None."""

    # Where the screen is low, what is read leaves room for title and hints.
    VERTICAL_BREAKPOINTS = [(0, "-low"), (30, "-high")]  # noqa: RUF012 - declared by Textual

    title_words: Content = Content("")
    hint_words: ClassVar[str] = ""

    def __init__(self, title: Content) -> None:
        super().__init__()
        self.title_words = title

    def compose(self) -> ComposeResult:
        # The band keeps free what is beside the frame: no word of the panes is cut by its edge.
        with Vertical(classes="dialog-band"), Vertical(classes="dialog"):
            yield Static(self.title_words, classes="dialog-title")
            yield from self.body()
            yield KeyHints(self.hints(), classes="dialog-hints")

    def render(self) -> RenderableType:
        below = super().render()
        if isinstance(below, BackgroundScreen):
            return Backdrop(below.screen, below.color)
        return below

    def body(self) -> list[Widget]:
        """The widgets between title and hints."""
        return []

    def hints(self) -> Content:
        """What the keys do here."""
        return Content("")

    def answer(self, result: T | None) -> None:
        """Close with ``result``; a second answer in the same burst is ignored."""
        if self.is_current:
            self.dismiss(result)
