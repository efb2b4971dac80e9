"""What kind of sender a mail has: a person, a program, a returned mail, or we ourselves.

Decided before any matching, from headers that RFC 3834, RFC 3464 and habit define. "Do not reply"
(X-Auto-Response-Suppress) does not make a mail automatic: Outlook puts it on people's mail.
"""

import re
from email.message import Message as Mail

from pfinbox.channels.mail.charset import decode
from pfinbox.channels.mail.headers import Headers
from pfinbox.channels.mail.tokens import read_message_id
from pfinbox.domain.envelope import Party, Sort
from pfinbox.domain.reason import Reason

_DAEMONS = ("mailer-daemon", "postmaster", "mail-daemon", "mdaemon")
_STATUS_BYTES = 65_536
_ID = re.compile(r"^message-id:\s{0,20}(<[^<>\s]{1,990}>)", re.IGNORECASE | re.MULTILINE)
_FIELD = re.compile(r"^([A-Za-z-]{1,60}):[ \t]*(.{0,1000}(?:\n[ \t].{0,1000}){0,5})", re.MULTILINE)


def is_automatic(headers: Headers) -> bool:
    submitted = headers.first("auto-submitted").partition(";")[0].strip().lower()
    if submitted and submitted != "no":
        return True
    if headers.first("x-autoreply").lower() not in ("", "no") or headers.first("x-autorespond"):
        return True
    precedence = headers.first("precedence").strip().lower()
    return precedence in ("bulk", "list", "junk") or bool(headers.first("list-id"))


def is_bounce(headers: Headers, sender: Party) -> bool:
    kind = headers.first("content-type").lower()
    if kind.startswith("multipart/report") and "delivery-status" in kind:
        return True
    if headers.first("x-failed-recipients"):
        return True
    local = sender.value.partition("@")[0]
    return headers.first("return-path").strip() == "<>" and local in _DAEMONS


def sort_of(headers: Headers, sender: Party, mac_key: bytes) -> Sort:
    """The kind of the mail; a delivery report about a mere delay is automatic, not a bounce."""
    own = headers.ids("message-id")
    if own and read_message_id(mac_key, own[0]) is not None:
        return Sort.OWN_LOOP
    if is_bounce(headers, sender):
        return Sort.BOUNCE
    return Sort.AUTOMATIC if is_automatic(headers) else Sort.HUMAN


def bounce(parts: list[Mail], text: str) -> tuple[tuple[str, ...], Reason | None]:
    """The Message-IDs in what was returned, and why; (ids, None) where it only says "delayed".

    An id counts only where it stands in the returned mail itself: In-Reply-To and References of
    a report prove nothing, and anyone may write them.
    """
    ids: list[str] = []
    fields: dict[str, str] = {}
    for part in parts:
        kind = part.get_content_type()
        if kind == "message/delivery-status":
            for name, value in _FIELD.findall(_plain(part)):
                fields.setdefault(name.lower(), " ".join(value.split()))
        elif kind in ("message/rfc822", "text/rfc822-headers", "message/global-headers"):
            ids += _ID.findall(_plain(part))
    if not fields and not ids:  # servers that only write a text: the id stands below their words
        ids += _ID.findall(text[:_STATUS_BYTES])
    if fields.get("action", "failed").lower() in ("delayed", "relayed", "delivered", "expanded"):
        return tuple(dict.fromkeys(ids))[:20], None
    recipient = fields.get("final-recipient", "") or fields.get("original-recipient", "")
    why = fields.get("diagnostic-code", "") or fields.get("status", "")
    whom = recipient.rpartition(";")[2].strip()
    detail = ": ".join(word for word in (whom, why.rpartition(";")[2].strip()) if word)
    if not detail:
        detail = next((line.strip() for line in text.splitlines() if line.strip()), "")
    args = {"detail": detail.strip()[:500]}
    if "@" in whom:
        # One mail may have gone to several: the others have it.
        args["recipient"] = whom.strip("<>").lower()[:320]
    return tuple(dict.fromkeys(ids))[:20], Reason("bounced", args)


def _plain(part: Mail) -> str:
    """The text of a part that :mod:`email` may have parsed into further messages."""
    payload = part.get_payload()
    if isinstance(payload, list):
        blocks = []
        for child in payload[:20]:
            if isinstance(child, str):
                blocks.append(child[:_STATUS_BYTES])
                continue
            blocks.append("\n".join(f"{name}: {value}" for name, value in child.raw_items()))
        return "\n\n".join(blocks)[:_STATUS_BYTES]
    data = str(payload).encode("utf-8", "surrogateescape")[:_STATUS_BYTES]
    return decode(data)


def no_auto_reply(headers: Headers) -> bool:
    """Whether the sender wants no answer of a program; such a mail may be a person's all the same.

    X-Auto-Response-Suppress as Exchange defines it (MS-OXCMAIL 2.1.3.2.22); a null Return-Path
    forbids every answer (RFC 3834, 2).
    """
    words = re.split(r"[,;\s]+", headers.first("x-auto-response-suppress")[:500].lower())
    if {"all", "oof", "autoreply"} & set(words):
        return True
    return headers.first("return-path").replace(" ", "") == "<>"
