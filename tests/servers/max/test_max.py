"""The loopback MAX answers and tells as MAX's own description has it, and so does who asks."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from pfinbox.channels.max.channel import MaxChannel
from pfinbox.channels.max.reading import UPDATES, read
from pfinbox.domain.contract.amending import Amendment, AmendmentKind
from pfinbox.domain.contract.channel import ChannelError
from pfinbox.domain.contract.files import File
from pfinbox.domain.contract.incoming import Ignored, Unreadable
from tests.channels.max.conftest import context, no_sleep, nothing, outgoing, polled
from tests.servers import described
from tests.servers.max import DIALOGUE, MARIA, Max

_ANSWERS = {
    ("GET", "/me"): "BotInfo",
    ("GET", "/subscriptions"): "GetSubscriptionsResult",
    ("POST", "/subscriptions"): "SimpleQueryResult",
    ("GET", "/updates"): "UpdateList",
    ("POST", "/messages"): "SendMessageResult",
    ("PUT", "/messages"): "SimpleQueryResult",
    ("DELETE", "/messages"): "SimpleQueryResult",
    ("POST", "/uploads"): "UploadEndpoint",
    ("POST", "/put/image"): "PhotoTokens",
    ("POST", "/put/file"): "UploadedInfo",
    ("POST", f"/chats/{DIALOGUE}/actions"): "SimpleQueryResult",
    ("GET", "/videos/x"): "VideoAttachmentDetails",
    ("GET", f"/chats/{DIALOGUE}"): "Chat",
}
_BODIES = {
    ("POST", "/messages"): "NewMessageBody",
    ("PUT", "/messages"): "NewMessageBody",
    ("POST", "/subscriptions"): "SubscriptionRequestBody",
    ("POST", f"/chats/{DIALOGUE}/actions"): "ActionRequestBody",
}


@pytest.fixture(scope="module")
def description() -> described.Description:
    return described.max_bot_api()


async def everything_is_told(server: Max) -> None:
    """An update of every kind that the channel asks for, with attachments of every kind."""
    payload = {"url": server.keep(b"x", "x"), "token": "t"}
    place = {"latitude": 55.7, "longitude": 37.6}
    attachments: list[dict[str, Any]] = [
        {"type": "image", "payload": {**payload, "photo_id": 1}},
        {"type": "video", "payload": {**payload, "token": "x"}},
        {"type": "audio", "payload": payload},
        {"type": "file", "payload": payload, "filename": "a.pdf", "size": 1},
        {"type": "sticker", "payload": {**payload, "code": "c"}, "width": 1, "height": 1},
        {"type": "contact", "payload": {"vcf_info": "TEL:+7900"}},
        {"type": "share", "payload": payload, "title": "Сайт"},
        {"type": "location", **place},
    ]
    await server.starts("word-of-task-7")
    said = await server.says("вот", attachments=attachments)
    await server.edits(said, "!")
    for kind in ("reply", "forward"):
        link = {"type": kind, "sender": said["sender"], "message": said["body"]}
        message = server._message(said["sender"], "x")
        await server.tell("message_created", message={**message, "link": link})
    await server.deletes(said["body"]["mid"])
    await server.stops()


async def everything_is_done(server: Max, channel: MaxChannel) -> None:
    """Every method that the channel knows, and every sort of refusal."""
    await everything_is_told(server)
    batches = await polled(channel, json.dumps({"marker": 0}))
    events = [item.event for batch in batches for item in batch.items]
    assert not [one for one in events if isinstance(one, Unreadable | Ignored)]
    await channel._subscribe()
    server.not_ready = 1
    for file in (File("a.png", "image/png", b"png"), File("b.pdf", "application/pdf", b"pdf")):
        await channel.send(outgoing(files=(file,)), nothing)
    sent = await channel.send(outgoing(quote_source_id="mid.7"), nothing)
    for kind, text in ((AmendmentKind.EDIT, "one"), (AmendmentKind.DELETE, "")):
        change = Amendment(nonce="a1", kind=kind, chat_key="1", source_id=sent.source_id, text=text)
        await channel.amend(change)
    with pytest.raises(ChannelError):
        await channel.amend(change)
    await channel.show_writing(str(DIALOGUE))
    server.avatar = server.keep(b"face", "face")
    assert await channel.picture(str(DIALOGUE), str(MARIA)) == b"face"
    assert await channel.picture(str(DIALOGUE), "1") is None
    await channel._api.call("GET", "/subscriptions")
    server.faults.append(403)
    with pytest.raises(ChannelError):
        await channel.send(outgoing(), nothing)


async def test_every_answer_and_update_is_as_described(
    max_server: Max, description: described.Description
) -> None:
    channel = MaxChannel(context(max_server.base, mode="poll"), sleep=no_sleep, wait=0)
    await everything_is_done(max_server, channel)
    await channel.close()
    assert {one["update_type"] for one in max_server.updates} == set(UPDATES)
    assert {(one.method, one.path) for one in max_server.told} == set(_ANSWERS)
    faults: list[str] = []
    for told in max_server.told:
        name = "Error" if told.status >= 400 else _ANSWERS[told.method, told.path]
        faults += description.faults(name, told.answer)
    for method, path, _query, body in max_server.calls:
        if body is not None:
            faults += description.faults(_BODIES[method, path], body)
    assert faults == []


def test_the_examples_of_max_s_own_client_are_read(description: described.Description) -> None:
    now = datetime.now(UTC)
    home = described.folder("max")
    given = [json.loads(path.read_text()) for path in home.glob("webhook.*.json")]
    for path in home.glob("update.*.json"):
        given += json.loads(path.read_text())["updates"]
    assert len(given) >= 2 * len(UPDATES)
    for update in given:
        assert description.faults("Update", update) == []
        event = read(update, now).event
        group = update.get("message", {}).get("recipient", {}).get("chat_type") == "chat"
        known = update["update_type"] in UPDATES and not group
        assert not isinstance(event, Unreadable), update
        assert isinstance(event, Ignored) is not known, update
