"""What makes two messages the same one beside their ids: sender, subject, text and files (R12)."""

import hashlib
from collections.abc import Iterable, Iterator

from pfinbox.domain.contract.files import File
from pfinbox.domain.contract.incoming import Incoming, Message
from pfinbox.domain.contract.party import Party
from pfinbox.domain.text.cleaning import clean, clean_line
from pfinbox.record import record


@record
class Mark:
    """By what a received thing is known again: its bytes, and what its message says."""

    sha256: str
    digest: str | None


def mark(incoming: Incoming) -> Mark:
    """The mark of something received, made once: it costs a walk over all its bytes.

    Its digest is that of the message as it came: who is taken for its author later has no part.
    """
    event = incoming.event
    digest = fingerprint(event) if isinstance(event, Message) else None
    return Mark(hashlib.sha256(incoming.raw).hexdigest(), digest)


def fingerprint(message: Message) -> str:
    """The same for two copies of one message, another one for whatever differs in any of these."""
    return fingerprint_of(message.sender, message.title, message.text, message.files)


def fingerprint_of(sender: Party, title: str | None, text: str, files: Iterable[File]) -> str:
    """Like :func:`fingerprint`, where there is no message yet."""
    whole = hashlib.sha256()
    for piece in _pieces(sender, title, text, files):
        # Of one length each, so that no two lists of pieces give the same bytes.
        whole.update(hashlib.sha256(piece).digest())
    return whole.hexdigest()


def _pieces(sender: Party, title: str | None, text: str, files: Iterable[File]) -> Iterator[bytes]:
    # Where there is no address, what stands in its place tells senders apart.
    yield (clean_line(sender.value) or f"\0{clean_line(sender.name)}").encode()
    yield clean_line(title or "", len(title or "")).encode()
    yield clean(text).strip().encode()
    for file in files:
        yield clean_line(file.name).encode()
        yield file.content
