"""What kind of sender a mail of somebody else has: a person, a program, or a returned mail.

Decided before any matching, from headers that RFC 3834, RFC 3464 and habit define. "Do not reply"
(X-Auto-Response-Suppress) does not make a mail automatic: Outlook puts it on people's mail.
"""

import re

from pfinbox.channels.mail.reading.headers import Headers
from pfinbox.domain.contract.incoming import Sort
from pfinbox.domain.contract.party import Party

# Nobody has these names; of a postmaster one cannot be sure.
_DAEMONS = ("mailer-daemon", "mailer_daemon", "mailerdaemon", "mail-daemon", "mdaemon")

_AUTOMATIC_PRECEDENCE = ("bulk", "list", "junk", "auto_reply")
# What vacation programs and lists write in place of, or before there was, RFC 3834.
_AUTOMATIC_FIELDS = (
    "x-autoreply",
    "x-autoreply-from",
    "x-mail-autoreply",
    "x-autorespond",
    "x-auto-response-from",
    "list-id",
)


def is_automatic(headers: Headers) -> bool:
    submitted = headers.first("auto-submitted").partition(";")[0].strip().lower()
    if submitted and submitted != "no":
        return True
    if any(headers.first(name).strip().lower() not in ("", "no") for name in _AUTOMATIC_FIELDS):
        return True
    precedence = headers.first("precedence").strip().lower().replace("-", "_")
    return precedence in _AUTOMATIC_PRECEDENCE


def is_bounce(headers: Headers, sender: Party) -> bool:
    kind = headers.first("content-type").lower()
    if kind.startswith("multipart/report") and "delivery-status" in kind:
        return True
    if headers.first("x-failed-recipients"):
        return True
    local = sender.value.partition("@")[0]
    return local in _DAEMONS or (local == "postmaster" and has_no_way_back(headers))


def has_no_way_back(headers: Headers) -> bool:
    """A null sender (RFC 5321, 4.5.5): reports and automatic answers have it, people never do.

    Gateways write reports under any name: what returns a mail of ours to us is a report.
    """
    return headers.first("return-path").replace(" ", "") == "<>"


def sort_of(headers: Headers, sender: Party) -> Sort:
    """The kind of the mail; a delivery report about a mere delay is automatic, not a bounce."""
    if is_bounce(headers, sender):
        return Sort.BOUNCE
    return Sort.AUTOMATIC if is_automatic(headers) else Sort.HUMAN


def no_auto_reply(headers: Headers) -> bool:
    """Whether the sender wants no answer of a program; such a mail may be a person's all the same.

    X-Auto-Response-Suppress as Exchange defines it (MS-OXCMAIL 2.1.3.2.22); a null Return-Path
    forbids every answer (RFC 3834, 2).
    """
    words = re.split(r"[,;\s]+", headers.first("x-auto-response-suppress")[:500].lower())
    if {"all", "oof", "autoreply"} & set(words):
        return True
    return has_no_way_back(headers)
