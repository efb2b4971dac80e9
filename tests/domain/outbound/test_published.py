"""R46: a published file is had by its address only, and not for ever."""

from datetime import UTC, datetime, timedelta
from urllib.parse import unquote

from hypothesis import given
from hypothesis import strategies as st

from pfinbox.domain.outbound.published import LIFETIME, PublishedFile, path, read

KEY, NOW = b"k" * 32, datetime(2026, 11, 28, tzinfo=UTC)


@given(st.text(max_size=30), st.text(max_size=30))
def test_r46_the_address_says_which_file(name: str, media_type: str) -> None:
    file = PublishedFile("a" * 64, name, media_type)
    _empty, f, token, last = path(KEY, file, NOW).split("/")
    assert (f, unquote(last)) == ("f", name)
    assert read(KEY, token, NOW) == file
    assert read(KEY, token, NOW + LIFETIME + timedelta(seconds=1)) is None
    assert read(b"other" * 8, token, NOW) is None


@given(st.text(max_size=80), st.integers(0, 60))
def test_r46_no_other_address_gives_anything(guess: str, at: int) -> None:
    token = path(KEY, PublishedFile("a" * 64, "n", "t"), NOW).split("/")[2]
    changed = token[:at] + ("A" if token[at] != "A" else "B") + token[at + 1 :]
    assert read(KEY, guess, NOW) is None
    assert read(KEY, changed, NOW) is None
