"""A scrolled widget that draws its lines itself, in a pane whose size is fixed."""

from collections.abc import Iterable

from textual.geometry import Region, Size
from textual.reactive import var
from textual.scroll_view import ScrollView
from textual.scrollbar import ScrollBar
from textual.strip import Strip

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
        """The lines as they are drawn: without a border Textual has nothing to add to them, and a
        line that was drawn before costs nothing wherever it has been scrolled to.
        """
        background = self.background_colors[1]
        filters, base = self.get_line_filters(), self.visual_style.rich_style
        left, right = crop.column_span
        strips = []
        for line in self.draw(range(crop.y, crop.bottom)):
            strip = line.adjust_cell_length(right, base)
            for one in filters:
                strip = strip.apply_filter(one, background)
            strips.append(strip.crop(left, right))
        return strips

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
