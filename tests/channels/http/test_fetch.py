"""A file's address may be anybody's choice: nothing private is fetched, nothing endless."""

import socket

import aiohttp
import pytest
from aiohttp import web
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.test_utils import TestServer

from pfinbox.channels.http.fetch import NotFetched, TooLarge, connector, fetch, is_public


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.1.2.3",
        "169.254.169.254",
        "192.168.0.1",
        "100.64.0.1",
        "0.0.0.0",
        "224.0.0.1",
        "::1",
        "fe80::1",
        "fd00::1",
        "::ffff:127.0.0.1",
        "64:ff9b::169.254.169.254",
        "2002:a9fe:a9fe::1",
        "2001:0:5ef5:79fb:0:0:80ff:fffe",
    ],
)
def test_private_addresses_are_known(address: str) -> None:
    assert not is_public(address)


def test_public_addresses_are_known() -> None:
    assert is_public("93.184.216.34")
    assert is_public("2606:2800:220:1:248:1893:25c8:1946")


async def served(
    *,
    allow_private: bool,
    path: str,
    limit: int = 1000,
    encrypted: bool = False,
    connections: aiohttp.TCPConnector | None = None,
) -> bytes:
    async def get(request: web.Request) -> web.StreamResponse:
        if request.path == "/ok":
            return web.Response(body=b"words")
        if request.path == "/away":
            raise web.HTTPFound("http://169.254.169.254/latest")
        if request.path == "/round":
            raise web.HTTPFound("/round")
        endless = web.StreamResponse()
        await endless.prepare(request)
        for _part in range(100):
            await endless.write(b"x" * 100)
        return endless

    app = web.Application()
    app.router.add_get("/{rest}", get)
    async with (
        TestServer(app) as server,
        aiohttp.ClientSession(
            connector=connections or connector(allow_private=allow_private)
        ) as session,
    ):
        url = str(server.make_url(path)) if path.startswith("/") else path
        url = url.replace("PORT", str(server.port))
        return await fetch(session, url, limit, allow_private=allow_private, encrypted=encrypted)


async def test_what_is_allowed_is_fetched() -> None:
    assert await served(allow_private=True, path="/ok") == b"words"


@pytest.mark.parametrize(
    "path",
    ["/ok", "http://localhost:PORT/ok", "file:///etc/passwd", "http://[::1", "http://2130706433/"],
)
async def test_what_is_private_is_not(path: str) -> None:
    with pytest.raises(NotFetched):
        await served(allow_private=False, path=path)


async def test_a_picture_of_a_person_comes_encrypted_or_not_at_all() -> None:
    with pytest.raises(NotFetched, match="not encrypted"):
        await served(allow_private=True, path="/ok", encrypted=True)


async def test_redirects_end() -> None:
    with pytest.raises(NotFetched, match="too many"):
        await served(allow_private=True, path="/round")


class _Public(AbstractResolver):
    """A name that anybody may fetch from, here the test's own server."""

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        return [
            ResolveResult(
                hostname=host, host="127.0.0.1", port=port, family=family, proto=0, flags=0
            )
        ]

    async def close(self) -> None:
        """Nothing is open."""


async def test_a_redirect_leads_to_nothing_private() -> None:
    with pytest.raises(NotFetched, match="private network"):
        await served(
            allow_private=False,
            path="http://files.example:PORT/away",
            connections=aiohttp.TCPConnector(resolver=_Public()),
        )


async def test_what_is_endless_ends() -> None:
    with pytest.raises(TooLarge):
        await served(allow_private=True, path="/endless")


async def test_a_name_with_a_private_address_has_none() -> None:
    resolver = connector(allow_private=False)._resolver
    with pytest.raises(OSError, match="no public address"):
        await resolver.resolve("localhost", 80, socket.AF_INET)
    await resolver.close()
