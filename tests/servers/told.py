"""What a loopback server has answered, so that a test can hold it against a description."""

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from aiohttp import web

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(frozen=True, slots=True)
class Told:
    """One answer in JSON."""

    method: str
    path: str
    status: int
    answer: Any


def telling(told: list[Told]) -> Any:
    """A middleware that notes every answer in JSON; a truncated one is none."""

    @web.middleware
    async def note(request: web.Request, handler: Handler) -> web.StreamResponse:
        response = await handler(request)
        if isinstance(response, web.Response) and response.content_type == "application/json":
            try:
                answer = json.loads(response.text or "")
            except ValueError:
                return response
            told.append(Told(request.method, request.path, response.status, answer))
        return response

    return note
