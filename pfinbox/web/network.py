"""Where a request comes from: what limits are counted by."""

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from aiohttp import web

from pfinbox.web.site import SITE, Site

Address = IPv4Address | IPv6Address


def network_of(request: web.Request) -> str:
    """The network that the request comes from: an IPv4 address, or the /64 of an IPv6 one.

    Whoever has one address of a /64 has all of them. ``X-Forwarded-For`` is believed from the
    configured proxies only, from its end on; on a unix socket whoever connects is a proxy.
    """
    address = _client(request, request.app[SITE])
    return network_name(address) if address is not None else "local"


def network_name(address: Address) -> str:
    if isinstance(address, IPv6Address):
        return str(ip_network((address, 64), strict=False))
    return str(address)


def _client(request: web.Request, site: Site) -> Address | None:
    address = parsed(request.remote or "")
    forwarded = request.headers.getall("X-Forwarded-For", [])
    hops = [one.strip() for line in forwarded for one in line.split(",")]
    while hops and (address is None or any(address in one for one in site.trusted_proxies)):
        told = parsed(hops.pop())
        if told is None:
            break
        address = told
    return address


def parsed(text: str) -> Address | None:
    """An address as it is written; None for anything else."""
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address
