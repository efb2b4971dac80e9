"""The loopback Avito answers and tells as Avito's own description has it, and so does who asks."""

import json
import re
from datetime import UTC, datetime
from typing import Any

import pytest

from pfinbox.channels.avito.channel import AvitoChannel
from pfinbox.channels.avito.reading import read
from pfinbox.domain.contract.amending import Amendment, AmendmentKind
from pfinbox.domain.contract.channel import PermanentFailure
from pfinbox.domain.contract.files import File
from pfinbox.domain.contract.incoming import Unreadable
from tests.channels.avito.conftest import (
    Pushed,
    batches,
    context,
    no_sleep,
    nothing,
    outgoing,
)
from tests.servers import described
from tests.servers.avito import BUYER, CHAT, SELLER, Avito

_HOOK = described.operation("POST", "/messenger/v3/webhook", 201)
_ERRORS = {400: "badRequestError", 401: "authError", 404: "notFoundError"}


def _template(paths: dict[str, Any], method: str, path: str) -> str:
    """The path as it is described, with as few gaps as can be."""
    for known in sorted(paths, key=lambda one: one.count("{")):
        pattern = "/".join(
            "[^/]+" if one.startswith("{") else re.escape(one) for one in known.split("/")
        )
        if method.lower() in paths[known] and re.fullmatch(pattern, path):
            return known
    raise AssertionError(f"{method} {path}")


async def _everything(server: Avito) -> list[Any]:
    """Every method that the channel knows, a refusal of each sort, and what was pushed."""
    door = Pushed(context(server).settings)
    channel, fresh = (AvitoChannel(context(server, door), sleep=no_sleep) for _n in range(2))
    await channel.probe()
    server.push = door.push
    await batches(channel)
    await server.says("?")
    voice: dict[str, Any] = {"type": "voice", "content": {"voice": {"voice_id": "v"}}}
    server.keep(b"voice", "v")
    await server.says("", **voice)
    await batches(fresh)
    fresh._chats._known.clear()
    await fresh._chats.named(CHAT)
    server.avatar = server.keep(b"face", "face")
    await server.says("!")
    fresh._chats._known.clear()
    assert await fresh.picture(CHAT, str(BUYER)) == b"face"
    sent = await channel.send(outgoing(), nothing)
    picture = File("a.png", "image/png", b"png")
    await channel.send(outgoing(files=(picture,)), nothing)
    await channel.amend(
        Amendment(nonce="a1", kind=AmendmentKind.DELETE, chat_key=CHAT, source_id=sent.source_id)
    )
    server.faults.append(400)
    with pytest.raises(PermanentFailure):
        await channel.send(outgoing(), nothing)
    for one in (channel, fresh):
        await one.close()
    return [json.loads(one.request.body) for one in door.kept]


async def test_every_answer_and_request_is_as_described(avito_server: Avito) -> None:
    description, paths = described.avito()
    pushed = await _everything(avito_server)
    faults: list[str] = []
    asked = set()
    for told in avito_server.told:
        if told.path == "/token":
            continue  # of another description, which is not at hand
        path = _template(paths, told.method, told.path)
        asked.add(f"{told.method} {path}")
        name = described.operation(told.method, path, told.status)
        faults += description.faults(_ERRORS.get(told.status, name), told.answer)
    for method, path, body in avito_server.calls:
        if body is not None:
            name = described.operation(method, _template(paths, method, path), "body")
            faults += description.faults(name, body)
    for event in pushed:
        faults += description.faults(_HOOK, event)
    assert faults == []
    assert pushed
    left = {f"{m.upper()} {p}" for p, known in paths.items() for m in known if m != "parameters"}
    assert {one.partition("/{user_id}/")[2] or one for one in left - asked} == {
        "chats/{chat_id}/read",
        "blacklist",
        "POST /messenger/v1/webhook/unsubscribe",
    }


def test_every_kind_of_message_is_read() -> None:
    description, _paths = described.avito()
    kinds = description.schemas["Messages"]["items"]["properties"]["type"]["enum"]
    kinds += description.schemas["WebhookMessage"]["properties"]["type"]["enum"]
    chat = {"id": CHAT, "users": [{"id": SELLER}, {"id": 1}]}
    for kind in kinds:
        message = {"id": "m", "author_id": 1, "created": 1, "type": kind, "content": {}}
        found = read(message, chat, SELLER, datetime.now(UTC))
        assert not [one for one in found if isinstance(one.event, Unreadable)], kind
