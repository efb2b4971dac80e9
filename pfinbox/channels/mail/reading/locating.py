"""Where in the raw bytes of a mail its files stand, so that they need not be kept twice."""

from email.message import Message as Mail

from pfinbox.domain.contract.files import Encoding, Slice

_ENCODINGS = {
    "base64": Encoding.BASE64,
    "quoted-printable": Encoding.QUOTED_PRINTABLE,
}


# Each costs a walk over the rest of the mail.
_MOST_MISSED = 10


class Locator:
    """Finds the parts of one mail in the order in which they stand."""

    def __init__(self, raw: bytes) -> None:
        self._raw = raw
        self._from = 0
        self._missed = 0

    def find(self, part: Mail, content: bytes) -> Slice | None:
        """Where ``content`` of this part is cut from; None where that would give other bytes."""
        encoding = str(part.get("content-transfer-encoding", "")).strip().lower()
        # As it was parsed: the parser keeps every byte between the parts' boundaries.
        payload = part._payload  # type: ignore[attr-defined]
        if not isinstance(payload, str):
            return self._found(content, content, Encoding.NONE)
        try:
            data = payload.encode("ascii", "surrogateescape")
        except UnicodeEncodeError:
            return None
        return self._found(data, content, _ENCODINGS.get(encoding, Encoding.NONE))

    def _found(self, data: bytes, content: bytes, encoding: Encoding) -> Slice | None:
        if not data or self._missed == _MOST_MISSED:
            return None
        at = self._raw.find(data, self._from)
        if at < 0:
            self._missed += 1
            return None
        self._from = at + len(data)
        found = Slice(at, len(data), encoding)
        try:
            return found if found.of(self._raw) == content else None
        except ValueError:  # binascii.Error, for what no other program can decode either
            return None
