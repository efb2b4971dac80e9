"""Spans hold harmless words, whoever renders them."""

from pfinbox.wording.spans import Role, Span, joined, outside, plain, said


def test_words_from_outside_are_cleaned_and_cut() -> None:
    (span,) = outside("\x1b[2J\none\u202e  line", Role.NAME, 12)
    assert span.role is Role.NAME
    assert "\x1b" not in span.text
    assert "\n" not in span.text
    assert len(span.text) <= 12


def test_a_sentence_is_its_parts_in_a_row() -> None:
    line = joined(", ", [said("one"), outside("two", Role.NAME)], Role.ASIDE)
    assert line == (Span("one"), Span(", ", Role.ASIDE), Span("two", Role.NAME))
    assert plain(line) == "one, two"
