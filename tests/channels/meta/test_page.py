"""What Messenger and Instagram tell, and what leaves for them (R2, R11, R19, R20, R24, R43)."""

import asyncio
from typing import Any

import pytest

from pfinbox.channels.meta.page.channel import Page
from pfinbox.domain.contract.channel import PermanentFailure, TemporaryFailure
from pfinbox.domain.contract.files import File
from pfinbox.domain.contract.incoming import (
    ChatStarted,
    Deletion,
    Edit,
    Fate,
    Ignored,
    Message,
    Reaction,
    Report,
    Sort,
)
from pfinbox.domain.contract.reason import Reason
from tests.channels.meta.conftest import Open, nothing, to_page
from tests.channels.meta.reading import Waiting, batches, events
from tests.servers.meta import Graph, Json
from tests.servers.meta.shapes import PSID, event, page


async def read(
    open_channel: Open, *some: Json, name: str = "messenger", instagram: bool = False
) -> list[Any]:
    waiting = Waiting(page(*some, instagram=instagram))
    return await events(open_channel(name, context={"requests": waiting}))


def said(mid: str = "m_1", **more: Any) -> Json:
    return event(message={"mid": mid, "text": "Hello", **more})


def attached(server: Graph, kind: str, content: bytes = b"x", **payload: Any) -> Json:
    server.media[f"{kind}.bin"] = ("public", content)
    url = server.address(f"{kind}.bin")
    return {"type": kind, "payload": {"url": url, **payload}}


async def test_r20_messages_of_every_kind_come_as_words_and_files(
    meta_server: Graph, open_channel: Open
) -> None:
    meta_server.names[PSID] = {"first_name": "Мария", "last_name": "И"}
    point = {"type": "location", "title": "Home", "payload": {"coordinates": {"lat": 1, "long": 2}}}
    sticker = attached(meta_server, "sticker", b"png", sticker_id=1)
    mention = attached(meta_server, "story_mention")
    story = {"story": {"url": mention["payload"]["url"], "id": "1"}}
    ad = {"source": "ADS", "ads_context_data": {"ad_title": "Sale", "photo_url": "https://p"}}
    element = {"title": "Tyre", "subtitle": "28 inch"}
    given: list[tuple[Json, str, list[bytes]]] = [
        (said(attachments=[attached(meta_server, "image", b"jpg")]), "Hello", [b"jpg"]),
        (said("m_2", attachments=[sticker, {**sticker, "type": "image"}]), "Hello", [b"png"]),
        (said("m_3", attachments=[point]), "Hello\n📍 Home (1, 2)", []),
        (said("m_4", attachments=[attached(meta_server, "share")]), "Hello\n🔗 http", []),
        (said("m_5", attachments=[attached(meta_server, "ig_reel", title="R")]), "Hello\n🔗 R", []),
        (said("m_6", attachments=[mention]), "Hello\n[story]", [b"x"]),
        (said("m_7", reply_to=story), "Hello\n↩ [story]", [b"x"]),
        (said("m_8", referral=ad), "Hello\n🔗 Sale https://p", []),
        (said("m_9", attachments=[{"type": "template", "payload": {"elements": [element]}}]),
         "Hello\nTyre\n28 inch", []),
        (said("m_10", attachments=[{"type": "hologram"}]), "Hello\n[hologram]", []),
        (said("m_11", is_unsupported=True), "Hello\n[?]", []),
        (event(postback={"mid": "m_12", "title": "Get Started", "payload": "go"}), "Get St", []),
    ]  # fmt: skip
    found = await read(open_channel, *(one for one, _text, _files in given))
    assert len(found) == len(given)
    for one, (_told, text, files) in zip(found, given, strict=True):
        assert isinstance(one, Message)
        assert one.text.startswith(text)
        assert [file.content for file in one.files] == files
        assert (one.sender.value, one.sender.name) == (PSID, "Мария И")
    # A name is asked for once.
    assert [path for _method, path, _query, _body in meta_server.calls].count(f"/{PSID}") == 1


async def test_r11_r24_r30_what_is_told_besides_messages(open_channel: Open) -> None:
    found = await read(
        open_channel,
        said(reply_to={"mid": "m_0"}),
        event(message_edit={"mid": "m_1", "text": "Hello!", "num_edit": 1}),
        event(message={"mid": "m_1", "is_deleted": True}),
        event(reaction={"mid": "m_0", "action": "react", "emoji": "❤", "reaction": "love"}),
        event(reaction={"mid": "m_0", "action": "unreact"}),
        event(delivery={"mids": ["m_0"], "watermark": 1_700_000_000_000}),
        event(read={"watermark": 1_700_000_000_000}),
        event(read={"mid": "m_0"}),
        event(referral={"ref": "word-of-task-7", "source": "SHORTLINK"}),
        event(optin={"type": "x"}),
    )
    message, edit, gone, liked, unliked, has, seen, seen_one, started, ignored = found
    assert isinstance(message, Message)
    assert message.references == ("m_0",)
    assert isinstance(edit, Edit)
    assert (edit.source_id, edit.text) == ("m_1", "Hello!")
    assert isinstance(gone, Deletion)
    assert isinstance(liked, Reaction)
    assert isinstance(unliked, Reaction)
    assert (liked.signs, unliked.signs) == (("❤",), ())
    reports = (has, seen, seen_one)
    assert all(isinstance(one, Report) for one in reports)
    told = [(one.fate, one.source_id, one.chat_key) for one in reports]
    assert told == [(Fate.DELIVERED, "m_0", None), (Fate.SEEN, "", PSID), (Fate.SEEN, "m_0", None)]
    assert seen.until is not None
    assert isinstance(started, ChatStarted)
    assert started.payload == "word-of-task-7"
    assert isinstance(ignored, Ignored)


async def test_r30_a_link_that_leads_into_the_chat_is_followed_before_the_message(
    open_channel: Open,
) -> None:
    pressed = {"title": "Start", "payload": "go", "referral": {"ref": "word", "source": "x"}}
    started, message = await read(open_channel, event(postback=pressed))
    assert isinstance(started, ChatStarted)
    assert isinstance(message, Message)
    profiles = [
        (await batches(open_channel(name, context={"requests": Waiting()})))[0].profile
        for name in ("messenger", "instagram")
    ]
    assert [one.invitation for one in profiles if one] == [
        "https://m.me/1118900000001?ref={token}",
        "https://ig.me/m/velo.shop?ref={token}",
    ]


@pytest.mark.parametrize(("name", "other"), [("messenger", True), ("instagram", False)])
async def test_what_is_another_page_s_is_left_alone(
    meta_server: Graph, open_channel: Open, name: str, other: bool
) -> None:
    """An Instagram account is known by an id of its own, which its page tells first."""
    found = await read(open_channel, said(), name=name, instagram=other)
    assert [type(one) for one in found] == [Ignored if name == "messenger" else Message]
    strange = page(said(), instagram=True)
    strange["entry"][0]["id"] = "999999"
    channel = open_channel("instagram", context={"requests": Waiting(strange)})
    meta_server.refusing["/me"] = (503, {"code": 2, "message": "busy"})
    with pytest.raises(TemporaryFailure):
        await events(channel)
    del meta_server.refusing["/me"]
    assert [type(one) for one in await events(channel)] == [Ignored]


async def test_r43_only_what_others_wrote_is_sent_elsewhere(
    meta_server: Graph, open_channel: Open
) -> None:
    """Meta tells of what pfinbox sends before it answers."""
    waiting = Waiting()
    channel = open_channel("messenger", context={"requests": waiting})
    sent = await channel.send(to_page(), nothing)
    echoes = [
        event(ours=True, message={"mid": mid, "text": "x", "is_echo": True, "app_id": 1})
        for mid in (sent.source_id, "m_other")
    ]
    waiting.kept = Waiting(page(*echoes)).kept
    ours, other = await asyncio.wait_for(events(channel), 5)
    assert isinstance(ours, Message)
    assert (ours.sort, ours.sent_elsewhere) == (Sort.OWN_LOOP, False)
    assert isinstance(other, Message)
    assert (other.sent_elsewhere, other.chat_key, other.to[0].value) == (True, PSID, PSID)


async def test_r15_r19_r20_what_leaves(meta_server: Graph, open_channel: Open) -> None:
    channel = open_channel("instagram")
    await channel.send(to_page("Да", quote_source_id="m_7"), nothing)
    assert meta_server.calls[-1][1] == "/me/messages"
    assert meta_server.sent[-1]["body"] == {
        "recipient": {"id": PSID},
        "message": {"text": "Да"},
        "reply_to": {"mid": "m_7"},
        "messaging_type": "RESPONSE",
    }
    for file, kind in (
        (File("a.png", "image/png", b"png"), "image"),
        (File("a.pdf", "application/pdf", b"pdf"), "file"),
    ):
        await channel.send(to_page("", files=(file,)), nothing)
        attachment = meta_server.sent[-1]["body"]["message"]["attachment"]
        ident = attachment["payload"]["attachment_id"]
        assert (attachment["type"], meta_server.uploaded[ident][1]) == (kind, file.content)
    uploads = [body for _m, path, _q, body in meta_server.calls if "attachments" in path]
    assert [one["platform"] for one in uploads] == ["instagram", "instagram"]


async def test_a_client_sees_that_somebody_writes(meta_server: Graph, open_channel: Open) -> None:
    channel = open_channel("messenger", typing=True)
    assert isinstance(channel, Page)
    await channel.show_writing(PSID)
    body = meta_server.calls[-1][3]
    assert body == {"recipient": {"id": PSID}, "sender_action": "typing_on"}
    assert meta_server.sent == []


@pytest.mark.parametrize(
    ("human_agent", "automatic", "tag"),
    [(True, False, "HUMAN_AGENT"), (True, True, None), (False, False, None)],
)
async def test_r25_only_what_a_person_writes_is_marked_so(
    meta_server: Graph, open_channel: Open, human_agent: bool, automatic: bool, tag: str | None
) -> None:
    channel = open_channel("messenger", human_agent=human_agent)
    await channel.send(to_page(automatic=automatic), nothing)
    assert "tag" not in meta_server.sent[-1]["body"]
    meta_server.window_open = False
    if tag is None:
        with pytest.raises(PermanentFailure) as failure:
            await channel.send(to_page(automatic=automatic), nothing)
        assert failure.value.reason.kind == "window_closed"
        return
    await channel.send(to_page(automatic=automatic), nothing)
    body = meta_server.sent[-1]["body"]
    assert (body["messaging_type"], body["tag"]) == ("MESSAGE_TAG", tag)
    # After a week no tag helps, and the reason names the week.
    closed = {"code": 10, "error_subcode": 2018278, "message": "outside"}
    meta_server.faults.extend([(400, closed), (400, closed)])
    with pytest.raises(PermanentFailure) as failure:
        await channel.send(to_page(automatic=automatic), nothing)
    assert failure.value.reason == Reason("window_closed", {"hours": 7 * 24})
