"""A scrolled widget that draws its lines itself, in a pane whose size is fixed."""

from collections.abc import Iterable

from textual.geometry import Region, Size
from textual.reactive import var
from textual.scroll_view import ScrollView
from textual.scrollbar import ScrollBar
from textual.strip import Strip

from pfinbox.tui.widgets import paint
from pfinbox.tui.widgets.scroll_bar import LineScrollBar


class LineView(ScrollView):
    """``ScrollView`` lays the whole screen out when the number of lines changes, and paints every
    scrollbar again. Here the lines move nothing but this view's own scrollbar.
    """

    virtual_size: var[Size] = var[Size](Size(0, 0))

    @property
    def vertical_scrollbar(self) -> ScrollBar:
        """Made as Textual makes its own, when it is first asked for."""
        if self._vertical_scrollbar is None:
            bar = LineScrollBar(thickness=self.scrollbar_size_vertical)
            self._vertical_scrollbar = bar
            bar.display = False
            self.app._start_widget(self, bar)
        return self._vertical_scrollbar

    def render_lines(self, crop: Region) -> list[Strip]:
        return paint.finished(self, self.draw(range(crop.y, crop.bottom)), crop)

    def draw(self, lines: range) -> Iterable[Strip]:
        """These lines of the screen."""
        return map(self.render_line, lines)

    def watch_has_focus(self, _has_focus: bool) -> None:
        """No rule of the stylesheet asks for it: the view draws its focus itself, and styles of
        many parts need not be made anew for that.
        """
        self.refresh()

    def watch_virtual_size(self, size: Size) -> None:
        self._scroll_update(size)
