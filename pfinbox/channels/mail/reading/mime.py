"""Bytes of a mail to a :class:`Message`: pure, bounded, and without any trust in what it reads.

The raw bytes are kept elsewhere and never re-serialised: what is read wrongly today can be read
again tomorrow.
"""

import re
from dataclasses import replace
from datetime import UTC, datetime
from email.message import Message as Mail
from email.parser import BytesParser
from email.policy import compat32
from itertools import islice

from pfinbox.channels.mail import seal
from pfinbox.channels.mail.reading import forwards
from pfinbox.channels.mail.reading.addresses import parties
from pfinbox.channels.mail.reading.authresults import is_verified
from pfinbox.channels.mail.reading.body import Body, read_body
from pfinbox.channels.mail.reading.bounce import bounce, tells_a_failure
from pfinbox.channels.mail.reading.classify import has_no_way_back, no_auto_reply, sort_of
from pfinbox.channels.mail.reading.headers import Headers, date, zone_of
from pfinbox.channels.mail.reading.locating import Locator
from pfinbox.channels.mail.reading.replytext import new_text, without_signature
from pfinbox.channels.mail.smtp.tokens import read_message_id, read_reply_address
from pfinbox.domain.contract.incoming import Message, Original, Sort
from pfinbox.domain.contract.party import Party
from pfinbox.domain.contract.reason import Reason
from pfinbox.domain.text.subjects import stem, without_forward
from pfinbox.record import record

MAX_HEADER = 262_144
# Each line is compared with every boundary that it may stand within: 1 MB takes five seconds for
# 200 of them, one within the other. Mails that were forwarded twenty times have 40.
_BOUNDARY = re.compile(rb"boundary[*0-9]*[ \t]*=", re.IGNORECASE)
_MAX_COMPARED = 20_000_000
_FEW_BOUNDARIES = 20
# Of parts, 200 are shown; 20,000 take two seconds.
_DASHES = re.compile(rb"[\r\n]--")
_MAX_DASHES = 20_000
_HEADER_END = re.compile(rb"\r?\n\r?\n")
_SUBJECT_NUMBER = re.compile(r"\[#(\d{1,9})\]")
_DELIVERED_TO = (
    "x-gm-original-to",
    "delivered-to",
    "x-original-to",
    "envelope-to",
    "x-envelope-to",
    "to",
    "cc",
)


@record
class Reader:
    """What reading needs to know of the account."""

    mac_key: bytes
    addresses: frozenset[str]
    authserv_id: str | None = None
    spam_header: str | None = None
    match_subject: bool = False


@record
class Place:
    """Where a mail was found: its INTERNALDATE (None when read again later) and its folder."""

    received_at: datetime | None = None
    in_sent: bool = False
    in_spam: bool = False


def read_mail(raw: bytes, reader: Reader, place: Place, *, enclosed: bool = False) -> Message:
    """``enclosed``: within another mail, and what it encloses itself is a file.

    May raise RecursionError and MemoryError for hostile mail: run it in the worker."""
    mail, body = _parse(raw)
    headers = Headers(mail.raw_items())
    senders = parties(headers.all("from")[:1]) or parties(headers.all("sender")[:1])
    sender = senders[0] if senders else Party("", headers.text("from")[:200])
    ours = _is_our_copy(headers, sender, body, reader, place)
    sort = Sort.OWN_LOOP if ours else sort_of(headers, sender)
    said = body.said
    new = new_text(said)
    text = body.noted(said)
    bounced: tuple[str, ...] = ()
    bounce_reason: Reason | None = None
    if sort is Sort.BOUNCE or (sort is not Sort.OWN_LOOP and has_no_way_back(headers)):
        bounced, bounce_reason = bounce(body.reports, said, headers.first("x-failed-recipients"))
        sort = _sort_of_returned(sort, bounced, bounce_reason, said, reader)
        if sort is not Sort.BOUNCE:
            bounced, bounce_reason = (), None
    to = parties(headers.all("to"))
    subject = headers.text("subject")
    numbered = _SUBJECT_NUMBER.search(subject)
    claimed = date(headers.first("date"))
    answers = parties(headers.all("reply-to")[:1])
    answer_to = answers[0] if answers and answers[0].value != sender.value else None
    references = _references(headers)
    from_us = sender.value in reader.addresses
    return Message(
        source_id=next(iter(headers.ids("message-id")), ""),
        chat_key=None,
        sender=sender,
        sent_at=place.received_at or received_at(headers) or claimed or datetime.now(UTC),
        text=text,
        new_text=body.noted(new) if new is not None else None,
        title=subject or None,
        claimed_at=claimed,
        answer_to=answer_to,
        to=to,
        cc=parties(headers.all("cc")),
        files=tuple(body.files),
        tokens=_tokens(headers, reader.mac_key),
        references=references,
        id_tokens=_id_tokens(references, reader.mac_key),
        answered_subject=_answered_subject(subject, references, reader),
        task_number=int(numbered.group(1)) if numbered else None,
        sort=sort,
        bounced=bounced,
        bounce_reason=bounce_reason,
        verified=is_verified(headers, sender, reader.authserv_id),
        no_auto_reply=no_auto_reply(headers),
        spam=place.in_spam or _marked_spam(headers, reader.spam_header),
        in_sent=place.in_sent,
        sent_elsewhere=place.in_sent and from_us and sort is not Sort.OWN_LOOP,
        original=None if enclosed else _original(headers, body, said, reader),
        warnings=tuple(body.warnings.values()),
    )


def sealed(raw: bytes, mac_key: bytes) -> bytes:
    """A mail of ours, so marked that it is known again wherever a copy of it is found."""
    return seal.add(mac_key, raw, *_parse(raw))


def _is_our_copy(headers: Headers, sender: Party, body: Body, reader: Reader, place: Place) -> bool:
    """By where it lies, whatever the server made of it there, else only with all that we said."""
    if not seal.is_signed(reader.mac_key, headers):
        return False
    return place.in_sent or seal.is_whole(reader.mac_key, headers, sender, body)


def _original(headers: Headers, body: Body, said: str, reader: Reader) -> Original | None:
    """The mail that this one forwards, in its text or enclosed."""
    subject = headers.text("subject")
    found = forwards.find(said, subject, zone_of(headers.first("date")))
    if found is not None:
        return Original(
            sender=found.sender,
            text=body.noted(found.text),
            new_text=new_text(found.text),
            title=without_forward(found.subject or subject) or None,
            claimed_at=found.sent_at,
            dated=found.dated,
            files=tuple(body.files),
            note=found.note,
        )
    enclosed = [file for file in body.files if file.media_type == "message/rfc822"]
    if body.report or len(enclosed) != 1:
        return None
    inner = read_mail(enclosed[0].content, reader, Place(), enclosed=True)
    if not inner.sender.value:
        return None
    return Original(
        sender=inner.sender,
        text=inner.text,
        new_text=inner.new_text,
        title=inner.title,
        claimed_at=inner.claimed_at,
        dated=read_header(enclosed[0].content).text("date")[:200],
        files=(
            # What they are cut from is the mail enclosed.
            *(replace(file, slice=None) for file in inner.files),
            *(file for file in body.files if file is not enclosed[0]),
        ),
        note=without_signature(said).strip(),
    )


def _sort_of_returned(
    sort: Sort, bounced: tuple[str, ...], why: Reason | None, text: str, reader: Reader
) -> Sort:
    """Whether a mail of ours came back, by whatever name; a mere delay is a program's news."""
    if sort is Sort.BOUNCE:
        return Sort.AUTOMATIC if why is None else sort
    if not any(read_message_id(reader.mac_key, one) is not None for one in bounced):
        return sort
    return Sort.BOUNCE if why is not None and tells_a_failure(text) else Sort.AUTOMATIC


def read_header(raw: bytes) -> Headers:
    """The header alone, for mails whose body was not fetched or cannot be read."""
    end = _HEADER_END.search(raw, 0, MAX_HEADER)
    head = raw[: end.start() + 1 if end else MAX_HEADER]
    return Headers(BytesParser(policy=compat32).parsebytes(head, headersonly=True).raw_items())


def received_at(headers: Headers) -> datetime | None:
    """When our server took it: the date of the topmost Received field."""
    return date(headers.first("received").rpartition(";")[2])


def _parse(raw: bytes) -> tuple[Mail, Body]:
    """The structure and the body; of a mail nested beyond reason, its header and its source."""
    whole = raw
    end = _HEADER_END.search(raw)
    if end is not None and end.start() > MAX_HEADER:
        cut = raw.rfind(b"\n", 0, MAX_HEADER)
        raw = raw[: max(cut, 0)] + raw[end.start() :]
    boundaries = sum(1 for _ in _BOUNDARY.finditer(raw))
    lines = raw.count(b"\n") + raw.count(b"\r")
    if boundaries > _FEW_BOUNDARIES and boundaries * lines > _MAX_COMPARED:
        return _header_alone(raw)
    last = next(islice(_DASHES.finditer(raw), _MAX_DASHES, None), None) if boundaries else None
    try:
        mail = None if boundaries else _one_part(raw)
        if mail is None:
            mail = BytesParser(policy=compat32).parsebytes(raw[: last.start()] if last else raw)
        body = read_body(mail, whole)
    except RecursionError:
        return _header_alone(raw)
    if last:
        body.warn("parts_left_out")
    return mail, body


def _one_part(raw: bytes) -> Mail | None:
    """What the parser makes of a mail without parts, without reading its text line by line."""
    end = _HEADER_END.search(raw)
    if end is None:
        return None
    mail = BytesParser(policy=compat32).parsebytes(raw[: end.end()], headersonly=True)
    if mail.get_content_maintype() in ("multipart", "message"):
        return None
    # A line that is no field ends the header above its end: what stands there is text, too.
    above: str = mail._payload  # type: ignore[attr-defined]
    mail.set_payload(above + raw[end.end() :].decode("ascii", "surrogateescape"))
    return mail


def _header_alone(raw: bytes) -> tuple[Mail, Body]:
    mail = BytesParser(policy=compat32).parsebytes(raw[:MAX_HEADER], headersonly=True)
    body = Body(Locator(raw))
    body.warn("parts_left_out")
    return mail, body


def _references(headers: Headers) -> tuple[str, ...]:
    """What it answers, the nearest first: In-Reply-To, then References from the last back."""
    chain = headers.ids("in-reply-to") + headers.ids("references")[::-1]
    own = set(headers.ids("message-id"))
    return tuple(found for found in dict.fromkeys(chain) if found not in own)


def _tokens(headers: Headers, mac_key: bytes) -> tuple[str, ...]:
    """What signed reply addresses prove, whichever field the last server left them in."""
    delivered = [value for name in _DELIVERED_TO for value in headers.all(name)]
    found = [read_reply_address(mac_key, party.value) for party in parties(delivered)]
    return tuple(dict.fromkeys(token for token in found if token))


def _id_tokens(references: tuple[str, ...], mac_key: bytes) -> tuple[str, ...]:
    found = [read_message_id(mac_key, reference) for reference in references]
    return tuple(dict.fromkeys(token for token in found if token))


def _answered_subject(subject: str, references: tuple[str, ...], reader: Reader) -> str | None:
    bare, answer = stem(subject)
    return bare if reader.match_subject and answer and not references and bare else None


def _marked_spam(headers: Headers, marker: str | None) -> bool:
    """``marker`` is a field name, or "name: value"; without a value anything but "no" counts."""
    if not marker:
        return False
    name, _colon, wanted = marker.partition(":")
    value = headers.first(name.strip().lower()).strip().lower()
    if wanted.strip():
        return value.startswith(wanted.strip().lower())
    return value not in ("", "no", "false", "0")
