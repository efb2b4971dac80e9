"""What is written less gives the same picture."""

from hypothesis import given
from hypothesis import strategies as st

from pfinbox.tui.shell.sparing import spared
from tests.tui.picture import drawn

_STYLES = (
    *("", "1", "4", "7", "2;3", "38;2;1;2;3", "48;2;9;9;9", "1;38;2;1;2;3;48;2;9;9;9", "33"),
    *("38;5;7;44", "97;103", "48;2;8;8;8", "7;38;2;1;2;3;48;2;9;9;9", "38;2;5;5;5;48;2;9;9;9"),
)


@st.composite
def _output(draw: st.DrawFn) -> str:
    """Pieces as Textual writes them: each set, and reset behind it."""
    parts = [draw(st.sampled_from(("", "\x1b[?2026h")))]
    for _number in range(draw(st.integers(0, 12))):
        if draw(st.booleans()):
            parts += ["\n" * draw(st.integers(0, 1)), f"\x1b[{draw(st.integers(1, 3))};2H"]
        style, text = draw(st.sampled_from(_STYLES)), draw(st.text("ab ", min_size=1, max_size=4))
        parts.append(f"\x1b[{style}m{text}\x1b[0m" if style else text)
    return "".join(parts)


@given(_output())
def test_the_picture_is_the_same_and_nothing_stays_set(data: str) -> None:
    less = spared(data)
    picture, codes = drawn(less)
    assert picture == drawn(data)[0]
    assert codes == ""
    assert len(less) <= len(data) + len("\x1b[0m")


def test_a_colour_is_set_once() -> None:
    piece = "\x1b[38;2;1;2;3;48;2;9;9;9m{}\x1b[0m"
    data = (
        piece.format("a") + "\x1b[48;2;9;9;9m \x1b[0m" + "\x1b[1;9H\n\x1b[2;1H" + piece.format("b")
    )
    assert spared(data) == "\x1b[38;2;1;2;3;48;2;9;9;9ma \x1b[2;1Hb\x1b[0m"
