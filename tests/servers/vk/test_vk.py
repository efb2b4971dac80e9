"""The loopback VK answers and tells as VK's own description has it, and so does who asks."""

import json
from typing import Any

import pytest

from pfinbox.channels.vk.channel import VkChannel
from pfinbox.domain.contract.amending import Amendment, AmendmentKind
from pfinbox.domain.contract.channel import ChannelError
from pfinbox.domain.contract.files import File
from pfinbox.domain.contract.incoming import Unreadable
from tests.channels.vk.conftest import context, nothing, outgoing, polled
from tests.servers import described
from tests.servers.told import Told
from tests.servers.vk import GROUP, MARIA, Json, Vk
from tests.servers.vk.shapes import EVENTS

_EVENTS = {
    "message_new": "callback-objects.callback_message_object",
    "message_reply": "callback-objects.callback_message",
    "message_edit": "callback-objects.callback_message",
    "message_allow": "callback-objects.callback_message_allow",
    "message_deny": "callback-objects.callback_message_deny",
    "message_read": "callback-objects.callback_message_read",
    "message_typing_state": "callback-objects.callback_message_typing_state",
    "message_reaction_event": "callback-objects.callback_message_reaction_event",
}
_UPLOADS = {
    "/upload/photo": "photos-responses.photos_message_upload_response",
    "/upload/doc": "docs-responses.docs_doc_upload_response",
}


@pytest.fixture(scope="module")
def description() -> described.Description:
    return described.vk()


def everything_is_told(vk: Vk) -> None:
    """An event of every kind, with attachments of every kind that has a description."""
    place = {"id": 5, "owner_id": MARIA}
    size = {"type": "w", "width": 2, "height": 1, "url": vk.keep(b"large", "l.jpg")}
    photo = {**place, "album_id": -3, "date": 1, "has_tags": False, "sizes": [size]}
    doc: Json = {**place, "title": "a", "ext": "pdf", "url": vk.keep(b"pdf", "d"), "size": 3}
    voice = {**place, "duration": 1, "waveform": [1], "link_mp3": "x", "link_ogg": size["url"]}
    attached: list[dict[str, Any]] = [
        {"type": "photo", "photo": photo},
        {"type": "doc", "doc": {**doc, "date": 1, "type": 1}},
        {"type": "audio_message", "audio_message": voice},
    ]
    first = vk.says("?")
    other = {"from_id": 7, "date": 1, "conversation_message_id": 1, "text": "слова"}
    geo = {"type": "point", "coordinates": {"latitude": 55.7, "longitude": 37.6}}
    vk.says("вот", attachments=attached, fwd_messages=[other], geo=geo, ref="r", ref_source="s")
    vk.says("и", reply_message=first)
    vk.edits(first, "!")
    vk.colleague_says("Из ящика VK")
    vk.push("message_allow", {"user_id": MARIA, "key": ""})
    vk.push("message_deny", {"user_id": MARIA})
    read = {"from_id": MARIA, "peer_id": MARIA, "read_message_id": 1001}
    vk.push("message_read", {**read, "conversation_message_id": 1})
    told = {"reacted_id": MARIA, "peer_id": MARIA, "cmid": 1}
    vk.push("message_reaction_event", {**told, "reaction_id": 4})
    vk.push("message_reaction_event", told)
    vk.push("message_typing_state", {"from_id": MARIA, "to_id": -GROUP, "state": "1"})


async def everything_is_done(vk: Vk, channel: VkChannel) -> None:
    """Every method that the channel knows, and every sort of refusal."""
    cursor = json.dumps({"ts": "0", "newest": 1})
    everything_is_told(vk)
    batches = await polled(channel, cursor)
    events = [item.event for batch in batches for item in batch.items]
    assert not [one for one in events if isinstance(one, Unreadable)]
    vk.key = "expired"
    await polled(channel, json.dumps({"ts": str(len(vk.events)), "newest": 1}))
    vk.first = len(vk.events)
    await polled(channel, cursor)
    vk.forget()
    await polled(channel, cursor)
    files = (File("a.png", "image/png", b"png"), File("b.pdf", "application/pdf", b"pdf"))
    sent = await channel.send(outgoing(files=files, quote_source_id="42:1001"), nothing)
    for kind, text in ((AmendmentKind.EDIT, "one"), (AmendmentKind.DELETE, "")):
        change = Amendment(
            nonce="a1",
            kind=kind,
            chat_key="42",
            source_id=sent.source_id,
            text=text,
            captioned=True,
        )
        await channel.amend(change)
    await channel.show_writing("42")
    vk.users[MARIA] |= {"has_photo": 1, "photo_200": vk.keep(b"face", "face")}
    assert await channel.picture("42", str(MARIA)) == b"face"
    await channel.probe()
    vk.blocked.add(MARIA)
    with pytest.raises(ChannelError):
        await channel.send(outgoing(), nothing)


def faults_of(told: Told, description: described.Description, methods: Json) -> list[str]:
    """What is wrong with an answer."""
    kind, _slash, method = told.path.removeprefix("/").partition("/")
    if kind == "poll":
        updates = told.answer.get("updates", [])
        faults = [description.faults("callback-objects.callback_base", one) for one in updates]
        faults += [description.faults(_EVENTS[one["type"]], one["object"]) for one in updates]
        return [one for some in faults for one in some]
    if kind == "upload":
        # Answers of the upload servers are described as a method's, and come bare.
        return description.faults(_UPLOADS[told.path], {"response": told.answer})
    if "error" in told.answer:
        return description.faults("base-objects.base_error", told.answer["error"])
    given = methods[method]["responses"]
    answer = given.get("response") or given["deprecatedResponse"]
    area, _slash, name = answer["$ref"].removeprefix("../").partition("/responses.json")
    name = name.removeprefix("#/definitions/")
    return description.faults(f"{area}-responses.{name}", told.answer)


async def test_every_answer_and_event_is_as_described(
    vk_server: Vk, description: described.Description
) -> None:
    methods = described.vk_methods()
    channel = VkChannel(context(vk_server.base), wait=0)
    await everything_is_done(vk_server, channel)
    await channel.close()
    assert {one["type"] for one in vk_server.events} == set(_EVENTS) == set(EVENTS)
    found = [faults_of(one, description, methods) for one in vk_server.told]
    assert sorted({one for some in found for one in some}) == []
    for method, form in vk_server.calls:
        known = {one["name"]: one for one in methods[method]["parameters"]}
        assert set(form) - known.keys() == {"v"}, method
        needed = {name for name, one in known.items() if one.get("required")}
        assert needed <= set(form), method
        numbers = [form[name] for name in form if known.get(name, {}).get("type") == "integer"]
        assert all(one.lstrip("-").isdecimal() for one in numbers), method
