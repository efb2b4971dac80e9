"""What has changed of a screen is drawn, as far as it is seen, and nothing else is asked for lines.

Textual draws a rectangle around all changes: for a row of the list and the head beside it that is
most of the screen, with every pane and with what lies under the panes.
"""

from collections.abc import Iterable, Sequence
from operator import itemgetter

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
        bare: list[Region] = []
        for region in sorted(changed, key=lambda one: -one.area):
            bare += _without([region], bare)
        pieces: list[Piece] = []
        # From front to back: what a widget draws is not seen of those behind it.
        for widget, (region, clip) in self.visible_widgets.items():
            if not bare:
                break
            seen = region.intersection(clip)
            parts = [part for one in bare if (part := one.intersection(seen))]
            if not parts:
                continue
            bare = _without(bare, parts)
            for part in parts:
                left, right = part.x - seen.x, part.right - seen.x
                crop = Region(seen.x - region.x, part.y - region.y, seen.width, part.height)
                lines = enumerate(widget.render_lines(crop), part.y)
                pieces += [(y, part.x, line.crop(left, right)) for y, line in lines]
        pieces.sort(key=itemgetter(0, 1))
        return Pieces(pieces) if pieces else None


def _without(regions: list[Region], taken: Iterable[Region]) -> list[Region]:
    """What is left of ``regions``, in rectangles that touch no other."""
    for one in taken:
        left: list[Region] = []
        for region in regions:
            part = region.intersection(one)
            if not part:
                left.append(region)
                continue
            x, y, width, height = region
            beside = (
                Region(x, y, width, part.y - y),
                Region(x, part.bottom, width, y + height - part.bottom),
                Region(x, part.y, part.x - x, part.height),
                Region(part.right, part.y, x + width - part.right, part.height),
            )
            left += [rest for rest in beside if rest]
        regions = left
    return regions
