"""What of a file can be seen in the terminal."""

import io
import struct
import zipfile
import zlib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pfinbox.tui.files.preview import MOST, image_size, preview
from pfinbox.tui.files.sandbox import read_sandboxed

PNG = b"\x89PNG\r\n\x1a\n" + struct.pack(">I4sII", 13, b"IHDR", 640, 480)
JPEG = (
    b"\xff\xd8\xff\xe0" + struct.pack(">H", 16) + b"JFIF\0" + bytes(9)
    + b"\xff\xc4" + struct.pack(">H", 4) + bytes(2)
    + b"\xff\xc2" + struct.pack(">HBHH", 17, 8, 480, 640) + bytes(12)
)  # fmt: skip


def pdf(words: str) -> bytes:
    """The smallest PDF 1.4 with a page that shows ``words``."""
    stream = f"BT /F1 12 Tf 20 100 Td ({words}) Tj ET"
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 200] /Contents 4 0 R"
        " /Resources << /Font << /F1 5 0 R >> >> >>",
        f"<< /Length {len(stream)} >> stream\n{stream}\nendstream",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    body, places = "%PDF-1.4\n", []
    for number, one in enumerate(objects, 1):
        places.append(len(body))
        body += f"{number} 0 obj {one} endobj\n"
    table = "".join(f"{place:010} 00000 n \n" for place in places)
    size = len(objects) + 1
    end = f"trailer << /Size {size} /Root 1 0 R >>\nstartxref\n{len(body)}\n%%EOF"
    return f"{body}xref\n0 {size}\n0000000000 65535 f \n{table}{end}".encode()


@pytest.mark.parametrize(
    ("content", "size"),
    [
        (PNG, ("PNG", 640, 480)),
        (JPEG, ("JPEG", 640, 480)),
        (b"GIF89a" + struct.pack("<HH", 640, 480), ("GIF", 640, 480)),
        (b"RIFF....WEBPVP8X" + bytes(8) + b"\x7f\x02\x00\xdf\x01\x00", ("WebP", 640, 480)),
        (b"RIFF....WEBPVP8 " + bytes(10) + struct.pack("<HH", 640, 480), ("WebP", 640, 480)),
        (b"RIFF....WEBPVP8L" + bytes(5) + (639 | 479 << 14).to_bytes(4, "little"),
         ("WebP", 640, 480)),
        (b"Hello", None),
    ],
)  # fmt: skip
def test_the_size_of_an_image_stands_in_its_head(
    content: bytes, size: tuple[str, int, int] | None
) -> None:
    assert image_size(content) == size


@settings(deadline=None)  # a PDF is read by a process
@given(st.sampled_from([b"", PNG[:8], JPEG[:4], JPEG, b"GIF89a", b"RIFF....WEBP"]), st.binary())
async def test_any_bytes_give_a_text(head: bytes, rest: bytes) -> None:
    assert isinstance(await preview("application/octet-stream", head + rest), str)


@pytest.mark.parametrize("charset", ["utf-8", "utf-8-sig", "utf-16", "cp1251", "koi8-r"])
async def test_text_of_any_charset_is_read(charset: str) -> None:
    text = "Здравствуйте, пришлите, пожалуйста, счёт за октябрь. Спасибо! " * 3
    assert await preview("text/plain", text.encode(charset)) == text


async def test_of_a_long_text_the_beginning_is_shown() -> None:
    shown = await preview("text/csv", b"a;b\n" * MOST)
    assert len(shown) < MOST + 100
    assert shown.endswith("s saves the whole)")


async def test_the_words_of_a_pdf_are_read_by_a_process_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Files as clients name them, saved where the agent is now.
    for name in ("pypdf.py", "io.py", "pfinbox.py"):
        (tmp_path / name).write_text("print('taken over')")
    monkeypatch.chdir(tmp_path)
    assert await preview("application/pdf", pdf("Invoice 2231")) == "Invoice 2231"
    assert "There is no text" in await preview("application/pdf", b"%PDF-1.4 broken")


async def test_a_bomb_is_not_unpacked() -> None:
    """Two kilobytes of PDF whose page has 128 MB, pages within themselves, an archive (R20)."""
    page = zlib.compress(zlib.compress(bytes(1 << 27), 1))
    plain = pdf("")
    start, end = plain.index(b"<< /Length"), plain.index(b"endobj\n5 0")
    head = b"<< /Length %d /Filter [/FlateDecode /FlateDecode] >> stream\n" % len(page)
    large = plain[:start] + head + page + b"\nendstream " + plain[end:]
    assert len(large) < 2500
    endless = pdf("x").replace(b"/Kids [3 0 R]", b"/Kids [2 0 R]")
    for bomb in (large, endless):
        assert "There is no text" in await preview("application/pdf", bomb)
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a", bytes(1 << 20))
    shown = await preview("application/zip", file.getvalue())
    assert shown.startswith("This kind of file cannot be shown here")


async def test_a_file_that_takes_its_reader_over_is_not_listened_to_without_end() -> None:
    code, out = await read_sandboxed("tests.servers.taken_over", bytes(1 << 20), "x", most=1000)
    assert (code != 0, len(out)) == (True, 1001)
