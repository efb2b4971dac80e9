"""Mails that we write come back as they were meant: through our own reader (R15, R19, R20, R45)."""

import re
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.utils import getaddresses
from functools import partial
from html import unescape
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pfinbox.channels.mail.smtp import tokens
from pfinbox.channels.mail.smtp.compose import compose
from pfinbox.domain.contract.files import File
from pfinbox.domain.contract.incoming import Sort
from pfinbox.domain.contract.outgoing import Forwarded, Outgoing
from pfinbox.domain.contract.party import Party
from pfinbox.domain.text.cleaning import clean, clean_line
from pfinbox.domain.text.mail_address import normalise
from tests.channels.mail.letters import KEY, read

NOW = datetime(2026, 11, 2, 10, 0, tzinfo=UTC)
ID = tokens.message_id(KEY, "c1", "n", "example.com")
ANNA = Party("support@example.com", "Anna, Example Support")


def build(text: str = "Hello", **more: Any) -> bytes:
    fields: dict[str, Any] = {"to": (Party("maria@example.org", "Мария"),), "subject": "Question"}
    reply_to, sender = more.pop("reply_to", None), more.pop("sender", ANNA)
    part = Outgoing(chat_key=None, text=text, created_at=NOW, **(fields | more))
    return compose(part, source_id=ID, sender=sender, reply_to=reply_to, mac_key=KEY)


def test_r15_head_and_text() -> None:
    raw = build(cc=(Party("p@x.org"),), reply_to="support+c1.mac@example.com")
    message = read(raw)
    assert message.sender == ANNA
    assert message.to == (Party("maria@example.org", "Мария"),)
    assert message.cc == (Party("p@x.org"),)
    assert message.answer_to == Party("support+c1.mac@example.com", "Anna, Example Support")
    assert message.title == "Question"
    assert message.source_id == ID
    assert message.claimed_at == NOW
    assert message.text == "Hello"
    assert raw.isascii()


def test_a_resend_is_the_same_mail() -> None:
    assert build(text="x") == build(text="x")


def test_r19_a_quotation_with_its_attribution() -> None:
    message = read(
        build(
            "Yes.",
            quote_text="Is it?\n> older",
            quote_author="Maria",
            quoted_at=NOW,
            in_reply_to="<q@x>",
        )
    )
    assert message.text == "Yes.\n\nOn 2026-11-02 10:00 UTC, Maria wrote:\n> Is it?\n>> older"
    assert message.new_text == "Yes."
    assert message.references == ("<q@x>",)


def test_references_are_whole_however_long() -> None:
    ids = tuple(f"<{number}{'x' * 200}@example.org>" for number in range(30))
    raw = build(in_reply_to=ids[-1], references=ids)
    assert read(raw).references == ids[::-1]
    assert b"=?" not in raw.partition(b"References:")[2].partition(b"\r\nContent")[0]
    assert max(map(len, raw.split(b"\r\n"))) < 998


def test_markdown_becomes_plain_html_and_no_html_of_the_author() -> None:
    raw = build("**bold** <script>x</script> ![a](https://x/y.png)\n[link](javascript:x)")
    html = next(part for part in _parts(raw) if "<html>" in part)
    assert "<strong>bold</strong>" in html
    assert "<script>" not in html
    assert "<img" not in html
    assert 'href="javascript' not in html


TYPED = """# order is *2*3* and 2 * 3
1) first
3. third
- 5 °C outside
    four blanks  and two
____
Price: 5_000_ & __init__ <b>
A line
===
~/path\\*.txt and **/*.py &amp;"""


def test_what_an_agent_typed_arrives_as_typed_r15() -> None:
    """No headings, lists, rules, code by indent or entities: the words as they stand."""
    raw = build(TYPED)
    plain, html = (part.replace("\r\n", "\n") for part in _parts(raw))
    assert plain.startswith(TYPED)
    shown = re.sub("<[^>]*>", "", html.replace("<br>", "")).strip()
    assert unescape(shown).replace("\xa0", " ") == TYPED
    assert set(re.findall("<(\\w+)", html)) == {"html", "head", "meta", "body", "div", "br"}


def test_what_surely_is_a_mark_becomes_html() -> None:
    link = "[here **now**](https://x.example/?a=b&c)"
    raw = build(f"***a*** `x<y`\n> quoted\nand {link}\n```\n1\n2\n```")
    html = _parts(raw)[1].replace("\r\n", "\n")
    assert "<strong><em>a</em></strong> <code>x&lt;y</code><br>\n<block" in html
    assert "\n<blockquote>quoted</blockquote>\nand " in html
    shown = '<a href="https://x.example/?a=b&amp;c">here <strong>now</strong></a><br>\n'
    assert f"{shown}<pre>1\n2</pre></div>" in html


@given(st.text("*_~`[]()># \n👋<&ab", max_size=60))
@settings(max_examples=60)
def test_marks_nest_and_no_character_of_the_text_is_lost(text: str) -> None:
    html = _parts(build(text))[1]
    open_tags: list[str] = []
    for end, tag in re.findall(r"<(/?)([a-z]+)[^>]*>", html):
        if tag in ("br", "meta"):
            continue
        if end:
            assert open_tags.pop() == tag
        else:
            open_tags.append(tag)
    assert open_tags == []
    shown = unescape(re.sub("<[^>]*>", "", html))
    assert [c for c in shown if c in "👋<&ab"] == [c for c in text if c in "👋<&ab"]


def _parts(raw: bytes) -> list[str]:
    from email import message_from_bytes

    found = []
    for part in message_from_bytes(raw).walk():
        data = part.get_payload(decode=True)
        if isinstance(data, bytes):
            found.append(data.decode())
    return found


@pytest.mark.parametrize(
    "name", ["Договор №5.pdf", "a" * 190 + ".txt", 'q"uote\\.txt', "../../etc/passwd", "a\r\nb", ""]
)
def test_r20_files_with_any_name(name: str) -> None:
    content = bytes(range(256)) * 10
    message = read(build(files=(File(name, "application/pdf", content),)))
    (file,) = message.files
    assert message.sort is Sort.OWN_LOOP
    assert file.content == content
    assert file.name == (clean_line(name).replace("/", "_").replace("\\", "_") or "file")


@pytest.mark.parametrize(
    "kind", ["message/rfc822", "multipart/mixed", "text/plain", "x", "a/b\nc: d"]
)
def test_r20_files_of_any_kind(kind: str) -> None:
    (file,) = read(build(files=(File("f.bin", kind, b"\0\r\nX: y\n\xff"),))).files
    assert file.content == b"\0\r\nX: y\n\xff"


def test_automatic_mail_says_so() -> None:
    assert b"Auto-Submitted: auto-generated" in build(automatic=True)
    assert b"Auto-Submitted: auto-replied" in build(automatic=True, in_reply_to="<q@x>")


# What ends a line, a word, an address or a part for one program or another.
_PIECES = [
    *("\r\nBcc: evil@evil.example", "\nBcc: evil@evil.example\n\n", "\r\n\r\n", "\r", "\n "),
    *("\r\n.\r\nMAIL FROM:<evil@evil.example>", "\0", "\x0b", "\x85", "\u2028", "\ud800"),
    *("=?utf-8?q?=0d=0aBcc:_evil?=", "=?utf-8?b?DQpCY2M6IGV2aWw=?=", ", evil@evil.example"),
    *("<evil@evil.example>", '"', "\\", "(", ":;", "--b", "Content-Type: text/html", "Мария"),
    *("x" * 90, "a", "../../etc/passwd", "\u202egpj.exe"),
]
_odd = st.lists(st.sampled_from(_PIECES), max_size=4).map("".join)
_FIELDS = {"From", "To", "Cc", "Subject", "Date", "Message-ID", "Reply-To", "In-Reply-To"}
_FIELDS |= {"References", "Auto-Submitted", "X-Auto-Response-Suppress", "MIME-Version"}


@given(st.data())
def test_nothing_is_injected_by_any_field(data: st.DataObject) -> None:
    """Another program reads the fields and recipients that were meant, and no more parts."""
    odd = partial(data.draw, _odd)
    names = [odd() for _ in range(data.draw(st.integers(0, 2)))]
    raw = build(
        odd(),
        subject=odd(),
        to=(Party("a@b.cd", odd()), Party("b@b.cd", odd())),
        cc=(Party("c@b.cd", odd()),),
        in_reply_to=odd(),
        references=(odd(), "<first@x.example>"),
        quote_text=odd(),
        quote_author=odd(),
        forwarded=(Forwarded(odd(), NOW, odd(), odd()),),
        files=tuple(File(name, odd(), b"--b\r\n\r\n.\r\n", odd()) for name in names),
        sender=Party("support@example.com", odd()),
        reply_to="support+c1.mac@example.com",
        automatic=data.draw(st.booleans()),
    )
    mail = message_from_bytes(raw, policy=policy.default)
    assert set(mail.keys()) - {"X-Pfinbox-Seal"} <= _FIELDS | {"Content-Type"}, mail.keys()
    assert len(set(mail.keys())) == len(mail.keys())
    found = [one.addr_spec for name in ("To", "Cc") for one in mail[name].addresses]
    assert found == ["a@b.cd", "b@b.cd", "c@b.cd"]
    assert [one.addr_spec for one in mail["From"].addresses] == ["support@example.com"]
    assert [one.addr_spec for one in mail["Reply-To"].addresses] == ["support+c1.mac@example.com"]
    assert raw.isascii()
    assert not re.search(rb"(?<!\r)\n|\r(?!\n)|\0", raw)
    leaves = [part for part in mail.walk() if not part.is_multipart()]
    assert len(leaves) == 2 + len(names)
    for part in leaves[2:]:
        assert part.get_content() == b"--b\r\n\r\n.\r\n"
        assert not re.search(r"[/\\\x00-\x1f\u202e]", part.get_filename() or ""), (
            part.get_filename()
        )


@given(_odd)
def test_what_is_no_address_is_none(odd: str) -> None:
    for typed in (odd, f"a@b.cd{odd}", f"{odd}a@b.cd", f"a{odd}@b.cd", f"x <a@b.cd{odd}>"):
        try:
            address = normalise(typed)
        except ValueError:
            continue
        read_back = getaddresses([address])
        assert [one for _name, one in read_back] == [address], typed
        assert "=?" not in address


_text = st.text(st.characters(codec=None), max_size=300)


@given(text=_text, subject=_text, name=_text)
def test_any_text_survives_and_is_known_again_r12(text: str, subject: str, name: str) -> None:
    raw = build(text, subject=subject, to=(Party("a@b.cd", name),))
    assert max(map(len, raw.split(b"\r\n"))) < 998
    message = read(raw)
    assert message.sort is Sort.OWN_LOOP  # by its seal: not found in the folder of sent mail
    assert read(raw.replace(b"\r\nSubject: ", b"\r\nSubject: x")).sort is not Sort.OWN_LOOP
    assert message.text.split() == clean(text).split()
    assert (message.title or "") == clean_line(subject)
    shown = clean_line(name, 150)
    if shown[:1] not in ("'", '"'):  # quotes around a whole name are taken for a program's own
        assert message.to[0].name == shown
