"""What messages say, whatever clients and strangers put into them (R11, R12, R19, R20)."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pfinbox.channels.matrix.formatting import spelled
from pfinbox.channels.matrix.reading.content import Encrypted, content
from pfinbox.channels.matrix.reading.event import Told, Us, read
from pfinbox.channels.matrix.reading.html import plain

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
US = Us("@us:example.org", b"k" * 32)
_NAMES = ("m.text", "m.replace", "m.annotation", "$e", "mxc://e.org/f", "event_id", "body", "url")
_KEYS = (
    *("msgtype", "body", "m.relates_to", "m.new_content", "rel_type", "event_id", "file", "info"),
    *("formatted_body", "format", "membership", "redacts", "replacement_room", "m.poll", "answers"),
    *("m.in_reply_to", "unsigned", "content", "sender", "state_key", "origin_server_ts", "geo_uri"),
)
_KINDS = (
    *("m.room.message", "m.room.encrypted", "m.room.redaction", "m.reaction", "m.room.member"),
    *("m.room.tombstone", "m.sticker", "m.poll.start", "org.example.unknown"),
)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.sampled_from(_NAMES) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(_KEYS), inner, max_size=5)
    ),
    max_leaves=12,
)
events = st.dictionaries(st.sampled_from(_KEYS), values, max_size=8)


@given(events, st.sampled_from(_KINDS))
@example({"content": {"body": {"msgtype": None, "body": None}}}, "m.room.message")
def test_r12_whatever_an_event_holds_it_is_read_alike_again(event: Any, kind: str) -> None:
    told = Told("!r:e", {"event_id": "$e", **event, "type": kind}, {}, client="@m:e", at="$x")
    assert read(told, US, NOW) == read(Told.of(told.raw()), US, NOW)


@given(st.text(alphabet='<>/ab&;=" \nmx-replyliuolbockqt', max_size=60))
def test_markup_that_is_none_harms_nothing(text: str) -> None:
    assert "<mx-reply>" not in plain(f"<mx-reply>{text}")


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("Hi <b>you</b>", "Hi you"),
        ('see <a href="https://e.org/x">here</a>', "see here <https://e.org/x>"),
        ('<a href="https://e.org/">e.org</a>', "e.org"),
        ('<a href="https://matrix.to/#/@m:e">Maria</a>: hi', "Maria: hi"),
        ("<mx-reply>old</mx-reply>new", "new"),
        ("<ul><li>one</li><li>two</li></ul><ol><li>a<li>b</ol>", "- one\n- two\n1. a\n2. b"),
        ("<blockquote><p>one<br>two</p></blockquote>three", "> one\n> two\nthree"),
        ("<pre><code>x\n  y</code></pre>z", "x\n  y\nz"),
    ],
)
def test_a_formatted_body_is_readable_as_text(html: str, text: str) -> None:
    assert plain(html) == text


@pytest.mark.parametrize(
    ("source", "html"),
    [
        ("plain <b>", None),
        ("**a** & _b_", "<strong>a</strong> &amp; <em>b</em>"),
        ("😀 ***c*** `d<e>`", "😀 <strong><em>c</em></strong> <code>d&lt;e&gt;</code>"),
        ("[x](https://e.org/?a=1&b=2)", '<a href="https://e.org/?a=1&amp;b=2">x</a>'),
        ("> q **x**\ny", "<blockquote>q <strong>x</strong></blockquote><br>y"),
    ],
)
def test_what_the_composer_marks_is_formatted(source: str, html: str | None) -> None:
    assert spelled(source)["body"] == source
    assert spelled(source).get("formatted_body") == html


def test_what_is_too_large_with_its_markup_goes_without() -> None:
    assert spelled("**a** " + "ж" * 6000).keys() == {"body"}


def said(kind: str = "m.room.message", /, **given: Any) -> Any:
    return content({"type": kind, "content": given})


def test_every_kind_of_message_is_shown_whole() -> None:
    assert said(msgtype="m.notice", body="a notice").text == "a notice"
    assert said(msgtype="m.emote", body="waves").text == "* waves"
    place = said(msgtype="m.location", body="Office", geo_uri="geo:52.2,21.0;u=5")
    assert place.text == "📍 Office\nhttps://www.openstreetmap.org/?mlat=52.2&mlon=21.0"
    answers = [{"m.text": [{"body": "yes"}]}, {"org.matrix.msc1767.text": "no"}]
    poll = {"question": {"m.text": [{"body": "Coming?"}]}, "answers": answers}
    assert said("m.poll.start", **{"m.poll": poll}).text == "📊 Coming?\n- yes\n- no"
    assert said(msgtype="org.example.hologram").text == "[org.example.hologram]"
    for msgtype in ("m.image", "m.file", "m.audio", "m.video"):
        one = said(msgtype=msgtype, body="a.bin", url="mxc://e.org/f")
        assert (one.text, one.wanted[0].name, one.wanted[0].url) == ("", "a.bin", "mxc://e.org/f")
    (sticker,) = said("m.sticker", body="cat", url="mxc://e.org/s").wanted
    assert (sticker.name, sticker.media_type) == ("cat", "image/png")
    captioned = said(msgtype="m.image", body="look", filename="a.png", url="mxc://e.org/f")
    assert (captioned.text, captioned.wanted[0].name) == ("look", "a.png")
    sealed = said(msgtype="m.file", body="s.txt", file={"url": "mxc://e.org/f", "iv": "x"})
    assert isinstance(sealed.wanted[0], Encrypted)


def test_r19_a_reply_says_what_it_answers_and_the_fallback_goes() -> None:
    about: dict[str, Any] = {"m.in_reply_to": {"event_id": "$a"}}
    body = "> <@m:e> first\n> second\n\nThanks"
    one = said(**{"msgtype": "m.text", "body": body, "m.relates_to": about})
    assert (one.text, one.answered, one.answered_text) == ("Thanks", "$a", "first\nsecond")
    # A quotation that a person typed stays.
    assert said(msgtype="m.text", body=body).text == body
    thread = {"rel_type": "m.thread", "event_id": "$t", "is_falling_back": True, **about}
    assert said(**{"msgtype": "m.text", "body": "in it", "m.relates_to": thread}).answered is None
