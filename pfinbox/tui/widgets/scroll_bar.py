"""A scrollbar that is painted where it changes.

Textual paints all of it for each line that is scrolled, through a console of its own. Of a long
list one line moves the thumb by less than can be shown.
"""

from typing import cast

from rich.color import Color
from rich.segment import Segment
from rich.style import Style
from textual.geometry import Region
from textual.reactive import var
from textual.scrollbar import ScrollBar, ScrollBarRender
from textual.strip import Strip


class LineScrollBar(ScrollBar):
    """The upright scrollbar of a ``LineView``."""

    position: var[float] = var(0.0)

    def __init__(self, *, thickness: int) -> None:
        super().__init__(vertical=True, name="vertical", thickness=thickness)
        # One a line, from the top, and what they were made of.
        self._cells: list[Segment] = []
        self._made_of: object = None

    def watch_position(self) -> None:
        before, self._cells = self._cells, self._draw()
        if len(before) != len(self._cells):
            self.refresh()
            return
        cells = enumerate(zip(before, self._cells, strict=True))
        if changed := [y for y, (old, new) in cells if old != new]:
            first, last = changed[0], changed[-1]
            self.refresh(Region(0, first, self.size.width, last + 1 - first))

    def render_lines(self, crop: Region) -> list[Strip]:
        """Drawn anew each time: colours follow the mouse and the theme."""
        self._cells = self._draw()
        filters, background = self.get_line_filters(), self.background_colors[1]
        # There are no more than five kinds of them.
        drawn: dict[Segment, Strip] = {}
        for cell in self._cells:
            if cell not in drawn:
                strip = Strip([cell], self.thickness)
                for one in filters:
                    strip = strip.apply_filter(one, background)
                drawn[cell] = strip
        return [drawn[cell] for cell in self._cells[crop.y : crop.bottom]]

    def _draw(self) -> list[Segment]:
        bar = cast(ScrollBarRender, self.render())
        style = cast(Style, bar.style)
        made_of = (self.size.height, bar.virtual_size, bar.window_size, bar.position, style)
        if made_of == self._made_of:
            return self._cells
        self._made_of = made_of
        segments = bar.render_bar(
            size=self.size.height,
            virtual_size=bar.virtual_size,
            window_size=bar.window_size,
            position=bar.position,
            thickness=bar.thickness,
            back_color=style.bgcolor or Color.default(),
            bar_color=style.color or Color.default(),
        ).segments
        return list(segments)
