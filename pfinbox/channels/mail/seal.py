"""How a mail that we sent is known again: a signed Message-ID alone is anybody's to copy.

A mail of ours carries a seal over its Message-ID, sender, subject, text and files. Whoever quotes
our Message-ID above other words has no seal for them, and is shown like any client (R12).
"""

from email.message import Message as Mail

from pfinbox.channels.mail.reading.addresses import parties
from pfinbox.channels.mail.reading.body import Body, one_text
from pfinbox.channels.mail.reading.headers import Headers
from pfinbox.channels.mail.smtp import tokens
from pfinbox.domain.contract.party import Party
from pfinbox.domain.inbound.identity.repeats import fingerprint_of

FIELD = "X-Pfinbox-Seal"


def is_whole(key: bytes, headers: Headers, sender: Party, body: Body) -> bool:
    """Whether it says exactly what we sent under this Message-ID."""
    given = headers.first(FIELD.lower())
    return bool(given) and tokens.same_mac(given, _seal(key, headers, sender, body))


def is_signed(key: bytes, headers: Headers) -> bool:
    """Whether its Message-ID is one of ours, whoever wrote it."""
    own = headers.ids("message-id")
    return bool(own) and tokens.read_message_id(key, own[0]) is not None


def add(key: bytes, raw: bytes, mail: Mail, body: Body) -> bytes:
    """The mail with its seal; ``mail`` and ``body`` are what our own reader makes of it."""
    headers = Headers(mail.raw_items())
    senders = parties(headers.all("from")[:1])
    sender = senders[0] if senders else Party("")
    return f"{FIELD}: {_seal(key, headers, sender, body)}\r\n".encode() + raw


def of_text(key: bytes, source_id: str, sender: Party, subject: str, text: str) -> str:
    """The seal of a mail without files, from what our own reader will make of it."""
    said = fingerprint_of(sender, subject, one_text([text]), ())
    return tokens.seal(key, source_id.lower(), said)


def _seal(key: bytes, headers: Headers, sender: Party, body: Body) -> str:
    own = next(iter(headers.ids("message-id")), "").lower()
    said = fingerprint_of(sender, headers.text("subject"), body.noted(body.said), body.files)
    return tokens.seal(key, own, said)
