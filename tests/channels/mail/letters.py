"""Mails for tests: built from fields and a body, read as the channel reads them."""

from pfinbox.channels.mail.reading.mime import Place, Reader, read_mail
from pfinbox.domain.contract.incoming import Message

KEY = b"k" * 32
READER = Reader(
    mac_key=KEY,
    addresses=frozenset({"support@example.com"}),
    authserv_id="mx.example.com",
    spam_header="X-Spam-Flag: YES",
)


def letter(body: str | bytes = "Hello\n", *extra: str, **fields: str) -> bytes:
    """Raw mail; ``From_`` and the like for fields, ``extra`` for whole lines above them."""
    lines = {
        "From": "Client <client@example.org>",
        "To": "support@example.com",
        "Subject": "Question",
        "Message-ID": "<q1@example.org>",
    }
    for name, value in fields.items():
        lines[name.rstrip("_").replace("_", "-")] = value
    head = "".join(f"{line}\r\n" for line in extra)
    head += "".join(f"{name}: {value}\r\n" for name, value in lines.items() if value)
    payload = body.encode() if isinstance(body, str) else body
    return head.encode("utf-8", "surrogateescape") + b"\r\n" + payload.replace(b"\n", b"\r\n")


def read(raw: bytes) -> Message:
    return read_mail(raw, READER, Place())


def multipart(kind: str, *parts: str, **fields: str) -> bytes:
    body = "".join(f"--B\n{part}\n" for part in parts) + "--B--\n"
    return letter(body, Content_Type=f'multipart/{kind}; boundary="B"', **fields)


def part(content: str, kind: str = "text/plain; charset=utf-8", **fields: str) -> str:
    head = "".join(f"{name.replace('_', '-')}: {value}\n" for name, value in fields.items())
    return f"Content-Type: {kind}\n{head}\n{content}"
