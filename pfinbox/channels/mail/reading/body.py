"""The parts of a mail: the text to show and the files, found in one bounded walk."""

import mimetypes
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from email.message import Message as Mail
from urllib.parse import unquote

from pfinbox.channels.mail.reading import enclosed
from pfinbox.channels.mail.reading.bounce import RETURNED, STATUS
from pfinbox.channels.mail.reading.charset import decode
from pfinbox.channels.mail.reading.formats.calendar import one_line
from pfinbox.channels.mail.reading.formats.html import MAX_HTML, to_text
from pfinbox.channels.mail.reading.formats.tnef import unpack
from pfinbox.channels.mail.reading.headers import words
from pfinbox.channels.mail.reading.locating import Locator
from pfinbox.channels.mail.reading.payload import children, content
from pfinbox.domain.contract.files import File
from pfinbox.domain.contract.reason import Reason

MAX_DEPTH = 20
MAX_PARTS = 200
MAX_TEXT = 2_000_000
_MAX_BYTES_OF_TEXT = 8_000_000
# A plain part this short beside HTML may only say "your program cannot show HTML".
_STUB = 300
_TNEF = ("application/ms-tnef", "application/vnd.ms-tnef")
# Where a picture stands: "[cid:image001.png@01DC]", which is how Outlook writes it in plain text;
# Gmail writes "[image: photo.png]", in the writer's language.
_PLACE = "[cid:"
_PLACES_OF_OURS = re.compile(r"\[cid:([^\[\]\s]{1,300})\]")
_PLACES = re.compile(r"\[[^\W\d_]{4,12}: [^\[\]\n]{1,200}\]")
_STUB_WORDS = ("html", "browser", "браузер", "przegląd", "navigateur", "navegador")


@dataclass(slots=True)
class Body:
    """What was found; ``reports`` are the parts of a delivery report, for ``classify``."""

    locator: Locator
    texts: list[str] = field(default_factory=list)
    files: list[File] = field(default_factory=list)
    reports: list[Mail] = field(default_factory=list)
    warnings: dict[str, Reason] = field(default_factory=dict)
    # Lines below the text: calendar invitations.
    notes: list[str] = field(default_factory=list)
    # What winmail.dat says, for mails that say nothing else.
    spare: list[str] = field(default_factory=list)
    parts: int = 0
    # How much HTML was read: a second for each megabyte, in however many parts.
    html_read: int = 0
    html: bool = False
    # Within a delivery report: the mail enclosed is the one that came back.
    report: bool = False

    @property
    def written(self) -> str:
        """The texts alone."""
        return "\n".join(self.texts)

    @property
    def said(self) -> str:
        """What the sender wrote, without our lines about what is enclosed."""
        texts = [text for text in self.texts if text.strip()] or self.spare
        return one_text(texts, self.files)

    def noted(self, text: str) -> str:
        """``text`` with these lines below it."""
        return "\n\n".join(filter(None, (text, *self.notes)))

    def attach(
        self, part: Mail, name: str, kind: str, data: bytes, content_id: str | None = None
    ) -> None:
        """A file that is the whole of this part."""
        where = self.locator.find(part, data)
        self.files.append(File(name, kind, data, content_id, where))

    def warn(self, kind: str, **args: object) -> None:
        self.warnings.setdefault(kind, Reason(kind, args))


def read_body(mail: Mail, raw: bytes) -> Body:
    """``raw``: the mail's bytes, in which its files stand."""
    body = Body(Locator(raw))
    _collect(mail, body, 0)
    return body


def _collect(part: Mail, body: Body, depth: int) -> None:
    body.parts += 1
    if body.parts > MAX_PARTS or depth > MAX_DEPTH:
        body.warn("parts_left_out")
        return
    kind = _kind(part)
    inner = children(part)
    if kind in STATUS or kind in RETURNED:
        body.reports.append(part)
    if kind.startswith("message/"):
        _enclose(part, kind, body)
    elif inner and kind == "multipart/alternative":
        _alternative(inner, body, depth)
    elif inner:
        body.report = body.report or kind == "multipart/report"
        for child in inner:
            _collect(child, body, depth + 1)
    elif kind == "text/calendar":
        _calendar(part, body)
    elif kind in _TNEF or _name(part, kind).lower() == "winmail.dat":
        _unpack(part, kind, body)
    elif _is_text(part, kind):
        body.texts.append(_text(part, kind, body))
    else:
        body.attach(part, _name(part, kind), kind, content(part), _content_id(part))


def _alternative(renditions: list[Mail], body: Body, depth: int) -> None:
    """One of the renditions: the plain one, unless it is a stub beside another."""
    found: list[tuple[str, Body]] = []
    for child in renditions:
        one = Body(body.locator, parts=body.parts, html_read=body.html_read)
        _collect(child, one, depth + 1)
        body.parts, body.html_read = one.parts, one.html_read
        body.files += one.files
        body.reports += one.reports
        body.notes += one.notes
        body.spare += one.spare
        body.warnings |= one.warnings
        found.append((_kind(child), one))
    texts = [(kind, one) for kind, one in found if one.written.strip()]
    plain = next((one for kind, one in texts if kind == "text/plain"), None)
    rich = next((one for kind, one in reversed(texts) if kind != "text/plain"), None)
    chosen = plain
    if plain is None or (rich is not None and _says_more(rich.written, plain.written)):
        chosen = rich or plain
    if chosen is not None:
        body.texts += chosen.texts
        body.html = body.html or chosen.html


def _says_more(rich: str, plain: str) -> bool:
    """Whether the plain part is a stub, or does not say where the pictures stand."""
    if _is_stub(plain, rich):
        return True
    return rich.count(_PLACE) > 0 and _PLACE not in plain and _PLACES.search(plain) is None


def _is_stub(plain: str, rich: str) -> bool:
    short = plain.strip()
    if len(short) > _STUB or len(rich) < 4 * len(short):
        return False
    return len(short) < 20 or any(word in short.lower() for word in _STUB_WORDS)


def _kind(part: Mail) -> str:
    """Content type; "multipart/*" that has no parts is what it looks like: text."""
    kind = part.get_content_type()
    if kind.startswith("multipart/") and not part.is_multipart():
        return "text/plain"
    return kind if kind.isascii() and kind.isprintable() and len(kind) < 120 else "text/plain"


def _calendar(part: Mail, body: Body) -> None:
    """One line that says what it is about; the invitation itself stays a file."""
    data = content(part)
    line = one_line(decode(data[:_MAX_BYTES_OF_TEXT], _parameter(part, "charset", "content-type")))
    # Outlook and Google send it twice, as a rendition and as a file.
    if line is not None and line not in body.notes:
        body.notes.append(line)
    named = next((name for name in _names(part) if name.strip()), "invite.ics")
    body.attach(part, " ".join(words(named).split())[:500], "text/calendar", data)


def _enclose(part: Mail, kind: str, body: Body) -> None:
    """The mail as a file, and one line that says whose it is."""
    data = enclosed.message_bytes(part)
    line = enclosed.one_line(data) if kind == "message/rfc822" and not body.report else None
    if line is not None:
        body.notes.append(line)
    body.attach(part, _name(part, kind), kind, data, _content_id(part))


def _unpack(part: Mail, kind: str, body: Body) -> None:
    """The files in winmail.dat instead of it; it stays where something was not understood."""
    data = content(part)
    inner = unpack(data)
    body.files += inner.files
    if inner.text.strip():
        body.spare.append(inner.text.replace("\r\n", "\n").replace("\r", "\n")[:MAX_TEXT])
    elif inner.html.strip():
        body.spare.append(to_text(inner.html)[0])
    if not inner.whole or not (inner.files or body.spare):
        body.attach(part, _name(part, kind), kind, data)


def one_text(texts: Iterable[str], files: Sequence[File] = ()) -> str:
    """The texts of a mail's parts as the one that it says."""
    joined = "\n\n".join(text.strip("\n") for text in texts if text.strip())
    return _with_images(joined[:MAX_TEXT], files)


def _with_images(text: str, files: Sequence[File]) -> str:
    """The names of pictures where they stand in the text."""
    if _PLACE not in text:
        return text
    names = {file.content_id: file.name for file in files if file.content_id}

    def name(place: re.Match[str]) -> str:
        return f"[{names.get(unquote(place.group(1)), '…')}]"

    return _PLACES_OF_OURS.sub(name, text)


def _is_text(part: Mail, kind: str) -> bool:
    if kind not in ("text/plain", "text/html", "text/enriched", "text/rfc822-headers"):
        return False
    disposition = str(part.get("content-disposition", "")).strip().lower()
    if disposition.startswith("attachment"):
        return False
    return not _parameter(part, "filename", "content-disposition")


def _text(part: Mail, kind: str, body: Body) -> str:
    data = content(part)
    if len(data) > _MAX_BYTES_OF_TEXT:
        body.warn("text_shortened", kept=MAX_TEXT)
        data = data[:_MAX_BYTES_OF_TEXT]
    text = decode(data, _parameter(part, "charset", "content-type"))
    if kind == "text/html":
        left = max(MAX_HTML - body.html_read, 0)
        body.html_read += len(text)
        text, whole = to_text(text[:left])
        body.html = True
        if not whole or body.html_read > MAX_HTML:
            body.warn("text_shortened", kept=len(text))
        return text
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    shortened = len(text) > MAX_TEXT
    text = text[:MAX_TEXT]
    if _parameter(part, "format", "content-type").lower() == "flowed":
        text = _unflow(text, _parameter(part, "delsp", "content-type").lower() == "yes")
    if shortened:
        body.warn("text_shortened", kept=MAX_TEXT)
    return text


def _unflow(text: str, delsp: bool) -> str:
    """RFC 3676: a line that ends in a space goes on in the next one of the same quotation."""
    out: list[list[str]] = []
    flowing, depth = False, 0
    for raw in text.split("\n"):
        rest = raw.lstrip(">")
        quotes = len(raw) - len(rest)
        line = rest.removeprefix(" ")
        soft = line.endswith(" ") and line != "-- "
        kept = line[:-1] if soft and delsp else line
        if flowing and quotes == depth and line != "-- ":
            out[-1].append(kept)
        else:
            out.append([f"{'>' * quotes} {kept}" if quotes else kept])
        flowing, depth = soft, quotes
    return "\n".join("".join(pieces) for pieces in out)


def _names(part: Mail) -> Iterator[str]:
    yield _parameter(part, "filename", "content-disposition")
    yield _parameter(part, "name", "content-type")
    yield str(part.get("content-description", ""))[:200] if _kind(part) == "message/rfc822" else ""


def _name(part: Mail, kind: str) -> str:
    for name in _names(part):
        if name.strip():
            return " ".join(words(name).split())[:500]
    if kind.startswith("message/"):
        return "message.eml" if kind == "message/rfc822" else "report.txt"
    return "file" + (mimetypes.guess_extension(kind) or ".bin")


def _parameter(part: Mail, name: str, header: str) -> str:
    """A parameter of a header field (RFC 2231 too), "" where it is missing or beyond repair."""
    said = str(part.get(header, ""))  # the library takes quadratic time for a long one
    if name not in said.lower() or len(said) > 8_000:
        return ""
    try:
        value = part.get_param(name, header=header)
    except (ValueError, LookupError, TypeError, AttributeError, IndexError):
        return ""
    if isinstance(value, tuple):
        charset, _language, encoded = value
        return decode(encoded.encode("latin-1", "replace"), charset or "utf-8")
    if not isinstance(value, str):
        return ""
    return value if value.isascii() else decode(value.encode("utf-8", "surrogateescape"))


def _content_id(part: Mail) -> str | None:
    found = str(part.get("content-id", "")).strip().strip("<>")[:500]
    return found or None
