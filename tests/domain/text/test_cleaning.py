"""Client text is made harmless in one place, whatever it is."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pfinbox.domain.contract.channel import Limits, TextUnit
from pfinbox.domain.contract.parts import cut, split, units
from pfinbox.domain.text.cleaning import _is_common, clean, clean_line, fold
from pfinbox.domain.text.subjects import without_signs

_anything = st.text(st.characters(codec=None), max_size=200)


@given(_anything)
def test_clean_is_idempotent_and_leaves_nothing_that_acts(text: str) -> None:
    cleaned = clean(text)
    assert clean(cleaned) == cleaned
    cleaned.encode("utf-8")
    for char in cleaned:
        assert char == "\n" or unicodedata.category(char) not in {"Cc", "Cs"}
        assert (
            char not in "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\ufeff"
        )


@given(_anything | st.text("a <@.>\x00\x7f\t", max_size=20))
def test_clean_line_is_one_line_and_idempotent(text: str) -> None:
    line = clean_line(text)
    assert line == " ".join(clean(text).split())
    assert "\n" not in line
    assert line == line.strip()
    assert clean_line(line) == line


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b]52;c;aGk=\x07", "␛]52;c;aGk=␇"),
        ("a\x00b", "a␀b"),
        ("one\r\ntwo\u2028three", "one\ntwo\nthree"),
        ("evil\u202etxt.exe", "eviltxt.exe"),
        ("\ud800", "\ufffd"),
        ("Zażółć ёлка 你好 👋", "Zażółć ёлка 你好 👋"),
    ],
)
def test_clean_table(text: str, shown: str) -> None:
    assert clean(text) == shown


def test_what_is_taken_for_common_needs_no_cleaning() -> None:
    common = [chr(code) for code in range(0x10000) if _is_common(chr(code))]
    assert len(common) > 40_000
    kept = "".join(common)
    # A sign that does need it makes the whole text be looked through.
    assert clean(kept + "\t") == kept + "    "
    assert not any(map(unicodedata.combining, common))


def test_r1_of_answers_and_forwards_the_same_subject_is_left() -> None:
    for subject in ("Question", "Re: Question", "Fwd:Question", "Odp: AW[2]:  Question"):
        assert without_signs(subject) == "Question"


def test_a_tower_of_marks_is_cut_in_one_pass() -> None:
    # Quadratic code would not come back before the suite's time limit.
    assert len(clean("a" + "\u0301" * 1_000_000)) == 5


@pytest.mark.parametrize(
    ("one", "other"),
    [("Ёлка", "елка"), ("Łódź", "lodz"), ("STRASSE", "straße"), ("Мой", "мой"), ("café", "CAFE")],
)
def test_fold_makes_them_equal(one: str, other: str) -> None:
    assert fold(one) == fold(other)


def test_fold_keeps_different_letters_apart() -> None:
    assert fold("мой") != fold("мои")


@given(st.text(max_size=300), st.integers(4, 40), st.sampled_from(TextUnit))
def test_r25_split_loses_no_word_and_no_piece_is_too_long(
    text: str, limit: int, unit: TextUnit
) -> None:
    pieces = split(text, limit, unit)
    assert all(0 < units(piece, unit) <= limit for piece in pieces)
    squeeze = "".join
    assert squeeze("".join(pieces).split()) == squeeze(text.split())


def test_r20_short_text_travels_as_the_caption_of_a_single_file() -> None:
    limits = Limits(max_text=4096, max_caption=10, files_per_part=1)
    assert [(p.text, p.files) for p in cut("short", 1, limits)] == [("short", (0,))]
    assert [(p.text, p.files) for p in cut("too long for it", 2, limits)] == [
        ("too long for it", ()),
        ("", (0,)),
        ("", (1,)),
    ]
