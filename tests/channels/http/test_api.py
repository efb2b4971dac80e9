"""What may have become of a call, and what is never said of it (R24)."""

from collections.abc import AsyncIterator, Mapping
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from pfinbox.channels.http.api import Api, Refused
from pfinbox.channels.http.pace import Pace
from pfinbox.domain.contract.channel import (
    AccountFailure,
    ChannelError,
    PermanentFailure,
    TemporaryFailure,
    UnknownOutcome,
)
from pfinbox.domain.contract.settings import Secret
from pfinbox.errors import ConfigError


class Service(Api):
    name = "It"
    secret = Secret("word-of-mouth")

    async def head(self) -> Mapping[str, str]:
        return {"Authorization": await self.reveal(self.secret)}

    def result(self, told: Any) -> Any:
        if told.get("wrong"):
            raise Refused(0, told["wrong"], self.clean(told["said"]))
        return told


async def _answered(request: web.Request) -> web.StreamResponse:
    kind = request.match_info["kind"]
    if kind.isdecimal():
        return web.Response(status=int(kind), text="{}", headers={"Retry-After": "7"})
    if kind == "no":
        said = f"not with {request.headers['Authorization']}"
        return web.json_response({"wrong": 6, "said": said})
    if kind == "garbage":
        return web.Response(text='{"i')
    if kind == "cut":
        assert request.transport is not None
        request.transport.abort()
    slow = web.StreamResponse()
    await slow.prepare(request)
    for piece in (b'{"id": ', b'"1"}'):
        await slow.write(piece)
    return slow


@pytest.fixture
async def api() -> AsyncIterator[Api]:
    app = web.Application()
    app.router.add_post("/{kind}", _answered)
    async with TestServer(app) as server:
        made = Service(str(server.make_url("/")), rate=1000, pace=Pace(1000))
        yield made
        await made.close()


async def _failed(api: Api, kind: str, *, sending: bool = True) -> ChannelError:
    with pytest.raises(ChannelError) as caught, api.channel_errors(sending=sending):
        await api.call("POST", f"/{kind}", json={})
    return caught.value


async def test_r24_what_is_certain_is_told_from_what_is_not(api: Api) -> None:
    assert await api.call("POST", "/pieces", json={}) == {"id": "1"}
    for kind, means in {
        "400": PermanentFailure,
        "401": AccountFailure,
        "429": TemporaryFailure,
        "302": UnknownOutcome,
        "500": UnknownOutcome,
        "garbage": UnknownOutcome,
        "cut": UnknownOutcome,
    }.items():
        assert type(await _failed(api, kind)) is means, kind
    for kind in ("302", "500", "garbage", "cut"):
        assert type(await _failed(api, kind, sending=False)) is TemporaryFailure, kind
    later = await _failed(api, "429")
    assert isinstance(later, TemporaryFailure)
    assert later.retry_after == 7
    api.base = "http://127.0.0.1:1"
    assert type(await _failed(api, "nobody there")) is TemporaryFailure


async def test_a_secret_stands_in_no_reason(api: Api) -> None:
    failed = await _failed(api, "no")
    assert failed.reason.args == {"detail": "It 6 not with …"}

    def locked() -> str:
        raise ConfigError("the drawer is locked")

    unread = Service("http://127.0.0.1:1", rate=1)
    unread.secret = Secret(locked)
    assert (await _failed(unread, "x")).reason.kind == "secret_unreadable"
    await unread.close()
