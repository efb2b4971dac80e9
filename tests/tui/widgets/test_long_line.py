"""A line of a megabyte in the composer: cut into rows once, and drawn as Textual would."""

from rich.text import Text

from pfinbox.tui.widgets.long_line import LONG, LongLine


def test_the_rows_are_those_of_textual_with_their_styles() -> None:
    plain = "a\tb " * LONG
    cuts = list(range(37, len(plain), 37))
    kept: dict[tuple[str, tuple[int, ...]], list[Text]] = {}
    for start, end in ((0, 0), (5, 36), (30, 200), (37, 74), (len(plain) - 1, len(plain))):
        ours, theirs = LongLine(plain, kept), Text(plain, end="", no_wrap=True)
        for line in (ours, theirs):
            line.stylize("red", start, end)
        mine, wanted = ours.divide(cuts), theirs.divide(cuts)
        assert len(mine) == len(wanted)
        for n in (0, 1, 2, 5, len(cuts) - 1, len(cuts)):
            assert mine[n].plain == wanted[n].plain
            assert mine[n].spans == wanted[n].spans
    rows = next(iter(kept.values()))
    LongLine(plain, kept).divide(cuts)
    assert next(iter(kept.values())) is rows
    LongLine(plain + "x", kept).divide(cuts)
    assert len(kept) == 1
