"""An :class:`Outgoing` to the bytes of a mail: plain text and plain-looking HTML, files, headers.

Everything is 7-bit, every header value is one clean line, so that no server needs to change
anything on the way (a changed mail breaks signatures) and nothing can be injected.
"""

import re
from collections.abc import Iterable
from email.utils import format_datetime
from html import escape

from pfinbox.channels.mail import seal
from pfinbox.channels.mail.reading.mime import sealed
from pfinbox.channels.mail.smtp.mime import attached, field, multipart, text
from pfinbox.channels.mail.smtp.pieces import mailboxes, words
from pfinbox.domain.contract.files import File
from pfinbox.domain.contract.outgoing import Forwarded, Outgoing
from pfinbox.domain.contract.party import Party
from pfinbox.domain.text.cleaning import clean, clean_line
from pfinbox.domain.text.markup import Entity, formatted
from pfinbox.i18n import _

_MAX_REFERENCES = 50
_TAGS = {
    "bold": "strong",
    "italic": "em",
    "strikethrough": "s",
    "code": "code",
    "pre": "pre",
    "blockquote": "blockquote",
    "text_link": "a",
}


def compose(
    part: Outgoing, *, source_id: str, sender: Party, reply_to: str | None, mac_key: bytes
) -> bytes:
    """The sealed mail; the same arguments give the same bytes: a resend is the same message."""
    quotation = _quotation(part)
    passed_on = [_passed_on(one) for one in part.forwarded]
    plain = _plain(clean(part.text), quotation, passed_on)
    html = _html(clean(part.text), quotation, passed_on)
    content = multipart("alternative", (text(plain, "plain"), text(html, "html")))
    if part.files:
        files = (attached(file, _file_name(file)) for file in part.files)
        content = multipart("mixed", (content, *files))
    mail = _head(part, source_id, sender, reply_to).encode() + content
    if part.files:
        # What a reader makes of a file and its name, our own reader knows.
        return sealed(mail, mac_key)
    own = seal.of_text(mac_key, source_id, sender, clean_line(part.subject or ""), plain)
    return field(seal.FIELD, own).encode() + mail


def _head(part: Outgoing, source_id: str, sender: Party, reply_to: str | None) -> str:
    answered = _ids((part.in_reply_to,) if part.in_reply_to else ())
    chain = _ids((*part.references, *answered))
    fields = [("From", mailboxes([sender])), ("To", mailboxes(part.to))]
    if part.cc:
        fields.append(("Cc", mailboxes(part.cc)))
    fields.append(("Subject", words(part.subject or "")))
    fields.append(("Date", [format_datetime(part.created_at)]))
    fields.append(("Message-ID", [source_id]))
    if reply_to is not None:
        fields.append(("Reply-To", mailboxes([Party(reply_to, sender.name)])))
    if answered:
        fields.append(("In-Reply-To", answered))
    if chain:
        # The first id and the nearest ones matter when there are too many.
        fields.append(("References", [*chain[:1], *chain[1:][-_MAX_REFERENCES:]]))
    if part.automatic:
        fields.append(("Auto-Submitted", ["auto-replied" if answered else "auto-generated"]))
        fields.append(("X-Auto-Response-Suppress", ["All"]))
    fields.append(("MIME-Version", ["1.0"]))
    return "".join(field(name, *pieces) for name, pieces in fields)


def _ids(values: Iterable[str]) -> list[str]:
    found = []
    for value in values:
        bare = clean_line(value, 990).replace(" ", "").strip("<>")
        if bare and bare.isascii():
            found.append(f"<{bare}>")
    return list(dict.fromkeys(found))


def _quotation(part: Outgoing) -> tuple[str, str] | None:
    """The attribution line and the quoted words."""
    if not part.quote_text:
        return None
    author = clean_line(part.quote_author, 150) or _("someone")
    if part.quoted_at is None:
        line = _("{author} wrote:").format(author=author)
    else:
        when = part.quoted_at.strftime("%Y-%m-%d %H:%M %Z").strip()
        line = _("On {when}, {author} wrote:").format(when=when, author=author)
    return line, clean(part.quote_text).strip("\n")


def _passed_on(message: Forwarded) -> tuple[list[str], str]:
    """The lines above a forwarded message, and its words."""
    head = [_("---------- Forwarded message ----------"), *message.lines()]
    return [clean_line(line, 500) for line in head], clean(message.text).strip("\n")


def _plain(
    text: str, quotation: tuple[str, str] | None, passed_on: list[tuple[list[str], str]]
) -> str:
    blocks = [text.rstrip()] if text.strip() else []
    if quotation is not None:
        line, quoted = quotation
        marked = (
            f">{row}" if row.startswith(">") else f"> {row}".rstrip() for row in quoted.split("\n")
        )
        blocks.append("\n".join([line, *marked]))
    # As it was, without marks: an answer to it is not an answer to us.
    blocks += ["\n".join([*head, "", said]) for head, said in passed_on]
    return "\n\n".join(blocks).rstrip("\n") + "\n"


def _html(
    text: str, quotation: tuple[str, str] | None, passed_on: list[tuple[list[str], str]]
) -> str:
    body = f"<div>{_formatted(text)}</div>\n"
    if quotation is not None:
        line, quoted = quotation
        body += f'<p>{escape(line)}</p>\n<blockquote type="cite">{_rows(quoted)}</blockquote>\n'
    for head, said in passed_on:
        # Somebody else's words are no Markdown: a link of theirs must not look like one of ours.
        above = "<br>\n".join(escape(line) for line in head)
        body += f"<div><p>{above}</p>\n<p>{_rows(said)}</p></div>\n"
    return f'<html><head><meta charset="utf-8"></head><body>\n{body}</body></html>\n'


def _formatted(source: str) -> str:
    """What an agent typed, as HTML: every character as it stands, but for what surely is a mark."""
    text, entities = formatted(source.rstrip())
    data = text.encode("utf-16-le")
    marks: list[tuple[int, str]] = [(entity.offset, _open(entity)) for entity in entities]
    # Inner ones end first.
    closing = [(one.offset + one.length, f"</{_TAGS[one.kind]}>") for one in entities[::-1]]
    pieces: list[str] = []
    last, in_block = 0, False
    # What ends at a place ends before the next begins there.
    for at, tag in sorted([*closing, *marks, (len(data) // 2, "")], key=lambda mark: mark[0]):
        said = data[2 * last : 2 * at].decode("utf-16-le")
        pieces += [escape(said) if in_block else _typed(said), tag]
        last = at
        if tag in ("<pre>", "</pre>"):
            in_block = tag == "<pre>"
    # A block ends its line by itself.
    return re.sub("(</(?:blockquote|pre)>)<br>\n", "\\1\n", "".join(pieces))


def _open(entity: Entity) -> str:
    if entity.kind == "text_link":
        return f'<a href="{escape(entity.url or "")}">'
    return f"<{_TAGS[entity.kind]}>"


def _typed(text: str) -> str:
    """Runs of blanks stay: tables of figures are typed so."""
    return _rows(text).replace("  ", "&nbsp; ")


def _rows(text: str) -> str:
    return escape(text).replace("\n", "<br>\n")


def _file_name(file: File) -> str:
    return clean_line(file.name, 200).replace("/", "_").replace("\\", "_") or "file"
