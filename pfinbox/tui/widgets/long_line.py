"""A very long line of a text area, drawn as fast as others.

Textual cuts a line into all its rows to draw one of them, for each row anew: with a pasted line of
a megabyte that took seconds at every key. Here the rows are cut once, and once more after a change.
"""

from collections.abc import Iterable
from typing import Any

from rich.containers import Lines
from rich.text import Span, Text

# Characters; shorter lines are Textual's.
LONG = 4000


class _Rows(Lines):
    """The rows of a line, with the styles of those that are asked for."""

    def __init__(self, rows: list[Text], starts: list[int], spans: list[Span]) -> None:
        super().__init__()
        self._lines = rows
        self._starts = starts
        self._spans = spans

    def __getitem__(self, index: Any) -> Any:
        row, start = self._lines[index], self._starts[index]
        end = start + len(row)
        styled = [span for span in self._spans if span.start < end and span.end > start]
        if not styled:
            return row
        row = row.copy()
        for span in styled:
            row.stylize(span.style, max(span.start - start, 0), min(span.end, end) - start)
        return row


class LongLine(Text):
    """``rows`` is where its owner keeps what was cut last."""

    def __init__(self, text: str, rows: dict[tuple[str, tuple[int, ...]], list[Text]]) -> None:
        super().__init__(text, end="", no_wrap=True)
        self._rows = rows

    def divide(self, offsets: Iterable[int]) -> Lines:
        cuts = tuple(offsets)
        key = (self.plain, cuts)
        if key not in self._rows:
            self._rows.clear()
            self._rows[key] = list(Text(self.plain, end="").divide(cuts))
        return _Rows(self._rows[key], [0, *cuts], self.spans)
