"""Words that are written again and again in one place of the screen."""

from collections.abc import Callable
from typing import Any

from textual.content import Content
from textual.widgets import Static


class Words(Static):
    """Static lays the whole screen out and paints all of it at each update. Here nothing happens
    when the words are the same, and only this place is painted when its size is fixed.
    """

    def __init__(self, again: Callable[[], None] | None = None, **kwargs: Any) -> None:
        """``again`` writes words that depend on the room or on the theme, whenever that changes."""
        super().__init__(**kwargs)
        self._again = again
        self._written: Content | None = None

    def write(self, words: Content) -> None:
        """Show ``words``, styles resolved."""
        if self._written is not None and self._written.is_same(words):
            return
        self._written = words
        height = self.styles.height
        self.update(words, layout=height is None or height.is_auto)

    def on_resize(self) -> None:
        if self._again is not None:
            self._again()

    def notify_style_update(self) -> None:
        """Of another theme; the words carry the colours of the one before."""
        super().notify_style_update()
        if self._again is not None and self._written is not None:
            self.call_later(self._again)
