"""The keys of a dialog: a line ends between two of them."""

from hypothesis import given
from hypothesis import strategies as st
from textual.content import Content

from pfinbox.tui.dialogs.key_hints import DOT, lines_of

keys = st.lists(st.sampled_from(["^s send", "^t to whom", "tab", "esc", "ы ждать"]), min_size=1)


@given(keys, st.integers(1, 60))
def test_a_key_and_its_word_stay_together(parts: list[str], width: int) -> None:
    lines = [line.plain for line in lines_of(Content(DOT.join(parts)), width)]
    assert [part for line in lines for part in line.split(DOT)] == parts
    assert all(len(line) <= width or line in parts for line in lines)
