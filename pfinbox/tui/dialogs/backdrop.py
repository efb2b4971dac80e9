"""What a dialog lets shine through: the panes below it, tinted.

Textual mixes the tint into each piece of a line anew, whenever a dialog is painted; the panes have
a few dozen styles in some thousand pieces.
"""

from collections.abc import Iterable, Iterator
from functools import lru_cache

from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.renderables.background_screen import BackgroundScreen

_PLAIN = Style()


class Backdrop(BackgroundScreen):
    """The screen below, with a tint over it and without its links."""

    @classmethod
    def process_segments(cls, segments: Iterable[Segment], color: Color) -> Iterator[Segment]:
        for text, style, control in segments:
            yield Segment(text, None if control else _tinted(style or _PLAIN, color), control)


@lru_cache(4096)
def _tinted(style: Style, tint: Color) -> Style:
    (piece,) = BackgroundScreen.process_segments([Segment("", style)], tint)
    return piece.style or _PLAIN
