"""Constructions that parsers take more than linear time for are read in linear time all the same.

Found by a fuzz over tags and parts. Time is the process's own: a busy machine changes nothing.
"""

import random
import time
from itertools import chain

import pytest

from pfinbox.channels.mail.reading.formats.html_limits import MAX_ATTRIBUTES, MAX_DEPTH
from tests.channels.mail.letters import letter, read

_SIZE = 400_000
# Three times what the dearest of these takes; one that grows with the square takes minutes.
_SECONDS = 5.0


def filled(unit: str, before: str = "", after: str = "") -> str:
    return before + unit * (_SIZE // len(unit)) + after


def nested(depth: int) -> str:
    """Multiparts in each other, and many lines in the innermost one."""
    parts = (f"Content-Type: multipart/mixed; boundary=b{n}\n\n--b{n}\n" for n in range(1, depth))
    return "--b0\n" + "".join(parts) + filled("x\n")


HTML = {
    "attributes": "<p " + " ".join(f"a{n}=1" for n in range(_SIZE // 8)) + ">x",
    "attributes of an end tag": "</p " + " ".join(f"a{n}=1" for n in range(_SIZE // 3)) + ">x",
    "attributes behind a comment": '<!-- <p a="-->'
    + "<p "
    + " ".join(f"a{n}=1" for n in range(_SIZE // 8)),
    "attributes behind a quoted bracket": '<p a=">"' + "".join(f"b{n}=''" for n in range(50_000)),
    "options": filled("<option>x", "<select>"),
    "groups": filled("<option><optgroup>"),
    "open elements": filled("<div>"),
    "styles that every paragraph opens again": filled(
        "<p>x", "<p>" + "".join(f"<b id={n}>" for n in range(MAX_DEPTH - 100)) + "</p>"
    ),
    "stray end tags": filled("</code><b>"),
    "stray end tags of another name": filled("</search><ol>"),
    "cells in a formula": filled("<td>", "<math>"),
    "styles without an end": filled("<style><p " + "a " * 200),
    "comments without an end": filled("<!--<p " + "a " * 200),
    "tags within tags": filled('<a b="<a c='),
    "long names": filled("<" + "a" * 300),
    "tables": filled("<table border=1><tr><td>"),
    "links": filled("<a href=http://x>"),
    "entities": filled("&amp"),
    "names that nobody closes": "".join(f"<x{n}></x{n}>" for n in range(20_000)),
}
MAILS = {
    "nested parts": letter(nested(200), Content_Type="multipart/mixed; boundary=b0"),
    "nested parts, old line ends": letter(
        nested(200), Content_Type="multipart/mixed; boundary=b0"
    ).replace(b"\nx\r\n", b"\nx\r"),
    "many parts": letter(filled("--B\n\nx\n"), Content_Type="multipart/mixed; boundary=B"),
    "many texts": letter(
        ("--B\nContent-Type: text/html\n\n" + "<p>x" * 25_000 + "\n") * 60,
        Content_Type="multipart/mixed; boundary=B",
    ),
    "one flowing line": letter(filled("x \n") * 3, Content_Type="text/plain; format=flowed"),
}


@pytest.mark.parametrize("name", [*HTML, *MAILS])
def test_what_is_built_to_take_long_is_read_soon(name: str) -> None:
    raw = MAILS[name] if name in MAILS else letter(HTML[name], Content_Type="text/html")
    before = time.process_time()
    message = read(raw)
    assert time.process_time() - before < _SECONDS
    assert message.title == "Question"


def test_repeated_tags_in_any_order_take_linear_time() -> None:
    """The fuzz that found most of them, with other names each week: one unit, many times."""
    names = ["b", "div", "li", "option", "table", "td", "h1", "svg", "math", "form", "ruby", "dl"]
    names += ["select", "button", "a", "p"]
    choose = random.Random(12).choice
    started = time.process_time()
    for _ in range(60):
        unit = "".join(
            f"<{choose(['', '', '/'])}{choose(names)}>" for _ in range(choose([1, 2, 3]))
        )
        read(letter(unit * (40_000 // len(unit)), Content_Type="text/html"))
    assert time.process_time() - started < 3 * _SECONDS


def test_what_a_person_writes_is_read_as_it_is() -> None:
    """Beyond the limits the text is still there; below them nothing is lost."""
    crowded = "<p " + " ".join(f"a{n}=1" for n in range(MAX_ATTRIBUTES + 1)) + ">Fish &amp; chips"
    style = "<style>p { color: red }</style><!-- never shown -->"
    shortened = read(letter(style + crowded, Content_Type="text/html"))
    assert shortened.text == "Fish & chips"
    assert [one.kind for one in shortened.warnings] == ["text_shortened"]
    many = " ".join(f"a{n}=1" for n in range(MAX_ATTRIBUTES - 1))
    deep = chain(["<div>"] * (MAX_DEPTH - 10), ["Good"], ["</div>"] * (MAX_DEPTH - 10))
    whole = read(letter(f"<p {many}>Very</p>" + "".join(deep), Content_Type="text/html"))
    assert (whole.text.split(), whole.warnings) == (["Very", "Good"], ())
