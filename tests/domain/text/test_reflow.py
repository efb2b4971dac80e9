"""Hard-wrapped mail is read as paragraphs; what has lines of its own keeps them."""

import textwrap

from hypothesis import assume, given
from hypothesis import strategies as st

from pfinbox.domain.text.reflow import NARROWEST, reflow

WORDS = st.lists(st.text("abcdefgh", min_size=1, max_size=12), min_size=8, max_size=60)


@given(WORDS, st.integers(60, 80))
def test_what_was_wrapped_is_one_paragraph_again(words: list[str], width: int) -> None:
    paragraph = " ".join(words)
    wrapped = textwrap.wrap(paragraph, width)
    assume(max(map(len, wrapped)) >= NARROWEST)
    mail = "\n".join(["Hello,", "", *wrapped, "", "Best regards", "Maria"])
    assert reflow(mail) == f"Hello,\n\n{paragraph}\n\nBest regards\nMaria"


@given(st.text("ab .\n->1|\t", max_size=300))
def test_only_line_breaks_become_blanks(text: str) -> None:
    found = reflow(text)
    assert len(found) == len(text)
    assert all(a == b or (a, b) == ("\n", " ") for a, b in zip(text, found, strict=True))


def test_lines_with_a_shape_stay() -> None:
    for line in ("- one", "> said", "  code", "1. first", "name  value", "* star"):
        block = "\n".join([f"{line} {'x' * 50} and so on"] * 3)
        assert reflow(block) == block
    verse = "\n".join(["Roses are red,", "violets are blue"])
    assert reflow(verse) == verse
    sentences = "\n".join(["This line is a whole sentence and it is as long as that one."] * 3)
    assert reflow(sentences) == sentences
