"""The line at the left of a pane, which stands out where the agent is."""

from typing import ClassVar

from textual.content import Content
from textual.reactive import reactive
from textual.strip import Strip
from textual.widget import Widget

from pfinbox.tui.widgets import paint


class Divider(Widget):
    """No border of the pane: another colour of that would lay the whole screen out again."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"divider--active"}

    active: reactive[bool] = reactive(False)

    def render_line(self, y: int) -> Strip:
        line = Content.styled("▏", "divider--active" if self.active else "")
        return paint.strip(self, line, self.visual_style, self.size.width)
