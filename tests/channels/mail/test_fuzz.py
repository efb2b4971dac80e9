"""Any bytes at all: reading never raises, and what it gives can be stored."""

from hypothesis import example, given
from hypothesis import strategies as st

from pfinbox.channels.mail.html import to_text
from pfinbox.channels.mail.replytext import new_text
from pfinbox.domain.text import clean, clean_line
from tests.channels.mail.letters import read

_FIELDS = st.sampled_from(
    [
        *["From", "To", "Cc", "Reply-To", "Subject"],
        *["Message-ID", "In-Reply-To", "References", "Date", "Content-Type"],
        *[
            "Content-Transfer-Encoding",
            "Content-Disposition",
            "Authentication-Results",
            "Return-Path",
            "Auto-Submitted",
        ],
        *["X-Failed-Recipients", "Received", "Delivered-To"],
    ]
)
_PIECES = st.sampled_from(
    [
        *["=?utf-8?q?", "=?koi8-r?B?", "?=", "<", ">", "@", '"', "(", ")", ",", ";", ":", "\\"],
        *["a@b.cd", "multipart/mixed; boundary=B", "multipart/report; report-type=delivery-status"],
        *["text/html", "message/rfc822", "message/delivery-status", "; charset=utf-16", "base64"],
        *["quoted-printable", "uuencode", "attachment; filename*=''%ff", "Mon, 2 Nov 2026", "\0"],
        *["\r\n ", "dmarc=pass", "é", "\udcff", "[#1]", "auto-replied", "x" * 50, "-1", "99999999"],
    ]
)
_LINES = st.sampled_from(
    [
        *["--B", "--B--", "", "Content-Type: text/html", "Content-Type: message/rfc822", "> x"],
        *["<div>", "</p>", "<a href=http://x>", "<!--", "=C3", "begin 644 x", "Message-ID: <a@b>"],
        *["On 2 Nov 2026, A wrote:", "-- ", "From: a", "Sent: b", "To: c", "=?", "\0", "é"],
    ]
)
_LETTERS = st.builds(
    lambda fields, lines: (
        "".join(f"{name}: {''.join(pieces)}\r\n" for name, pieces in fields)
        + "\r\n"
        + "\r\n".join(lines)
    ).encode("utf-8", "surrogateescape"),
    st.lists(st.tuples(_FIELDS, st.lists(_PIECES, max_size=8)), max_size=12),
    st.lists(_LINES, max_size=20),
)


@given(raw=st.one_of(st.binary(max_size=2000), _LETTERS))
@example(raw=b"Content-Type: text/plain; charset=utf-16\r\n\r\n\xd8\x00\xd8")
def test_any_mail_is_read_and_storable(raw: bytes) -> None:
    message = read(raw)
    texts = [message.text, message.new_text, message.title, message.sender.name, message.source_id]
    texts += [file.name for file in message.files]
    for text in texts:
        for shown in (clean(text or ""), clean_line(text or "")):
            assert "\0" not in shown
            shown.encode()  # no surrogates
    for party in (message.sender, *message.to, *message.cc):
        party.value.encode()
        assert not any(char.isspace() or char < " " for char in party.value)
    for found in (message.source_id, *message.references):
        assert len(found) < 1000


_TAGS = ["<div>", "</div>", "<b>", "<ul>", "<li>", "</ul>", "<a href='http://x'>", "</a>", "x"]


@given(st.lists(st.sampled_from(_TAGS)))
def test_any_html_is_text(tags: list[str]) -> None:
    text, whole = to_text("".join(tags))
    assert whole
    assert text.count("x") >= sum(tag == "x" for tag in tags)


@given(st.text())
def test_new_text_is_a_part_of_the_text(text: str) -> None:
    found = new_text(text)
    assert found is None or (found and found in text)
