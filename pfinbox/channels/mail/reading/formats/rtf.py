"""The words of an RTF body, as Outlook puts it into winmail.dat: unpacked, bounded, iterative.

MS-OXRTFCP (the compression) and MS-OXRTFEX (HTML wrapped in RTF). By hand: of the libraries one
unpacks without a limit and the other knows nothing of wrapped HTML.
"""

import re
import struct
from dataclasses import replace

from pfinbox.channels.mail.reading.charset import decode
from pfinbox.record import record

MAX_RTF = 1_000_000

_COMPRESSED, _PLAIN = 0x75465A4C, 0x414C454D
_WINDOW = 4096
_PRESET = (
    b"{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman \\fswiss \\fmodern "
    b"\\fscript \\fdecor MS Sans SerifSymbolArialTimes New RomanCourier{\\colortbl\\red0\\green0"
    b"\\blue0\r\n\\par \\pard\\plain\\f0\\fs20\\b\\i\\u\\tab\\tx"
)

_TOKEN = re.compile(
    r"\\(?P<word>[a-z]{1,32})(?P<number>-?\d{1,9})? ?|\\'(?P<hex>[0-9a-fA-F]{2})"
    r"|\\(?P<sign>[^a-z])|(?P<brace>[{}])|[\r\n]+|(?P<text>[^\\{}\r\n]+)",
    re.DOTALL,
)
_SIGNS = {
    "par": "\n",
    "line": "\n",
    "row": "\n",
    "tab": "\t",
    "cell": "\t",
    "lquote": "‘",
    "rquote": "’",
    "ldblquote": "“",
    "rdblquote": "”",
    "bullet": "•",
    "endash": "–",
    "emdash": "—",
}
# What is no text of the body; others of the kind are marked with \*.
_ELSEWHERE = frozenset(
    ["fonttbl", "colortbl", "stylesheet", "info", "pict", "object", "header", "footer", "footnote"]
)
# The charset of a font, by its number (RTF 1.9.1, \fcharset).
_FONTS = {
    128: "cp932",
    129: "cp949",
    134: "cp936",
    136: "cp950",
    161: "cp1253",
    162: "cp1254",
    163: "cp1258",
    177: "cp1255",
    178: "cp1256",
    186: "cp1257",
    204: "cp1251",
    222: "cp874",
    238: "cp1250",
}


def decompress(data: bytes, limit: int = MAX_RTF) -> bytes:
    """The RTF, at most ``limit`` bytes of it; ValueError where it is neither of the two kinds."""
    if len(data) < 16:
        raise ValueError(len(data))
    _size, raw, kind, _crc = struct.unpack_from("<IIII", data)
    limit = min(raw, limit)
    if kind == _PLAIN:
        return data[16 : 16 + limit]
    if kind != _COMPRESSED:
        raise ValueError(kind)
    window = bytearray(_PRESET.ljust(_WINDOW, b"\0"))
    write, at = len(_PRESET), 16
    out = bytearray()
    while at < len(data) and len(out) < limit:
        flags = data[at]
        at += 1
        for bit in range(8):
            start, length = write, 1
            if flags >> bit & 1:
                if len(pair := data[at : at + 2]) < 2:
                    return bytes(out[:limit])
                start, length = pair[0] << 4 | pair[1] >> 4, (pair[1] & 15) + 2
                if start == write:  # the end
                    return bytes(out[:limit])
                at += 2
            elif at < len(data):
                window[write] = data[at]
                at += 1
            else:
                return bytes(out[:limit])
            for n in range(length):  # one by one: a piece may repeat what it has just written
                window[write] = window[(start + n) % _WINDOW]
                out.append(window[write])
                write = (write + 1) % _WINDOW
    return bytes(out[:limit])


@record
class _Group:
    """What holds between two braces: whether its text counts, and how its bytes are meant."""

    silent: bool = False
    # Text that is there only for readers without HTML.
    instead: bool = False
    tag: bool = False
    skip: int = 1
    charset: str = ""


class _Reader:
    def __init__(self) -> None:
        self.out: list[str] = []
        self.html = False
        self._group = _Group()
        self._outer: list[_Group] = []
        self._page = "cp1252"
        self._fonts: dict[int, str] = {}
        self._font = 0
        self._in_fonts = 0
        self._starred = False
        self._left_out = 0
        self._waiting = bytearray()

    def read(self, rtf: str) -> None:
        at = 0
        while (token := _TOKEN.match(rtf, at)) is not None:
            at = token.end()
            if (word := token["word"]) is not None:
                if word == "bin":
                    at += max(int(token["number"] or 0), 0)
                self._word(word, int(token["number"]) if token["number"] else None)
            elif token["hex"] is not None:
                self._bytes(bytes([int(token["hex"], 16)]))
            elif token["brace"] == "{":
                self._flush()
                self._outer.append(self._group)
                self._left_out = 0
            elif token["brace"] == "}":
                self._flush()
                self._group = self._outer.pop() if self._outer else _Group()
                if len(self._outer) < self._in_fonts:
                    self._in_fonts = 0
                self._left_out = 0
            elif token["sign"] is not None:
                self._sign(token["sign"])
            elif token["text"] is not None:
                self._bytes(token["text"].encode("latin-1", "replace"))
        self._flush()

    def _word(self, word: str, number: int | None) -> None:
        starred, self._starred = self._starred, False
        if word == "ansicpg" and number:
            self._page = f"cp{number}"
        elif word == "fromhtml":
            self.html = True
        elif word == "htmltag" and starred:
            self._set(silent=self._group.silent or not self.html, tag=True)
        elif starred or word in _ELSEWHERE:
            if word == "fonttbl":
                self._in_fonts = len(self._outer)
            self._set(silent=True)
        elif word == "htmlrtf":
            self._set(instead=number != 0)
        elif word == "uc":
            self._set(skip=min(max(number if number is not None else 1, 0), 16))
        elif word == "u" and number is not None:
            self._say(chr(number & 0xFFFF))
            self._left_out = self._group.skip
        elif word == "f" and number is not None:
            self._font = number
            if not self._in_fonts:
                self._set(charset=self._fonts.get(number, ""))
        elif word == "fcharset" and self._in_fonts:
            self._fonts[self._font] = _FONTS.get(number or 0, "")
        elif word == "plain":
            self._set(charset="")
        elif word in _SIGNS:
            self._say(_SIGNS[word])

    def _sign(self, sign: str) -> None:
        if sign == "*":
            self._starred = True
        elif sign in "\\{}":
            self._bytes(sign.encode())
        elif sign == "~":
            self._say("\u00a0")
        elif sign == "_":
            self._say("-")
        elif sign in "\r\n":
            self._say("\n")

    def _set(self, **changes: object) -> None:
        self._flush()
        self._group = replace(self._group, **changes)  # type: ignore[arg-type]

    def _bytes(self, data: bytes) -> None:
        """Text in the font's charset; what stands for a \\u is left out."""
        left, self._left_out = self._left_out, max(self._left_out - len(data), 0)
        data = data[left:]
        if data and self._counts():
            self._waiting += data

    def _say(self, text: str) -> None:
        if self._counts():
            self._flush()
            self.out.append(text)

    def _counts(self) -> bool:
        group = self._group
        return not group.silent and not (self.html and group.instead and not group.tag)

    def _flush(self) -> None:
        if self._waiting:
            self.out.append(decode(bytes(self._waiting), self._group.charset or self._page))
            self._waiting.clear()


def words(rtf: bytes) -> tuple[str, bool]:
    """The text of an RTF, or the HTML that it was wrapped around; whether it is HTML."""
    reader = _Reader()
    reader.read(rtf[:MAX_RTF].decode("latin-1"))
    text = "".join(reader.out)
    # Letters beyond the first plane come as two numbers.
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace"), reader.html
