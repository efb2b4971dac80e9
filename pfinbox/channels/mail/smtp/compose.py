"""An :class:`Outgoing` to the bytes of a mail: plain text and plain-looking HTML, files, headers.

Everything is 7-bit, every header value is one clean line, so that no server needs to change
anything on the way (a changed mail breaks signatures) and nothing can be injected.
"""

import email.policy
import re
from collections.abc import Iterable
from email.headerregistry import HeaderRegistry
from email.message import EmailMessage
from functools import cache
from html import escape

from pfinbox.channels.mail.reading.pieces import Pieces, mailboxes, words
from pfinbox.domain.contract.envelope import File, Forwarded, Outgoing, Party
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
_OURS = "from to cc reply-to subject message-id in-reply-to references".split()  # noqa: SIM905


@cache
def _policy(utf8: bool) -> "email.policy.EmailPolicy[EmailMessage]":
    registry = HeaderRegistry()
    for name in _OURS:
        registry.map_to_type(name, Pieces)
    return email.policy.SMTP.clone(header_factory=registry, cte_type="7bit", utf8=utf8)


def compose(part: Outgoing, *, source_id: str, sender: Party, reply_to: str | None) -> bytes:
    """The mail; the same arguments give the same header, so that a resend is the same message."""
    everyone = (sender, *part.to, *part.cc)
    mail = EmailMessage(policy=_policy(not all(party.value.isascii() for party in everyone)))
    mail["From"] = mailboxes([sender])
    mail["To"] = mailboxes(part.to)
    if part.cc:
        mail["Cc"] = mailboxes(part.cc)
    mail["Subject"] = words(part.subject or "")
    mail["Date"] = part.created_at
    mail["Message-ID"] = source_id
    if reply_to is not None:
        mail["Reply-To"] = mailboxes([Party(reply_to, sender.name)])
    answered = _ids((part.in_reply_to,) if part.in_reply_to else ())
    if answered:
        mail["In-Reply-To"] = answered[0]
    chain = _ids((*part.references, *answered))
    if chain:
        # The first id and the nearest ones matter when there are too many.
        mail["References"] = "\t".join([*chain[:1], *chain[1:][-_MAX_REFERENCES:]])
    if part.automatic:
        mail["Auto-Submitted"] = "auto-replied" if answered else "auto-generated"
        mail["X-Auto-Response-Suppress"] = "All"
    quotation = _quotation(part)
    passed_on = [_passed_on(one) for one in part.forwarded]
    mail.set_content(_plain(clean(part.text), quotation, passed_on))
    mail.add_alternative(_html(clean(part.text), quotation, passed_on), subtype="html")
    for file in part.files:
        _attach(mail, file)
    return mail.as_bytes()


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


def _attach(mail: EmailMessage, file: File) -> None:
    main, _slash, sub = file.media_type.partition("/")
    token = main.isascii() and sub.isascii() and main.isidentifier()
    if not token or not sub.replace("-", "").replace(".", "").replace("+", "").isalnum():
        main, sub = "application", "octet-stream"
    if main in ("multipart", "message"):  # these are no containers of ours
        main, sub = "application", "octet-stream"
    name = clean_line(file.name, 200).replace("/", "_").replace("\\", "_") or "file"
    mail.add_attachment(file.content, maintype=main, subtype=sub, filename=name)
