"""What VK tells becomes events, also what it forgot to tell (R11, R12, R20, R30, R43)."""

import json
from typing import Any

import pytest

from pfinbox.channels.vk import ids
from pfinbox.domain.contract.channel import AccountFailure, TemporaryFailure
from pfinbox.domain.contract.incoming import (
    ChatStarted,
    ChatState,
    Edit,
    Fate,
    Ignored,
    IncomingEvent,
    Message,
    Reaction,
    Report,
    Sort,
)
from tests.channels.vk.conftest import KEY, Open, polled
from tests.servers.vk import GROUP, MARIA, Vk


def start(vk: Vk) -> str:
    """The cursor of an account that has read all there is."""
    return json.dumps({"ts": str(len(vk.events)), "newest": 1})


async def events(open_channel: Open, cursor: str) -> list[IncomingEvent]:
    batches = await polled(open_channel(), cursor)
    return [item.event for batch in batches for item in batch.items]


async def test_a_message_has_its_sender_s_name(vk_server: Vk, open_channel: Open) -> None:
    cursor = start(vk_server)
    vk_server.says("Здравствуйте")
    (message,) = await events(open_channel, cursor)
    assert isinstance(message, Message)
    assert (message.chat_key, message.text) == ("42", "Здравствуйте")
    assert (message.sender.value, message.sender.name) == ("42", "Мария Иванова")
    assert message.also == ("42:c1",)


@pytest.mark.parametrize("how", ["expired", "outdated", "lost"])
async def test_r12_what_the_queue_lost_is_read_from_the_conversations(
    vk_server: Vk, open_channel: Open, how: str
) -> None:
    vk_server.says("before")
    cursor = start(vk_server)
    for text in ("one", "two"):
        vk_server.says(text)
    vk_server.says("of another", who=43, name="Олег")
    if how == "expired":
        vk_server.key = "key-2"
        # The old one is refused, and the position in the queue is good.
    elif how == "outdated":
        vk_server.first = len(vk_server.events)
    else:
        vk_server.forget()
    batches = await polled(open_channel(), cursor)
    texts = [i.event.text for b in batches for i in b.items if isinstance(i.event, Message)]
    # What is read twice is recognised by its id (R12).
    assert [one for one in texts if one != "before"] == ["one", "two", "of another"]
    last = batches[-1].cursor
    assert last is not None
    assert json.loads(last)["ts"] == str(len(vk_server.events))
    assert await events(open_channel, last) == []


async def test_r43_who_writes_as_the_community_is_told_apart(
    vk_server: Vk, open_channel: Open
) -> None:
    cursor = start(vk_server)
    vk_server.colleague_says("Из ящика VK")
    ours = {**vk_server.colleague_says("x"), "random_id": ids.random_id(KEY, "n")}
    ours.pop("admin_author_id")
    vk_server.events[-1]["object"] = ours
    theirs, own = await events(open_channel, cursor)
    assert isinstance(theirs, Message)
    assert (theirs.sent_elsewhere, theirs.to[0].value, theirs.sort) == (True, "42", Sort.HUMAN)
    assert isinstance(own, Message)
    assert own.sort is Sort.OWN_LOOP


async def test_edits_states_reads_and_reactions(vk_server: Vk, open_channel: Open) -> None:
    cursor = start(vk_server)
    said = vk_server.says("wnoe")
    vk_server.edits(said, "one")
    vk_server.push("message_deny", {"user_id": MARIA})
    vk_server.push("message_allow", {"user_id": MARIA, "key": ""})
    read = {"from_id": MARIA, "peer_id": MARIA, "read_message_id": 1001}
    vk_server.push("message_read", {**read, "conversation_message_id": 1})
    told = {"reacted_id": MARIA, "peer_id": MARIA, "cmid": 1}
    vk_server.push("message_reaction_event", {**told, "reaction_id": 4})
    vk_server.push("message_reaction_event", told)
    vk_server.push("message_typing_state", {"from_id": MARIA, "to_id": -GROUP, "state": "1"})
    _said, edit, deny, allow, seen, sign, no_sign, typing = await events(open_channel, cursor)
    assert isinstance(edit, Edit)
    assert (edit.source_id, edit.text) == (f"42:{said['id']}", "one")
    assert isinstance(deny, ChatState)
    assert isinstance(allow, ChatState)
    assert (deny.writable, allow.writable) == (False, True)
    assert isinstance(seen, Report)
    assert (seen.source_id, seen.fate) == ("42:1001", Fate.SEEN)
    assert isinstance(sign, Reaction)
    assert isinstance(no_sign, Reaction)
    assert (sign.source_id, sign.signs, no_sign.signs) == ("42:c1", ("👍",), ())
    assert isinstance(typing, Ignored)


async def test_r20_pictures_come_largest_and_the_rest_in_words(
    vk_server: Vk, open_channel: Open
) -> None:
    cursor = start(vk_server)
    large = vk_server.keep(b"large", "l.jpg")
    sizes = [
        {"type": "s", "width": 75, "height": 50, "url": vk_server.keep(b"small", "s.jpg")},
        {"type": "w", "width": 2000, "height": 1000, "url": large},
    ]
    gone = f"{vk_server.base}/files/no"
    attached: list[dict[str, Any]] = [
        {"type": "photo", "photo": {"id": 5, "owner_id": MARIA, "sizes": sizes}},
        {"type": "market", "market": {"id": 3, "owner_id": -1, "title": "Велосипед"}},
        {"type": "hologram"},
        {
            "type": "doc",
            "doc": {"title": "gone", "ext": "pdf", "url": gone},
        },
    ]
    of_another = {"type": "photo", "photo": {"id": 6, "owner_id": 7, "sizes": sizes[1:]}}
    forwarded = [{"text": "слова\nдругого", "from_id": 7, "attachments": [of_another]}]
    geo = {"coordinates": {"latitude": 55.7, "longitude": 37.6}}
    vk_server.says("вот", attachments=attached, fwd_messages=forwarded, geo=geo)
    (message,) = await events(open_channel, cursor)
    assert isinstance(message, Message)
    names = ("photo5.jpg", "photo6.jpg")
    assert [(one.name, one.content) for one in message.files] == [(one, b"large") for one in names]
    assert [one.kind for one in message.warnings] == ["file_not_fetched"]
    assert message.text.splitlines() == [
        "вот",
        "> слова",
        "> другого",
        "🛍 Велосипед https://vk.com/product-1_3",
        "[hologram]",
        "📍 55.7, 37.6",
        "https://www.openstreetmap.org/?mlat=55.7&mlon=37.6",
    ]


async def test_r30_an_invitation_s_word_comes_with_the_first_message(
    vk_server: Vk, open_channel: Open
) -> None:
    cursor = start(vk_server)
    vk_server.says("Привет", ref="word-of-task-7", ref_source="x")
    channel = open_channel()
    batches = await polled(channel, cursor)
    started, message = (item for batch in batches for item in batch.items)
    assert isinstance(started.event, ChatStarted)
    assert (started.event.payload, started.event.chat_key) == ("word-of-task-7", "42")
    assert isinstance(message.event, Message)
    for one in (started, message):
        assert channel.parse(one.key, one.raw).event == one.event
    profile = batches[0].profile
    assert profile is not None
    assert profile.invitation == f"https://vk.me/club{GROUP}?ref={{token}}"


@pytest.mark.parametrize(
    ("code", "error"),
    [(5, AccountFailure), (42, AccountFailure), (10, TemporaryFailure)],
)
async def test_a_refused_account_says_why(
    vk_server: Vk, open_channel: Open, code: int, error: type[Exception]
) -> None:
    vk_server.faults["groups.getLongPollServer"].append(code)
    with pytest.raises(error):
        await polled(open_channel(), None)


async def test_the_key_is_never_shown(open_channel: Open, vk_server: Vk) -> None:
    channel = open_channel(token="vk1.a.very-secret")
    with pytest.raises(AccountFailure) as failure:
        await polled(channel, None)
    findings = await channel.probe()
    assert "very-secret" not in repr(failure.value) + repr(findings)
    assert not findings[0].ok


async def test_doctor_names_what_is_switched_off(open_channel: Open, vk_server: Vk) -> None:
    vk_server.settings["message_edit"] = 0
    (finding,) = await open_channel().probe()
    assert not finding.ok
    assert finding.reason is not None
    assert finding.reason.args == {"names": "message_edit"}
