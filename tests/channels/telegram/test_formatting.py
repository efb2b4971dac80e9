"""Formatting both ways: entities of clients become Markdown, agents' Markdown becomes entities."""

import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pfinbox.channels.telegram.reading.entities import marked_up
from pfinbox.domain.text.markup import formatted, units


def spelled(text: str, *entities: tuple[str, int, int] | dict[str, Any]) -> str:
    shapes = [
        e if isinstance(e, dict) else {"type": e[0], "offset": e[1], "length": e[2]}
        for e in entities
    ]
    return marked_up({"text": text, "entities": shapes}, "text", "entities")


def test_marks_stand_where_utf16_says() -> None:
    assert spelled("👋 раз два", ("bold", 3, 3), ("code", 7, 3)) == "👋 **раз** `два`"


def test_nested_marks_close_in_order() -> None:
    assert spelled("раз два", ("italic", 4, 3), ("bold", 0, 7)) == "**раз *два***"


def test_links_are_kept_and_bare_ones_left_alone() -> None:
    link = {"type": "text_link", "offset": 4, "length": 4, "url": "https://a.example/x"}
    assert spelled("вот сайт", link) == "вот [сайт](https://a.example/x)"
    same = {"type": "text_link", "offset": 0, "length": 9, "url": "https://a"}
    assert spelled("https://a", same) == "https://a"


def test_quotations_and_code_blocks() -> None:
    assert spelled("раз\nдва\nтри", ("blockquote", 0, 7)) == "> раз\n> два\nтри"
    block = {"type": "pre", "offset": 0, "length": 4, "language": "python"}
    assert spelled("x=1\n", block) == "```python\nx=1\n\n```"


@given(
    st.text(st.characters(exclude_categories=[]), max_size=60),
    st.lists(
        st.tuples(
            st.sampled_from(["bold", "text_link", "blockquote", "pre", "x"]),
            st.integers(-2, 70),
            st.integers(-2, 70),
        )
    ),
)
@settings(max_examples=200)
def test_no_entities_lose_a_character(text: str, entities: list[tuple[str, int, int]]) -> None:
    out = iter(spelled(text, *entities).encode("utf-16-le", "surrogatepass"))
    assert all(byte in out for byte in text.encode("utf-16-le", "surrogatepass"))


FORMATTED = [
    ("**a** *b* _c_ ~~d~~ `e`", "a b c d e", ["bold", "italic", "italic", "strikethrough", "code"]),
    ("***раз***, два", "раз, два", ["bold", "italic"]),
    ("**раз *два* три**", "раз два три", ["bold", "italic"]),
    ("```py\na = 1\n```", "a = 1", ["pre"]),
    ("> цитата\n> вторая\nответ", "цитата\nвторая\nответ", ["blockquote"]),
    ("[x](https://e.org/?a=b_c_d)", "x", ["text_link"]),
    ("`**a**`", "**a**", ["code"]),
]


@pytest.mark.parametrize(("source", "text", "kinds"), FORMATTED)
def test_markdown_becomes_entities(source: str, text: str, kinds: list[str]) -> None:
    plain, entities = formatted(source)
    assert plain == text
    assert [e.kind for e in entities] == kinds


UNCHANGED = [
    "2 * 3 * 4 = 24",
    "2*3*4 and 2**3**4 and a**b**",
    "snake_case_name and __init__",
    r"C:\Users\_x\*.txt и D:\*.*",
    "1. раз\n\n\n5) два\n- три\n# четыре",
    "[x](javascript:alert(1)) [y] (z)",
    "a < b && c > d &amp; <b>",
    "** не жирно **",
    "*.py, *.txt",
    "-> стрелка",
]


@pytest.mark.parametrize("text", UNCHANGED)
def test_what_is_not_surely_formatting_stays_as_typed(text: str) -> None:
    assert formatted(text) == (text, ())


@given(st.text("*_~`[]()>a \n👋https:/", max_size=80))
@settings(max_examples=300)
def test_entities_lie_within_the_text(source: str) -> None:
    text, entities = formatted(source)
    for entity in entities:
        assert entity.length > 0
        assert 0 <= entity.offset <= units(text) - entity.length


@pytest.mark.parametrize("piece", ["**a", "*a", "_a", "`", "[a](", "~~a", "```\n", "> "])
def test_hostile_repetition_is_quick(piece: str) -> None:
    started = time.process_time()
    formatted(piece * (4096 // len(piece)))
    assert time.process_time() - started < 1
