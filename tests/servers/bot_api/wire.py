"""Requests to the loopback Bot API server as they come in, and the ways they can go wrong."""

import json
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from tests.servers.bot_api.shapes import Json


@dataclass(frozen=True, slots=True)
class Call:
    """One request as it came in: method, fields, and uploaded files (name, bytes) by field."""

    method: str
    fields: dict[str, str]
    files: dict[str, tuple[str, bytes]] = field(default_factory=dict)

    def json(self, name: str) -> Any:
        """A nested value: it travels as JSON text."""
        return json.loads(self.fields[name])


@dataclass(frozen=True, slots=True)
class Fault:
    """What goes wrong: an answer (``status``, ``body``) or, without one, a dropped connection.

    ``applied``: the request takes effect all the same; only its answer is lost.
    """

    status: int = 0
    body: Json | str = ""
    applied: bool = False


async def read_call(request: web.Request) -> Call:
    """The fields of a request: query, urlencoded, JSON or multipart."""
    fields = dict(request.query)
    files: dict[str, tuple[str, bytes]] = {}
    if request.content_type == "application/json":
        body = await request.json()
        fields |= {k: v if isinstance(v, str) else json.dumps(v) for k, v in body.items()}
    elif request.can_read_body:
        for name, value in (await request.post()).items():
            if isinstance(value, web.FileField):
                files[name] = (value.filename, value.file.read())
            else:
                fields[name] = str(value)
    return Call(request.match_info["method"], fields, files)
