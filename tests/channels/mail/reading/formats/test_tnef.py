"""winmail.dat unpacked, calendar invitations as one line, pictures where they stand."""

import struct
from base64 import b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pfinbox.channels.mail.reading.formats.calendar import one_line
from pfinbox.channels.mail.reading.formats.rtf import decompress, words
from pfinbox.channels.mail.reading.formats.tnef import unpack
from tests.channels.mail.letters import multipart, part, read


def attribute(identity: int, value: bytes, level: int = 2) -> bytes:
    return struct.pack("<BII", level, identity, len(value)) + value + b"\0\0"


def sized(identity: int, kind: int, value: bytes) -> bytes:
    padding = b"\0" * (-len(value) % 4)
    return struct.pack("<HHII", kind, identity, 1, len(value)) + value + padding


def properties(*given: bytes) -> bytes:
    return struct.pack("<I", len(given)) + b"".join(given)


def tnef(*attributes: bytes) -> bytes:
    return struct.pack("<IH", 0x223E9F78, 1) + b"".join(attributes)


def a_file(title: bytes, content: bytes, *more: bytes) -> bytes:
    held = [attribute(0x69002, b"\1\0"), attribute(0x18010, title + b"\0")]
    held += [attribute(0x6800F, content)] if content else []
    held += [attribute(0x69005, properties(*more))] if more else []
    return b"".join(held)


NAMED = struct.pack("<HH", 0x101E, 0x8001) + b"g" * 16 + struct.pack("<II", 1, 6) + b"a\0b\0\0\0"
NAMED += b"\0\0" + struct.pack("<II", 1, 2) + b"x\0\0\0"
INNER = tnef(attribute(0x2800C, b"inner words\0", 1), a_file(b"deep.txt", b"deep"))
PACKED = tnef(
    attribute(0x69007, struct.pack("<II", 1251, 0), 1),
    attribute(0x2800C, "Привет".encode("cp1251") + b"\0", 1),
    a_file(b"LONGNA~1.PDF", b"%PDF", sized(0x3707, 0x1F, "Счёт 4417.pdf\0".encode("utf-16-le"))),
    a_file("фото.jpg".encode("cp1251"), b"jpg", NAMED, sized(0x370E, 0x1E, b"image/jpeg\0")),
    a_file(b"Enclosed", b"", sized(0x3701, 0xD, b"g" * 16 + INNER)),
)


def packed(data: bytes) -> str:
    return part(
        b64encode(data).decode(),
        'application/ms-tnef; name="winmail.dat"',
        Content_Transfer_Encoding="base64",
    )


def test_r20_winmail_dat_is_unpacked() -> None:
    message = read(multipart("mixed", part("See the invoice."), packed(PACKED)))
    assert message.text == "See the invoice."
    assert [(file.name, file.media_type, file.content) for file in message.files] == [
        ("Счёт 4417.pdf", "application/octet-stream", b"%PDF"),
        ("фото.jpg", "image/jpeg", b"jpg"),
        ("Enclosed.txt", "text/plain", b"inner words"),
        ("deep.txt", "application/octet-stream", b"deep"),
    ]
    assert read(multipart("mixed", packed(PACKED))).text == "Привет"


def literal(rtf: bytes) -> bytes:
    """Compressed as little as MS-OXRTFCP allows: every byte stands for itself."""
    body = b"".join(b"\0" + rtf[at : at + 8] for at in range(0, len(rtf), 8))
    return struct.pack("<IIII", len(body) + 12, len(rtf), 0x75465A4C, 0) + body


def with_rtf(packed: bytes) -> bytes:
    return tnef(attribute(0x69003, properties(sized(0x1009, 0x102, packed)), 1))


@pytest.mark.parametrize(
    ("source", "text"),
    [
        (
            r"{\rtf1\ansi\ansicpg1252{\fonttbl{\f0\fswiss Arial;}{\f1\fcharset204 Arial Cyr;}}"
            r"{\*\generator Outlook;}{\info{\author Eve}}\f0 Hello \'96 \f1\'cf\'f0\'e8\'e2\'e5\'f2"
            r"\f0\par\tab a\{b\}\\c \u8364? \uc2\u55357 ??\u56832 ??!\~x{\pict 0102}\bin3 \}}}"
            r"\line end}",
            "Hello – Привет\n\ta{b}\\c € 😀!\u00a0x\nend",
        ),
        (
            r"{\rtf1\ansi\ansicpg1251\fromhtml1 \deff0{\fonttbl{\f0 x;}}{\*\htmltag64 <p>}\htmlrtf "
            r"{\htmlrtf0 \'d6\'e5\'ed\'e0 {\*\htmltag84 <b>}\htmlrtf {\b\htmlrtf0 10 "
            r"{\*\htmltag84 &lt;}\htmlrtf <\htmlrtf0 {\*\htmltag92 </b>}\htmlrtf }"
            r"\htmlrtf0{\*\mhtmltag64 <q>}"
            r"{\*\htmltag72 </p>}\htmlrtf\par}\htmlrtf0 }",
            "Цена 10 <",
        ),
        ("{" * 5000 + r"\u-1?\'zz\bin-9 \uc99 \f999999999 deep", "\uffffzzdeep"),
        ("no rtf at all \\", "no rtf at all"),
    ],
)
def test_an_rtf_body_is_read_where_there_is_no_other(source: str, text: str) -> None:
    raw = source.encode()
    for packed_rtf in (literal(raw), struct.pack("<IIII", 9, len(raw), 0x414C454D, 0) + raw):
        found = read(multipart("mixed", packed(with_rtf(packed_rtf)))).text
        assert found.replace("\uffff", "").strip() == text.replace("\uffff", "").strip()


def test_an_rtf_body_is_unpacked_as_its_format_says_and_no_further() -> None:
    # The example of MS-OXRTFCP, 4.1.1.
    example = bytes.fromhex(
        "2d0000002b0000004c5a4675f1c5c7a703000a00726370673132354232"
        "0af32068656c090020627705b06c647d0a800fa0"
    )
    plain = b"{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n"
    assert decompress(example) == plain
    # Eight pieces of seventeen bytes for seventeen: what it grows to has an end.
    bomb, at = b"", 207
    for _round in range(1000):
        bomb += b"\xff"
        for _piece in range(8):
            bomb += struct.pack(">H", (at - 1) % 4096 << 4 | 15)
            at += 17
    packed_bomb = struct.pack("<IIII", len(bomb) + 12, 0x7FFFFFFF, 0x75465A4C, 0) + bomb
    assert len(decompress(packed_bomb, 50_000)) == 50_000
    for broken in (b"", b"x" * 15, b"x" * 40):
        message = read(multipart("mixed", part("x"), packed(with_rtf(broken))))
        assert message.files[-1].name == "winmail.dat"


@pytest.mark.parametrize("broken", [PACKED[:-20], PACKED[:90], b"no tnef", b"", PACKED + b"\1"])
def test_r20_what_cannot_be_unpacked_stays_whole(broken: bytes) -> None:
    message = read(multipart("mixed", part("x"), packed(broken)))
    assert message.files[-1].name == "winmail.dat"
    assert message.files[-1].content == broken


@given(st.binary(max_size=300), st.integers(6, len(PACKED)), st.booleans())
def test_nothing_in_it_raises_or_grows(noise: bytes, at: int, replace: bool) -> None:
    data = PACKED[:at] + noise + (PACKED[at + len(noise) :] if replace else b"")
    found = unpack(data)
    assert sum(len(file.content) for file in found.files) <= 2 * len(data)


_RTF = [
    "{",
    "}",
    "\\*",
    "\\htmltag ",
    "\\u8364?",
    "\\'cf",
    "\\fonttbl",
    "\\f1 ",
    "\\bin9 ",
    "x",
    "\\",
]


@given(st.binary(max_size=200), st.lists(st.sampled_from([*_RTF, "\\fromhtml1 ", "\\uc-5 ", "é"])))
def test_no_rtf_raises(noise: bytes, pieces: list[str]) -> None:
    text, _is_html = words("".join(pieces).encode() + noise)
    text.encode()
    assert len(decompress(struct.pack("<IIII", 0, 999, 0x75465A4C, 0) + noise)) <= 999


EVENT = """BEGIN:VCALENDAR\r
METHOD:REQUEST\r
BEGIN:VTIMEZONE\r
TZID:Europe/Warsaw\r
END:VTIMEZONE\r
BEGIN:VEVENT\r
BEGIN:VALARM\r
SUMMARY:no\r
END:VALARM\r
DTSTART;TZID=Europe/Warsaw:20261103T100000\r
DTEND;TZID=Europe/Warsaw:20261103T110000\r
SUMMARY:Brake check\\, both\r
  wheels\r
LOCATION:Leeds\\nhall 2\r
END:VEVENT\r
END:VCALENDAR\r
"""
LINE = "[REQUEST] Brake check, both wheels · 2026-11-03 10:00–11:00 Europe/Warsaw · Leeds hall 2"


def test_a_calendar_invitation_is_one_line_and_a_file() -> None:
    kind = "text/calendar; charset=utf-8; method=REQUEST"
    invitation = part(EVENT.replace("\r\n", "\n"), kind)
    both = multipart(
        "alternative", part("You are invited."), part("<p>You!</p>", "text/html"), invitation
    )
    message = read(both)
    assert message.text == f"You are invited.\n\n{LINE}"
    assert [(file.name, file.media_type) for file in message.files] == [
        ("invite.ics", "text/calendar")
    ]
    assert read(multipart("mixed", invitation)).text == LINE


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("BEGIN:VEVENT\nDTSTART;VALUE=DATE:20261103\nSUMMARY:Fair", "[EVENT] Fair · 2026-11-03"),
        (
            "METHOD:CANCEL\nBEGIN:VEVENT\nDTSTART:20261103T100000Z",
            "[CANCEL] · 2026-11-03 10:00 UTC",
        ),
        (
            "BEGIN:VEVENT\nDTSTART:20261103T220000\nDTEND:20261104T010000",
            "[EVENT] · 2026-11-03 22:00 – 2026-11-04 01:00",
        ),
        ("BEGIN:VEVENT\nDTSTART:never\nSUMMARY:x", "[EVENT] x"),
        ("BEGIN:VTODO\nSUMMARY:x", None),
        ("", None),
    ],
)
def test_calendars_of_every_kind(text: str, line: str | None) -> None:
    assert one_line(text) == line


def test_pictures_keep_their_place() -> None:
    html = "<p>Here:</p><img src='cid:p1@x'><p>and</p>"
    html += "<img src='cid:gone'><img alt='Logo' src='http://t'>"
    picture = part(
        "x", 'image/png; name="brake.png"', Content_ID="<p1@x>", Content_Disposition="inline"
    )
    related = multipart("related", part(html, "text/html"), picture)
    shown = "Here:\n\n[brake.png]\n\nand\n\n[…][Logo]"
    assert read(related).text == shown
    # Apple Mail's plain part does not say where they are; Outlook's and Gmail's do.
    inner = related.partition(b"\r\n\r\n")[2].decode().replace("\r\n", "\n").replace("--B", "--C")
    rich = part(inner, 'multipart/related; boundary="C"')
    assert read(multipart("alternative", part("Here:\nand"), rich)).text == shown
    outlook = multipart("alternative", part("Here: [cid:p1@x] and"), rich)
    assert read(outlook).text == "Here: [brake.png] and"
    gmail = multipart("alternative", part("Here: [image: brake.png] and"), rich)
    assert read(gmail).text == "Here: [image: brake.png] and"
