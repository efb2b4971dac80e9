"""What has changed of a screen is drawn, as far as it is seen, and nothing else is asked for lines.

Textual draws a rectangle around all changes: for a row of the list and the head beside it that is
most of the screen, with every pane and with what lies under the panes.
"""

from collections import defaultdict
from collections.abc import Sequence

from rich.console import Console
from textual._compositor import ChopsUpdate, Compositor
from textual.geometry import Region
from textual.strip import Strip

# Line, column and what is drawn from there on.
Piece = tuple[int, int, Strip]


class Pieces(ChopsUpdate):
    """Pieces of lines, each written in its place."""

    def __init__(self, pieces: Sequence[Piece]) -> None:
        super().__init__([], [], [])
        self.pieces = pieces

    def render_segments(self, console: Console) -> str:
        return "".join(
            f"\x1b[{y + 1};{x + 1}H{strip.render(console)}" for y, x, strip in self.pieces
        )


class SparingCompositor(Compositor):
    """Textual's compositor, which draws less for a change."""

    def render_partial_update(self) -> Pieces | None:
        changed, self._dirty_regions = self._dirty_regions, set()
        # By line, the columns of what is still to be drawn.
        bare: dict[int, list[tuple[int, int]]] = defaultdict(list)
        for y, start, end in self._regions_to_spans(changed):
            bare[y].append((start, end))
        pieces: list[Piece] = []
        # From front to back: what a widget draws is not seen of those behind it.
        for widget, (region, clip) in self.visible_widgets.items():
            if not bare:
                break
            seen = region.intersection(clip)
            taken = _take(bare, seen)
            if not taken:
                continue
            top, bottom = taken[0][0], taken[-1][0] + 1
            lines = widget.render_lines(
                Region(seen.x - region.x, top - region.y, seen.width, bottom - top)
            )
            for y, start, end in taken:
                line = lines[y - top].crop(start - seen.x, end - seen.x)
                pieces.append((y, start, line))
        pieces.sort(key=lambda piece: piece[:2])
        return Pieces(pieces) if pieces else None


def _take(bare: dict[int, list[tuple[int, int]]], seen: Region) -> list[tuple[int, int, int]]:
    """What of ``bare`` is ``seen``, by line from the top; it is bare no longer."""
    left, right = seen.column_span
    taken: list[tuple[int, int, int]] = []
    for y in sorted(y for y in bare if seen.y <= y < seen.bottom):
        rest: list[tuple[int, int]] = []
        for start, end in bare[y]:
            first, last = max(start, left), min(end, right)
            if first >= last:
                rest.append((start, end))
                continue
            taken.append((y, first, last))
            rest += [span for span in ((start, first), (last, end)) if span[0] < span[1]]
        if rest:
            bare[y] = rest
        else:
            del bare[y]
    return taken
