"""Which parts of a client's text a terminal may open, and where they lead."""

import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pfinbox.domain.text.links import MAX_LINKS, MAX_TARGET, Link, links


def found(text: str) -> list[tuple[str, str]]:
    """What is shown, and where it leads."""
    return [(text[link.start : link.end], link.target) for link in links(text)]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("see https://a.example/x_(y).", "https://a.example/x_(y)"),
        ("(https://a.example/)", "https://a.example/"),
        ("<http://a.example:8080/?q=1&r=2#top>", "http://a.example:8080/?q=1&r=2#top"),
        ("**https://a.example/x**, yes", "https://a.example/x"),
        ("„https://a.example”", "https://a.example"),
        ("http://[::1]:80/x", "http://[::1]:80/x"),
        ("mailto:a@b.example?subject=x", "mailto:a@b.example?subject=x"),
        ("Call tel:+48123456789!", "tel:+48123456789"),
    ],
)
def test_a_link_ends_where_the_sentence_goes_on(text: str, shown: str) -> None:
    assert found(text) == [(shown, shown)]


@pytest.mark.parametrize(
    "text",
    [
        "https://bank.example@evil.example/",
        "https://bank.example:80@evil.example",
        "https://bank.example\\@evil.example",
        "https://bank.example／evil.example",
        "http://a.example:99999/",
        "https:///etc/passwd",
        "https://.",
        "mailto:nobody",
        "tel:call-me now".replace(" ", "\\"),
        "javascript:alert(1) data:text/html,x file:///etc/passwd ssh://a.example",
        "xhttps://a.example",
        "https://" + "a" * MAX_TARGET,
    ],
)
def test_what_may_lead_elsewhere_is_no_link(text: str) -> None:
    assert found(text) == []


def test_other_letters_are_written_as_the_terminal_asks_for_them() -> None:
    text = "https://аpple.com/ü and https://faß.example"
    first, second = links(text)
    assert first == Link(0, 19, "https://xn--pple-43d.com/%C3%BC", "xn--pple-43d.com")
    # Where the name that is asked for is another one, that is said.
    assert (second.target, second.host) == ("https://fass.example", "fass.example")


SCHEMES = ["https://", "HTTP://", "mailto:", "tel:"]
ENDS = ["\x1b]8;;", "\x07", "\x1b\\", "\x9c", "\u202e", "\u200d", "\n"]
pieces = st.sampled_from([*SCHEMES, *ENDS, "a.example", "аб", *" @/\\%()[]:?#;"])
texts = st.lists(st.one_of(pieces, st.text(max_size=8)), max_size=30).map("".join)


@settings(max_examples=150)
@given(texts)
def test_whatever_a_client_writes_a_target_is_plain_and_says_where_it_leads(text: str) -> None:
    last = 0
    for link in links(text):
        assert last <= link.start < link.end <= len(text)
        last = link.end
        shown = text[link.start : link.end]
        assert re.fullmatch(r"(https?://|mailto:|tel:)[!-~]+", link.target)
        assert len(link.target) <= MAX_TARGET
        if not link.target.startswith(("mailto:", "tel:")):
            host = re.split(r"[/?#]", link.target.split("://", 1)[1])[0]
            assert "@" not in host
            assert "\\" not in link.target
            # Either it is written there, or it stands beside it.
            assert host.lower() in shown.lower() or host.split(":")[0] == link.host


def test_a_megabyte_of_links_takes_no_time() -> None:
    begun = time.thread_time()
    for text in (
        "http://" * 150_000,
        ("https://a.example/" + ")" * 1900 + " ") * 500,
        ("https://" + "я" * 250 + " ") * 4000,
        "https://" + "(" * 1_000_000,
    ):
        assert len(list(links(text))) <= MAX_LINKS
    assert time.thread_time() - begun < 2
