"""A scrolled widget that draws its lines itself, in a pane whose size is fixed."""

from textual.geometry import Size
from textual.reactive import var
from textual.scroll_view import ScrollView


class LineView(ScrollView):
    """``ScrollView`` lays the whole screen out when the number of lines changes, and paints every
    scrollbar again. Here the lines move nothing but this view's own scrollbar.
    """

    virtual_size: var[Size] = var[Size](Size(0, 0))

    def watch_has_focus(self, _has_focus: bool) -> None:
        """No rule of the stylesheet asks for it: the view draws its focus itself, and styles of
        many parts need not be made anew for that.
        """
        self.refresh()

    def watch_virtual_size(self, size: Size) -> None:
        self._scroll_update(size)
