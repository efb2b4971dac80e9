"""What can be seen of a file without leaving the terminal: text, a PDF's words, an image's size."""

import struct

from pfinbox.i18n import _
from pfinbox.tui.files.sandbox import WITHOUT, read_sandboxed

# Characters shown of a text, bytes read for it.
MOST = 200_000
_TEXTS = (
    *("application/json", "application/xml", "application/yaml", "application/x-yaml"),
    *("application/sql", "application/csv", "application/ics", "message/rfc822"),
)
_MARKS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))


async def preview(media_type: str, content: bytes) -> str:
    """A text to read, or a sentence that says why there is none; still a stranger's words."""
    if content.startswith(b"%PDF-"):
        return await _pdf(content)
    if (size := image_size(content)) is not None:
        kind, width, height = size
        words = _("An image ({kind}), {width} × {height} pixels. o opens it, s saves it.")
        return words.format(kind=kind, width=width, height=height)
    if media_type.startswith("text/") or media_type in _TEXTS or _looks_like_text(content):
        return _text(content)
    return _("This kind of file cannot be shown here. o opens it, s saves it.")


def image_size(content: bytes) -> tuple[str, int, int] | None:
    """Kind, width and height in pixels as the header says; None if it is no known image.

    PNG (RFC 2083), GIF89a, JPEG (ITU T.81, the frame header), WebP (RFC 9649).
    """
    try:
        if content.startswith(b"\x89PNG\r\n\x1a\n"):
            return ("PNG", *struct.unpack(">II", content[16:24]))
        if content[:6] in (b"GIF87a", b"GIF89a"):
            return ("GIF", *struct.unpack("<HH", content[6:10]))
        if content.startswith(b"\xff\xd8\xff"):
            return _jpeg_size(content)
        if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
            return _webp_size(content)
    except (struct.error, IndexError):
        pass
    return None


def _jpeg_size(content: bytes) -> tuple[str, int, int] | None:
    at = 2
    while content[at] == 0xFF:
        marker, length = content[at + 1], struct.unpack(">H", content[at + 2 : at + 4])[0]
        # The frame headers, without the tables that lie among them.
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack(">HH", content[at + 5 : at + 9])
            return "JPEG", width, height
        at += 2 + max(length, 2)
    return None


def _webp_size(content: bytes) -> tuple[str, int, int] | None:
    match content[12:16]:
        case b"VP8X":
            width, height = (int.from_bytes(content[at : at + 3], "little") for at in (24, 27))
            return "WebP", width + 1, height + 1
        case b"VP8 ":
            width, height = struct.unpack("<HH", content[26:30])
            return "WebP", width & 0x3FFF, height & 0x3FFF
        case b"VP8L":
            bits = int.from_bytes(content[21:25], "little")
            return "WebP", (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    return None


def _looks_like_text(content: bytes) -> bool:
    start = content[:4096]
    return bool(start) and b"\0" not in start and _decoded(start, strict=True) is not None


def _text(content: bytes) -> str:
    text = _decoded(content[:MOST]) or ""
    return text if len(content) <= MOST else text + "\n" + _("… (cut here; s saves the whole)")


def _decoded(content: bytes, *, strict: bool = False) -> str | None:
    for mark, charset in _MARKS:
        if content.startswith(mark):
            return content.decode(charset, "replace").lstrip("\ufeff")
    # The end may be in the midst of a character.
    for cut in range(4):
        try:
            return content[: len(content) - cut].decode("utf-8")
        except UnicodeDecodeError:
            continue
    if strict:
        return None
    # Seldom needed, and slow to import.
    import chardet

    guessed = chardet.detect(content[:20_000])["encoding"] or "cp1252"
    try:
        return content.decode(guessed, "replace")
    except LookupError:
        return content.decode("cp1252", "replace")


async def _pdf(content: bytes) -> str:
    try:
        code, out = await read_sandboxed("pfinbox.tui.files.pdf_text", content, most=8 * MOST)
    except TimeoutError:
        return _("This PDF takes too long to read. o opens it, s saves it.")
    if code == WITHOUT:
        return _("PDF files are read with pypdf: install pfinbox[pdf]. o opens it, s saves it.")
    text = out.decode("utf-8", "replace").strip()
    return text[:MOST] or _("There is no text in this PDF. o opens it, s saves it.")
