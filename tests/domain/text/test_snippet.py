"""The piece of a text that shows why it was found, and the words that are looked for."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pfinbox.domain.text.snippet import beginning, snippet
from pfinbox.domain.text.words import MAX_DOCUMENT, MAX_WORD, document, stands_in, words


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Где мой Счёт-фактура?", ["где", "мой", "счет", "фактура"]),
        ("Zażółć GĘŚLĄ jaźń, Łódź", ["zazolc", "gesla", "jazn", "lodz"]),
        ("maria@client.example", ["maria", "client", "example"]),
        ("don't_stop №5 ℡", ["don", "t", "stop", "no5", "tel"]),
        ("返金・ください", ["返", "金", "く", "た", "さ", "い"]),
        ("\x00'\"*():^\ud800", []),
    ],
)
def test_words_are_folded_letters_and_digits(text: str, found: list[str]) -> None:
    assert words(text) == found


@given(st.text(st.characters(codec=None)))
def test_words_of_words_are_the_same(text: str) -> None:
    found = words(text)
    assert words(" ".join(found)) == found


def test_a_document_is_bounded_and_keeps_what_is_not_the_text() -> None:
    whole = document(["Title"], "слово " * 60_000, authors=["Maria"], author_agent=7)
    assert len(whole) <= MAX_DOCUMENT
    assert whole.startswith("title · ←maria · ⇐7 · слово")
    assert len(document([], "x" * 1000)) == len("· ") + MAX_WORD


def test_a_phrase_stands_in_words() -> None:
    among = ["my", "order", "seventeen"]
    assert stands_in(["order", "seven"], True, among)
    assert not stands_in(["order", "seven"], False, among)
    assert not stands_in(["my", "seventeen"], False, among)


def test_a_snippet_shows_the_first_phrase_found() -> None:
    text = "Добрый день!\n\n" + "и так далее " * 40 + "где мой Счёт за октябрь " + "и ещё " * 90
    shown = snippet(text, [(("счет", "за"), False)])
    assert shown is not None
    assert "мой Счёт за октябрь" in shown
    assert shown.startswith("… ")
    assert shown.endswith("…")
    assert len(shown) <= 120
    assert snippet(text, [(("нет",), True)]) is None
    assert beginning("  two\n lines ") == "two lines"


@given(st.text(), st.text(max_size=4))
def test_a_snippet_is_one_short_line(text: str, sought: str) -> None:
    found = words(sought)
    shown = snippet(text, [(found, True)]) if found else beginning(text)
    assert shown is None or (len(shown) <= 121 and "\n" not in shown)
