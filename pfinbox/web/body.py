"""The body of a request, within its size and time."""

import asyncio

from aiohttp import web

_CHUNK = 1 << 16


async def read_body(request: web.Request, limit: int, seconds: float) -> bytes:
    """All of it. HTTPRequestEntityTooLarge, TimeoutError."""
    if (request.content_length or 0) > limit:
        raise web.HTTPRequestEntityTooLarge(limit, request.content_length or 0)
    chunks: list[bytes] = []
    size = 0
    async with asyncio.timeout(seconds):
        async for chunk in request.content.iter_chunked(_CHUNK):
            size += len(chunk)
            if size > limit:
                raise web.HTTPRequestEntityTooLarge(limit, size)
            chunks.append(chunk)
    return b"".join(chunks)
