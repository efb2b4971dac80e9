"""How many connections the door holds at a time: it shares its process with the daemon."""

import asyncio
import logging
import resource
from collections.abc import Sequence
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import cast

from aiohttp import web

from pfinbox.record import record
from pfinbox.web.network import network_name, parsed

log = logging.getLogger(__name__)

# Files that stay for databases, mailboxes and messengers.
_OTHERS = 200
_MOST = 4_000
# An office behind one address, with several pages open each.
_MOST_EACH = 200


def _here() -> tuple[IPv4Network | IPv6Network, ...]:
    return ip_network("127.0.0.0/8"), ip_network("::1/128")


def _room() -> int:
    """As many as this process may have open files, and some fewer."""
    return max(min(resource.getrlimit(resource.RLIMIT_NOFILE)[0] - _OTHERS, _MOST), 50)


@record
class Crowd:
    """``most`` connections in all, ``each`` from one network.

    ``many``: whose connections are many people's, as a proxy's are.
    """

    most: int
    each: int = _MOST_EACH
    many: tuple[IPv4Network | IPv6Network, ...] = ()

    @classmethod
    def usual(cls, proxies: Sequence[IPv4Network | IPv6Network] = ()) -> "Crowd":
        return cls(_room(), many=(*_here(), *proxies))


class Gate(asyncio.Protocol):
    """Lets one more connection in, or ends it before anything is read."""

    def __init__(self, server: web.Server, crowd: Crowd) -> None:
        self._server = server
        self._crowd = crowd

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        connection = cast("asyncio.Transport", transport)
        if self._is_full(connection):
            log.debug("one connection too many")
            connection.abort()
            return
        handler = self._server()
        connection.set_protocol(handler)
        handler.connection_made(connection)

    def _is_full(self, transport: asyncio.BaseTransport) -> bool:
        connected = self._server.connections
        if len(connected) >= self._crowd.most:
            return True
        name = self._network(transport)
        if name is None or len(connected) < self._crowd.each:
            return False
        others = (self._network(one.transport) for one in connected if one.transport is not None)
        return sum(other == name for other in others) >= self._crowd.each

    def _network(self, transport: asyncio.BaseTransport) -> str | None:
        """Whose connection it is; None where that tells nothing."""
        peer = transport.get_extra_info("peername")
        address = parsed(peer[0]) if isinstance(peer, tuple) else None
        if address is None or any(address in one for one in self._crowd.many):
            return None
        return network_name(address)
