"""Odd mails as they exist: each is read, none raises, and what it says is found (R1, R2, R20)."""

from base64 import encodebytes
from datetime import UTC, datetime
from email.parser import BytesParser
from email.policy import compat32

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pfinbox.channels.mail.reading.mime import _one_part
from pfinbox.domain.contract.party import Party
from tests.channels.mail.letters import letter, multipart, part, read


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        ("Client <Client@Example.ORG>", Party("client@example.org", "Client")),
        ('"Doe, John" <j@x.org>', Party("j@x.org", "Doe, John")),
        ("=?utf-8?Q?Doe,_John?= <j@x.org>", Party("j@x.org", "Doe, John")),
        ("=?koi8-r?B?4c7OwQ==?= <a@x.ru>", Party("a@x.ru", "Анна")),
        (
            "=?utf-8?B?0JA=?= =?utf-8?B?0L3QvdA=?= =?utf-8?B?sA==?= <a@x.ru>",
            Party("a@x.ru", "Анна"),
        ),
        ('"=?utf-8?B?0JDQvdC90LA=?=" <a@x.ru>', Party("a@x.ru", "Анна")),
        ("client@example.org (Real Name)", Party("client@example.org", "Real Name")),
        ("=?x-unknown?Q?Jos=E9?= <j@x.es>", Party("j@x.es", "José")),
        ('"Broken <j@x.org>', Party("j@x.org", "Broken")),
        ("=?utf-8?Q?a=0D=0ABcc:_x?= <j@x.org>", Party("j@x.org", "a Bcc: x")),
        ("a@пример.рф", Party("a@xn--e1afmkfd.xn--p1ai")),
        ("MAILER-DAEMON", Party("", "MAILER-DAEMON")),
        ("a@", Party("", "a@")),
        ("<>", Party("", "<>")),
        ("undisclosed:;", Party("", "undisclosed:;")),
        ("Team: Ann <ann@x.org>, bob@x.org;", Party("ann@x.org", "Ann")),
        ("", Party("", "")),
    ],
)
def test_r2_senders(field: str, expected: Party) -> None:
    assert read(letter(From=field)).sender == expected


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        ("=?utf-8?B?0J/RgNC40LLQtdGC?=", "Привет"),
        ("=?windows-1251?Q?=CF=F0=E8=E2=E5=F2?=", "Привет"),
        ("=?utf-8?Q?one=0D=0Atwo?=", "one two"),
        ("=?utf-8?Q?caf=C3=A9?= and =?iso-8859-1?Q?na=EFve?=", "café and naïve"),
        ("=?utf-8?Q?broken=C3?=", "brokenÃ"),
        ("=?gb2312?B?xOO6ww==?=", "你好"),
        ("=?idna?Q?abc?=", "abc"),
        ("=?zlib_codec?B?eJw=?=", None),
        ("folded\r\n subject", "folded subject"),
        ("a" * 50_000, "a" * 16_384),
    ],
)
def test_r1_subjects(field: str, expected: str | None) -> None:
    title = read(letter(Subject=field)).title
    assert title is not None
    assert expected is None or title == expected


def test_raw_eight_bit_headers_are_guessed() -> None:
    raw = letter(Subject="").replace(b"Message-ID", "Subject: Добрый день\r\nMessage-ID".encode())
    assert read(raw).title == "Добрый день"
    cp1251 = "Subject: Добрый день, уважаемые коллеги\r\nMessage-ID".encode("cp1251")
    raw = letter(Subject="").replace(b"Message-ID", cp1251)
    assert read(raw).title == "Добрый день, уважаемые коллеги"


@pytest.mark.parametrize(
    ("charset", "encoded", "expected"),
    [
        ("utf-8", "Привет".encode(), "Привет"),
        ("koi8-r", "Привет".encode("koi8-r"), "Привет"),
        ("x-unknown", "Привет".encode(), "Привет"),
        ("us-ascii", "Привет".encode(), "Привет"),
        ("utf-8", "smart ’quotes’".encode("cp1252"), "smart ’quotes’"),
        ("iso-8859-1", b"it\x92s", "it’s"),
        ("undefined", b"plain", "plain"),
        ("rot13", b"plain", "plain"),
        ("a\0b", b"plain", "plain"),
    ],
)
def test_charsets_of_bodies(charset: str, encoded: bytes, expected: str) -> None:
    raw = letter(encoded, Content_Type=f'text/plain; charset="{charset}"')
    assert read(raw).text.strip() == expected


def test_plain_is_preferred_unless_it_is_a_stub() -> None:
    html = part(f"<p>{'The real thing. ' * 20}</p>", "text/html; charset=utf-8")
    short = part("<p>Plain <b>words</b></p>", "text/html; charset=utf-8")
    assert read(multipart("alternative", part("plain words"), short)).text == "plain words"
    stub = part("Your browser cannot show HTML.")
    assert read(multipart("alternative", stub, html)).text.startswith("The real thing.")
    assert read(multipart("alternative", part(" \n"), html)).text.startswith("The real thing.")


def test_html_only() -> None:
    raw = letter(
        "<html><head><title>no</title><style>p{}</style></head><body><p>Hello <b>you</b></p>"
        "<div style='display:none'>preheader</div><a href='https://x.org/a'>here</a>"
        "<img src='https://track.example/p.gif'><blockquote>old</blockquote></body></html>",
        Content_Type="text/html; charset=utf-8",
    )
    assert read(raw).text == "Hello you\n\nhere [1]\n\n> old\n\n[1] https://x.org/a"


@pytest.mark.parametrize(
    ("html", "text"),
    [
        (
            "Order:<table><tr><th>Item<th>Qty</tr><tr><td><p>Wheel,</p><p>blue</p></td>"
            "<td>2</td></tr></table>Bye",
            "Order:\n\nItem | Qty\nWheel, blue | 2\n\nBye",
        ),
        ("<table border=1><tr><td>Bell<td>1</table>", "Bell | 1"),
        ("<table><tr><td>Bell<td>1</table>", "Bell 1"),
        (  # a page laid out with tables
            "<table border=1><tr><td><table><tr><td><p>One</p><p>Two</p></table></table>",
            "One\n\nTwo",
        ),
        ("a<span style='opacity:0'>x</span><i style='max-height:0;overflow:hidden'>y</i>b", "ab"),
        ("<p style='color: transparent'>x</p><p style='background-color:transparent'>b</p>", "b"),
    ],
)
def test_html_of_tables_and_hidden_words(html: str, text: str) -> None:
    assert read(letter(html, Content_Type="text/html; charset=utf-8")).text == text


@pytest.mark.parametrize("tag", ["<div>", "<blockquote>", "<table><tr><td>", "<ul><li>", "<b>"])
def test_html_nested_beyond_reason_ends_and_says_so(tag: str) -> None:
    message = read(letter(f"before{tag * 20_000}x", Content_Type="text/html; charset=utf-8"))
    assert message.text.startswith("before")
    assert len(message.text) < 100_000


def test_several_senders_and_groups() -> None:
    """The first one counts; nobody of several is proven (R22)."""
    both = read(letter("x", "From: A <a@x.org>, B <b@x.org>", From="", Sender="B <b@x.org>"))
    assert (both.sender, both.verified) == (Party("a@x.org", "A"), False)
    twice = read(letter("x", "From: A <a@x.org>", "From: B <b@x.org>", From=""))
    assert twice.sender == Party("a@x.org", "A")
    group = read(letter(To="Team: Ann <ann@x.org>, bob@x.org;, c@x.org", Cc="undisclosed:;"))
    assert [party.value for party in group.to] == ["ann@x.org", "bob@x.org", "c@x.org"]
    assert group.cc == ()


def test_sealed_and_signed_mail_keeps_its_parts() -> None:
    sealed = part("-----BEGIN PGP", "application/octet-stream; name=encrypted.asc")
    mail = multipart("encrypted", part("Version: 1", "application/pgp-encrypted"), sealed)
    assert [file.name for file in read(mail).files][-1] == "encrypted.asc"
    signature = part("sig", 'application/pkcs7-signature; name="smime.p7s"')
    signed = read(multipart("signed", part("signed words"), signature))
    assert (signed.text, [file.name for file in signed.files]) == ("signed words", ["smime.p7s"])
    kind = 'application/pkcs7-mime; smime-type=enveloped-data; name="smime.p7m"'
    assert [file.name for file in read(letter("AAAA", Content_Type=kind)).files] == ["smime.p7m"]


def test_r20_files_with_any_name() -> None:
    raw = multipart(
        "mixed",
        part("see files"),
        part("x", "application/pdf", Content_Disposition='attachment; filename="a/b\\\\c.pdf"'),
        part(
            "eA==",
            "application/octet-stream",
            Content_Transfer_Encoding="base64",
            Content_Disposition="attachment; filename*=utf-8''%D0%94%D0%BE%D0%B3.doc",
        ),
        part("y", 'image/png; name="=?utf-8?B?0JDQvdC90LA=?=.png"', Content_ID="<cid1>"),
        part("z", "application/ms-tnef", Content_Disposition="attachment; filename=winmail.dat"),
        part("<b>page</b>", "text/html", Content_Disposition='attachment; filename="p.html"'),
        part("Subject: inner\n\ninner text\n", "message/rfc822"),
    )
    message = read(raw)
    assert message.text == "see files\n\n[MESSAGE] inner"
    names = [file.name for file in message.files]
    assert names == ["a/b\\c.pdf", "Дог.doc", "Анна.png", "winmail.dat", "p.html", "message.eml"]
    assert message.files[1].content == b"x"
    # Those that stand in the mail as they are need not be stored beside it.
    cut = [file.slice.of(raw) == file.content for file in message.files[:5] if file.slice]
    assert cut == [True] * 5
    assert message.files[2].content_id == "cid1"
    assert b"inner text" in message.files[5].content


def test_r20_an_enclosed_mail_is_a_file_and_a_line_that_says_what_it_is() -> None:
    """As "forward as attachment" makes it; Exchange encodes what RFC 2046 says is never encoded."""
    inner = (
        "From: Pat <pat@x.org>\nSubject: Inner\nDate: Mon, 2 Nov 2026 10:00:00 +0200\n\nWords.\n"
    )
    encoded = {
        "7bit": inner,
        "base64": encodebytes(inner.encode()).decode(),
        "quoted-printable": inner.replace("Words", "=57ords"),
        "x-odd": inner,
    }
    for encoding, body in encoded.items():
        one = part(body, "message/rfc822", Content_Transfer_Encoding=encoding)
        message = read(multipart("mixed", part("See it."), one))
        line = "[MESSAGE] Inner · Pat <pat@x.org> · 2026-11-02 08:00 UTC"
        assert message.text == f"See it.\n\n{line}"
        assert message.files[0].content.decode().strip() == inner.strip()
    # The quotation above it is folded away all the same.
    answer = part("Here it is.\n\nOn 2 Nov 2026, 10:00, Support wrote:\n> Which one?\n")
    message = read(multipart("mixed", answer, part(inner, "message/rfc822")))
    assert message.new_text == f"Here it is.\n\n{line}"
    broken = part("no base64!", "message/rfc822", Content_Transfer_Encoding="base64")
    assert b"no base64!" in read(multipart("mixed", part("x"), broken)).files[0].content


@pytest.mark.parametrize(
    ("kind", "body", "text"),
    [
        (
            "format=flowed",
            "one \ntwo\n> quoted \n> more\n>> deep \n> back\n-- \nsig\n",
            "one two\n> quoted more\n>> deep \n> back\n-- \nsig",
        ),
        ("format=flowed; delsp=yes", "\u6771 \n\u4eac\n", "\u6771\u4eac"),
        ("format=flowed", " >no quotation\n From here\n", ">no quotation\nFrom here"),
        ("format=fixed", "one \ntwo\n", "one \ntwo"),
    ],
)
def test_flowed_text_is_joined(kind: str, body: str, text: str) -> None:
    raw = letter(body, Content_Type=f"text/plain; charset=utf-8; {kind}")
    assert read(raw).text == text


def test_times() -> None:
    raw = letter(
        "x",
        "Received: from a by b; Mon, 2 Nov 2026 12:00:05 +0200",
        Date="Mon, 2 Nov 2026 11:59:59 +0200",
    )
    message = read(raw)
    assert message.sent_at == datetime(2026, 11, 2, 10, 0, 5, tzinfo=UTC)
    assert message.claimed_at == datetime(2026, 11, 2, 9, 59, 59, tzinfo=UTC)
    for odd in ("yesterday", "Mon, 99 Foo 2026", "", "Mon, 2 Nov 99999 11:00:00 +9999"):
        assert read(letter(Date=odd)).claimed_at is None


def test_reply_to_of_fifty_kilobytes_is_quick_and_harmless() -> None:
    for odd in ('"', ",", ".", "(", "a:", "<", "\\"):
        assert read(letter(Reply_To=odd * 50_000, Cc=odd * 50_000)).text == "Hello"


def test_reply_to_and_recipients() -> None:
    message = read(letter(Reply_To="Desk <desk@x.org>", Cc="A <a@x.org>, b@x.org, A2 <a@x.org>"))
    assert message.answer_to == Party("desk@x.org", "Desk")
    assert message.cc == (Party("a@x.org", "A"), Party("b@x.org"))
    assert read(letter(Reply_To="client@example.org")).answer_to is None


def test_no_more_parts_than_reasonable() -> None:
    message = read(multipart("mixed", *(part(f"p{number}") for number in range(500))))
    assert [warning.kind for warning in message.warnings] == ["parts_left_out"]
    assert message.text.startswith("p0\n\np1")


@pytest.mark.parametrize("depth", [30, 3000])
def test_nested_beyond_reason(depth: int) -> None:
    head = "".join(
        f'Content-Type: multipart/mixed; boundary="b{level}"\n\n--b{level}\n'
        for level in range(depth)
    )
    raw = b"From: a@b.cd\nSubject: deep\n" + head.encode() + b"\n\ntext"
    message = read(raw)
    assert message.title == "deep"
    assert [warning.kind for warning in message.warnings] == ["parts_left_out"]


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\n",
        b"no header at all",
        b"\0\0\0",
        b"From: \xff\xfe\r\n\r\n\xff\0\xfe",
        b"Content-Type: multipart/mixed\r\n\r\nno boundary",
        b"Content-Type: multipart/mixed; boundary=x\r\n\r\nno parts",
        b"Content-Type: text/plain; charset*=''%ff\r\n\r\nx",
        b"Content-Type: message/rfc822\r\nContent-Transfer-Encoding: base64\r\n\r\neA==",
        b"Content-Transfer-Encoding: base64\r\n\r\n=====",
        b"Content-Transfer-Encoding: uuencode\r\n\r\nbegin 666 x\nzzz",
        b"Message-ID: <[a]@[b]>\r\nReferences: <>\r\n <@>\r\n\r\nx",
        b"Date: " + b"9" * 5000 + b"\r\n\r\nx",
        b"X: y\r\n" * 50_000 + b"\r\nx",
        b"Content-Type: text/plain" + b"; a=b" * 20_000 + b"\r\n\r\nx",
    ],
)
def test_nothing_raises(raw: bytes) -> None:
    message = read(raw)
    assert isinstance(message.text, str)


def test_r42_spam_is_marked_by_the_configured_header() -> None:
    assert read(letter(X_Spam_Flag="YES")).spam
    assert not read(letter(X_Spam_Flag="NO")).spam
    assert not read(letter()).spam


_lines = st.sampled_from(
    [b"A: b", b"Content-Type: text/plain", b"no field", b" folded", b"From x", b"\xc2\x85", b""]
)
_ends = st.sampled_from([b"\r\n", b"\n", b"\r", b"\r\n\r\n"])


@given(st.lists(st.tuples(_lines, _ends).map(b"".join), max_size=8).map(b"".join))
def test_a_mail_without_parts_is_what_the_parser_would_make_of_it(raw: bytes) -> None:
    found, parsed = _one_part(raw), BytesParser(policy=compat32).parsebytes(raw)
    if found is not None:
        assert list(found.raw_items()) == list(parsed.raw_items())
        assert vars(found)["_payload"] == vars(parsed)["_payload"]
