"""The search field's language: what is understood, what is refused, and that nothing else fails."""

import string
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pfinbox.domain.text.query import OPERATORS, Condition, Query, Term, parse
from pfinbox.errors import UsageError

_pieces = st.sampled_from(
    [*(f"{name}:" for name in OPERATORS), '"', "-", "*", " ", "#", "(", ")", "AND", "NOT", "NEAR("]
)
anything = st.one_of(
    st.text(st.characters(codec=None), max_size=80),
    st.lists(st.one_of(_pieces, st.text(max_size=5), st.sampled_from(["2026-11-02", "all"]))).map(
        "".join
    ),
)

# What the databases' languages and our own marks are made of.
_SPECIAL = set(string.punctuation + string.whitespace + "·←→⇐⇒\x00")


def term(*words: str, **values: object) -> Term:
    return Term(words, **values)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("refund", [term("refund", prefix=True)]),
        ("my refund", [term("my"), term("refund", prefix=True)]),
        ("invo* order is:open", [term("invo", prefix=True), term("order", prefix=True)]),
        ('order "my refund"', [term("order", prefix=True), term("my", "refund")]),
        ("Re: AW: my refund", [term("my"), term("refund", prefix=True)]),
        ('"Re: my refund"', [term("my", "refund")]),
        ('"my refu"*', [term("my", "refu", prefix=True)]),
        ('"never closed', [term("never", "closed")]),
        ("Ёлка ŁÓDŹ мой", [term("елка"), term("lodz"), term("мой", prefix=True)]),
        ("order -spam", [term("order", prefix=True), term("spam", negated=True)]),
        ('-"two words"', [term("two", "words", negated=True)]),
        ("e-mail 10:30", [term("e", "mail"), term("10", "30", prefix=True)]),
        ("https://a.example/b", [term("https", "a", "example", "b", prefix=True)]),
        ("from:Mari", [term("mari", prefix=True, where="from")]),
        ('to:"Maria Nowak"', [term("maria", "nowak", where="to")]),
        ("-From:anna", [term("anna", prefix=True, negated=True, where="from")]),
        ("a@b.example", [term("a", "b", "example", prefix=True, where="address")]),
        ("你好", [term("你", "好", prefix=True)]),
        ("order - * !", [term("order", prefix=True)]),
        ("-#5", [term("5", negated=True)]),
    ],
)
def test_words_phrases_and_prefixes(text: str, terms: list[Term]) -> None:
    assert list(parse(text).terms) == terms


@pytest.mark.parametrize(
    ("text", "condition"),
    [
        ("tag:vip", Condition("tag", "vip")),
        ('TAG:"two words"', Condition("tag", "two words")),
        ("-is:Open", Condition("is", "open", negated=True)),
        ("has:attachment", Condition("has", "attachment")),
        ("after:2026-11-02", Condition("after", "2026-11-02", day=date(2026, 11, 2))),
        ("before:2026-11", Condition("before", "2026-11", day=date(2026, 11, 1))),
        ("before:2026", Condition("before", "2026", day=date(2026, 1, 1))),
        ("after:2.11.2026", Condition("after", "2.11.2026", day=date(2026, 11, 2))),
    ],
)
def test_operators(text: str, condition: Condition) -> None:
    assert parse(text).conditions == (condition,)


def test_a_number_sign_names_a_task_and_a_bare_number_may_be_one() -> None:
    assert parse("#128 refund").tasks == (128,)
    assert parse("128") == Query((term("128", prefix=True),), number=128)


def test_what_holds_no_word_finds_nothing_and_nothing_is_no_query() -> None:
    assert parse("…!").hopeless
    assert not parse("  ")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("colour:red", r"no operator colour:, known: from: to: channel: .* has: is: in:"),
        ("before:yesterday", "yesterday is no date; write before:2026-11-02"),
        ("after:2026-13-01", "2026-13-01 is no date"),
        ("after:0001-01-01", "is no date"),
        (
            "is:red",
            "is:red is not known; known: is:unread, is:open, is:closed, "
            "is:mine, is:snoozed, is:failed",
        ),
        ("in:nowhere", "known: in:trash, in:spam, in:all"),
        ("tag: vip", "tag: needs a value"),
        ('from:"!"', "from: needs a value"),
        ("x " * 501, "too long"),
        ("x " * 51, "too long"),
    ],
)
def test_what_is_not_understood_is_refused_in_one_sentence(text: str, sentence: str) -> None:
    with pytest.raises(UsageError, match=sentence):
        parse(text)


@given(anything)
def test_no_text_fails_otherwise_and_only_letters_and_digits_go_on(text: str) -> None:
    try:
        query = parse(text)
    except UsageError:
        return
    for one in query.terms:
        assert one.words
        assert not set("".join(one.words)) & _SPECIAL, one
    for condition in query.conditions:
        condition.value.encode("utf-8")
