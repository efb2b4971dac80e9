"""A file of a message, and where its bytes stand in those of a mail."""

import binascii
from dataclasses import field
from enum import StrEnum

from pfinbox.record import record


class Encoding(StrEnum):
    """How the bytes of a file stand in those of a mail (RFC 2045)."""

    NONE = "none"
    BASE64 = "base64"
    QUOTED_PRINTABLE = "quoted-printable"


@record
class Slice:
    """Where in the raw bytes of a message a file stands: it need not be stored twice."""

    start: int
    length: int
    encoding: Encoding

    def of(self, raw: bytes) -> bytes:
        """The file's bytes; ValueError where there are none."""
        if not 0 <= self.start <= self.start + self.length <= len(raw):
            raise ValueError("outside of the raw bytes")
        data = raw[self.start : self.start + self.length]
        if self.encoding is Encoding.BASE64:
            return binascii.a2b_base64(data)
        return data if self.encoding is Encoding.NONE else binascii.a2b_qp(data)


@record
class File:
    """A file that came in or goes out, with its bytes; ``name`` is the sender's claim.

    ``slice`` leads to the same bytes within the raw message.
    """

    name: str
    media_type: str
    content: bytes
    content_id: str | None = None
    slice: Slice | None = field(default=None, compare=False)

    @property
    def weighed(self) -> "Weighed":
        return Weighed(self.name, self.media_type, len(self.content))


@record
class Weighed:
    """A file without its bytes: what tells whether a channel takes it."""

    name: str
    media_type: str
    size: int
