"""Where the door listens, and the address under which clients know it."""

import ipaddress
from urllib.parse import urlsplit

from pfinbox.record import record

_UNIX = "unix:"


@record
class Listening:
    """A socket on this machine: host and port, or the path of a Unix socket."""

    host: str = ""
    port: int = 0
    path: str = ""

    def __str__(self) -> str:
        if self.path:
            return f"{_UNIX}{self.path}"
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def listening(text: str) -> Listening:
    """``127.0.0.1:8080``, ``[::1]:8080`` or ``unix:/run/pfinbox.sock``; ValueError for others.

    Only loopback: what comes over the network comes by a proxy that speaks TLS.
    """
    if text.startswith(_UNIX):
        path = text.removeprefix(_UNIX)
        if not path.startswith("/") or path.endswith("/"):
            raise ValueError(text)
        return Listening(path=path)
    parts = urlsplit(f"//{text}")
    if parts.netloc != text or "@" in text or parts.port is None:
        raise ValueError(text)
    if not is_loopback(parts.hostname):
        raise ValueError(text)
    return Listening(host=parts.hostname or "", port=parts.port)


def is_loopback(host: str | None) -> bool:
    """Whether a host is this machine, by whatever name."""
    named = (host or "").strip("[]").rstrip(".").lower()
    if named == "localhost":
        return True
    try:
        return ipaddress.ip_address(named).is_loopback
    except ValueError:
        return False


def origin(url: str) -> str:
    """Scheme, host and port of a base URL; ValueError where it has anything more.

    Plain http is for loopback only: the cookie would travel in the open.
    """
    parts = urlsplit(url)
    port = parts.port
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError(url)
    if parts.path.strip("/") or parts.query or parts.fragment or "@" in parts.netloc:
        raise ValueError(url)
    if parts.scheme == "http" and not is_loopback(parts.hostname):
        raise ValueError(url)
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    usual = {"http": 80, "https": 443}[parts.scheme]
    return f"{parts.scheme}://{host}" + (f":{port}" if port not in (None, usual) else "")
