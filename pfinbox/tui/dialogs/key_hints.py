"""What the keys of a dialog do: a line ends between two of them, never inside one."""

from collections.abc import Iterator

from textual.content import Content
from textual.geometry import Size
from textual.widgets import Static

# Between two keys, where one line has room for both.
DOT = " · "


class KeyHints(Static):
    """Words such as ``enter choose · esc leave``."""

    def write(self, hints: Content) -> None:
        self.update(hints)

    @property
    def _hints(self) -> Content:
        hints = self.content
        return hints if isinstance(hints, Content) else Content(str(hints))

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        return len(list(lines_of(self._hints, width)))

    def render(self) -> Content:
        return Content("\n").join(lines_of(self._hints, self.content_size.width))


def lines_of(hints: Content, width: int) -> Iterator[Content]:
    """The lines that ``width`` cells allow; only a key that is wider itself is too long."""
    for line in hints.split("\n", allow_blank=True):
        held: list[Content] = []
        for one in line.split(DOT):
            if held and Content(DOT).join([*held, one]).cell_length > width:
                yield Content(DOT).join(held)
                held = []
            held.append(one)
        yield Content(DOT).join(held)
