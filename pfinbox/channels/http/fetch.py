"""Fetching a file by an address that a stranger may have chosen.

Addresses within the machine or a private network are refused, also behind a name or a redirect:
what stands there is not for everybody who can name it (server-side request forgery).
"""

import ipaddress
import socket
from collections.abc import Mapping
from urllib.parse import urljoin, urlsplit

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import ThreadedResolver

_HOPS = 5
_REDIRECTS = (301, 302, 303, 307, 308)
_CHUNK = 1 << 16
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_PATIENCE = aiohttp.ClientTimeout(total=120, sock_connect=15, sock_read=30)


class NotFetched(Exception):
    """The file cannot be had; ``str`` says why, without the address.

    ``later``: it may be had another time.
    """

    def __init__(self, why: str, *, later: bool = False) -> None:
        super().__init__(why)
        self.later = later


class TooLarge(NotFetched):
    """It is larger than what may be fetched."""


class _PublicOnly(AbstractResolver):
    """Resolves names, and forgets their private addresses."""

    def __init__(self) -> None:
        self._names = ThreadedResolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        found = [
            one for one in await self._names.resolve(host, port, family) if is_public(one["host"])
        ]
        if not found:
            raise OSError("it has no public address")
        return found

    async def close(self) -> None:
        await self._names.close()


def is_public(address: str) -> bool:
    """Whether an IP address is one of the public internet."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    inner = _within(ip) if isinstance(ip, ipaddress.IPv6Address) else None
    # An address that only stands for one of IPv4 is as public as that one.
    reached = inner or ip
    return reached.is_global and not reached.is_multicast


def _within(ip: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    """The IPv4 address that a packet to ``ip`` may reach: mapped, 6to4, Teredo, NAT64."""
    if ip in _NAT64:
        return ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
    return ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo is not None else None)


def connector(*, allow_private: bool) -> aiohttp.TCPConnector:
    """Connections for a session that ``fetch`` uses."""
    if allow_private:
        return aiohttp.TCPConnector(limit=8)
    return aiohttp.TCPConnector(limit=8, resolver=_PublicOnly())


async def fetch(
    session: aiohttp.ClientSession,
    url: str,
    limit: int,
    *,
    allow_private: bool,
    own: str = "",
    encrypted: bool = False,
    head: Mapping[str, str] | None = None,
) -> bytes:
    """The bytes at ``url``, at most ``limit``; raises NotFetched.

    ``own``: the service's own host and port, which the configuration names, wherever it is.
    ``encrypted``: by https only, but from there.
    ``head`` may hold a secret: no host that is redirected to gets it.
    """
    for _hop in range(_HOPS):
        _check(url, allow_private=allow_private, own=own, encrypted=encrypted)
        try:
            async with session.get(
                url, headers=head, allow_redirects=False, timeout=_PATIENCE
            ) as answer:
                if answer.status in _REDIRECTS:
                    before, url = url, urljoin(url, answer.headers.get("Location", ""))
                    if before.startswith("https:") and not url.startswith("https:"):
                        raise NotFetched("it leads away from TLS")
                    head = None
                    continue
                if answer.status != 200:
                    later = answer.status == 429 or answer.status >= 500
                    raise NotFetched(f"the server answered {answer.status}", later=later)
                return await _body(answer, limit)
        except (aiohttp.ClientError, OSError, TimeoutError, ValueError) as error:
            raise NotFetched(_why(error), later=not isinstance(error, ValueError)) from error
    raise NotFetched("too many redirects")


def _why(error: Exception) -> str:
    inner: BaseException | None = error
    while inner is not None:
        if "no public address" in str(inner):
            return "it has no public address"
        inner = inner.__cause__ or inner.__context__
    return type(error).__name__


def _check(url: str, *, allow_private: bool, own: str, encrypted: bool) -> None:
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError as error:
        raise NotFetched("this is no address of a file") from error
    if parts.scheme not in ("http", "https") or not host:
        raise NotFetched("this is no address of a file")
    if own and parts.netloc == own:
        return
    if encrypted and parts.scheme != "https":
        raise NotFetched("it is not encrypted on its way")
    try:
        public = is_public(host)
    except ValueError:
        return  # a name, which the resolver looks at
    if not (public or allow_private):
        raise NotFetched("it is in a private network")


async def _body(answer: aiohttp.ClientResponse, limit: int) -> bytes:
    if (answer.content_length or 0) > limit:
        raise TooLarge("it is too large")
    chunks: list[bytes] = []
    size = 0
    async for chunk in answer.content.iter_chunked(_CHUNK):
        size += len(chunk)
        if size > limit:
            raise TooLarge("it is too large")
        chunks.append(chunk)
    return b"".join(chunks)
