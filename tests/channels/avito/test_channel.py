"""What Avito tells becomes events, and what leaves for it (R1, R11, R12, R20, R24, R43, R46)."""

import asyncio
import json
from typing import Any

import pytest

from pfinbox.channels.avito.admit import admit, hook_secret
from pfinbox.channels.avito.chats import Chats
from pfinbox.domain.contract.amending import Amendment, AmendmentKind
from pfinbox.domain.contract.channel import (
    AccountFailure,
    ChannelError,
    PermanentFailure,
    TemporaryFailure,
    UnknownOutcome,
)
from pfinbox.domain.contract.files import File
from pfinbox.domain.contract.incoming import Deletion, Fate, Ignored, Message, Report, Sort
from tests.channels.avito.conftest import (
    Open,
    Pushed,
    batches,
    context,
    nothing,
    outgoing,
    request,
    told,
)
from tests.servers.avito import BUYER, CHAT, ITEM, SELLER, Avito
from tests.servers.avito.server import CLIENT_SECRET


async def test_r1_a_message_knows_its_buyer_and_its_advertisement(
    avito_server: Avito, open_channel: Open
) -> None:
    said = await avito_server.says("Ещё продаёте?", "Гулдан")
    (message,) = await told(open_channel())
    assert isinstance(message, Message)
    assert (message.source_id, message.chat_key) == (said["id"], CHAT)
    assert (message.sender.value, message.sender.name) == (str(BUYER), "Гулдан")
    assert message.title == "Mazda 3 2008"
    assert message.topic == f"Mazda 3 2008, 300 000 ₽, {ITEM['url']}"


async def test_r12_what_is_pushed_only_says_where_to_look(
    avito_server: Avito, open_channel: Open
) -> None:
    door = Pushed(context(avito_server).settings)
    channel = open_channel(door)
    assert [one.ok for one in await channel.probe()] == [True, False]
    first = await batches(channel, None)
    assert [one.items for one in first] == [(), ()]
    assert [one.ok for one in await channel.probe()] == [True]
    assert avito_server.webhooks == [
        f"https://support.example/hooks/avito/{hook_secret(CLIENT_SECRET)}"
    ]
    avito_server.push = door.push
    receiving = channel.receive(first[0].cursor)
    assert (await anext(receiving)).cursor == first[0].cursor
    said = await avito_server.says("Здравствуйте")
    await avito_server.tell({**said, "id": "ff", "content": {"text": "no buyer said this"}})
    await avito_server.tell({**said, "id": "fe"}, chat="u2i-unknown")
    await avito_server.tell(said, chat_type="a2u")
    await avito_server.push_event({"type": "hologram", "value": {}})
    asked = len(avito_server.calls)
    found = [item.event for _n in range(5) for item in (await anext(receiving)).items]
    assert [one.text for one in found if isinstance(one, Message)] == ["Здравствуйте"]
    assert sum(isinstance(one, Ignored) for one in found) == 3
    # One chat that is known from its first message on, and one that is not there.
    assert len(avito_server.calls) - asked == 4
    assert (await anext(receiving)).idle


async def test_r12_gaps_are_filled_by_looking(avito_server: Avito, open_channel: Open) -> None:
    for number in range(130):
        await avito_server.says(f"{number}")
    channel = open_channel()
    found = await batches(channel)
    texts = [item.event.text for item in found[0].items if isinstance(item.event, Message)]
    assert texts == [f"{number}" for number in range(130)]
    cursor = found[1].cursor
    assert cursor is not None
    assert json.loads(cursor) == {"began": 1000, "newest": avito_server.chats[CHAT]["updated"]}
    # What was not stored is read again, and without a door the next look is soon.
    assert len(await told(channel)) == 130
    receiving = channel.receive(cursor)
    batch = await anext(receiving)
    while not batch.idle:
        batch = await anext(receiving)
    await avito_server.says("later")
    channel._looking.done(0)
    (later,) = (await anext(receiving)).items
    assert isinstance(later.event, Message)
    assert later.event.text == "later"


async def test_r20_every_kind_of_message(avito_server: Avito, open_channel: Open) -> None:
    small, large = avito_server.keep(b"small", "140"), avito_server.keep(b"large", "1280")
    avito_server.keep(b"voice", "v-1")
    kinds: list[dict[str, Any]] = [
        {"type": "image", "content": {"image": {"sizes": {"140x105": small, "1280x960": large}}}},
        {"type": "voice", "content": {"voice": {"voice_id": "v-1"}}},
        {"type": "voice", "content": {"voice": {"voice_id": "gone"}}},
        {
            "type": "location",
            "content": {"location": {"lat": 55.6, "lon": 37.6, "text": "Москва", "kind": "street"}},
        },
        {
            "type": "link",
            "content": {
                "link": {"url": "https://habr.com", "text": "вот", "preview": {"title": "Хабр"}}
            },
        },
        {
            "type": "item",
            "content": {
                "item": {
                    "title": "Mazda",
                    "price_string": "1 ₽",
                    "item_url": "https://avito.ru/1",
                    "image_url": "https://avito.ru/1.webp",
                }
            },
        },
        {"type": "call", "content": {"call": {"status": "missed", "target_user_id": SELLER}}},
        {"type": "system", "content": {"text": "Покупатель ждёт", "flow_id": "f"}},
        {"type": "video", "content": {}},
        {
            "type": "text",
            "content": {"text": "да"},
            "quote": {
                "id": "q",
                "author_id": SELLER,
                "created": 1,
                "type": "text",
                "content": {"text": "наше"},
            },
        },
    ]
    for kind in kinds:
        await avito_server.says("", **kind)
    await avito_server.add(1, kinds[7])
    found = await told(open_channel())
    messages = [one for one in found if isinstance(one, Message)]
    assert [[file.content for file in one.files] for one in messages[:2]] == [
        [b"large"],
        [b"voice"],
    ]
    assert [one.kind for one in messages[2].warnings] == ["file_not_fetched"]
    assert [one.text for one in messages[3:]] == [
        "📍 Москва (55.6, 37.6)\nhttps://www.openstreetmap.org/?mlat=55.6&mlon=37.6",
        "вот\n🔗 Хабр https://habr.com",
        "🔗 Mazda, 1 ₽, https://avito.ru/1",
        "📞 missed",
        "Покупатель ждёт",
        "[video]",
        "да",
    ]
    assert messages[7].sort is Sort.AUTOMATIC
    assert (messages[-1].references, messages[-1].answered_text) == (("q",), "наше")
    assert isinstance(found[-1], Ignored)


async def test_r43_what_the_seller_writes_elsewhere_and_what_is_seen_or_taken_back(
    avito_server: Avito, open_channel: Open
) -> None:
    said = await avito_server.says("?")
    ours = await avito_server.add(SELLER, {"type": "text", "content": {"text": "by the app"}})
    channel = open_channel()
    sent = await channel.send(outgoing("Да"), nothing)
    avito_server.messages[CHAT][0]["read"] = 1_700_000_000
    message, elsewhere, own, seen = await told(channel)
    assert isinstance(message, Message)
    assert isinstance(elsewhere, Message)
    assert (elsewhere.source_id, elsewhere.sent_elsewhere) == (ours["id"], True)
    assert [one.value for one in elsewhere.to] == [str(BUYER)]
    assert isinstance(own, Message)
    assert (own.source_id, own.sort) == (sent.source_id, Sort.OWN_LOOP)
    assert isinstance(seen, Report)
    assert (seen.source_id, seen.fate) == (sent.source_id, Fate.SEEN)
    await avito_server.takes_back(said["id"])
    await avito_server.takes_back(ours["id"])
    gone, of_ours, *_known = await told(channel)
    assert isinstance(gone, Deletion)
    assert gone.source_ids == (said["id"],)
    assert isinstance(of_ours, Ignored)


async def test_r11_of_older_messages_only_what_became_of_them_is_news(
    avito_server: Avito, open_channel: Open
) -> None:
    await avito_server.says("before the account's first start", created=900)
    old = await avito_server.says("taken back", created=2000)
    await avito_server.says("known", created=2000)
    ours = await avito_server.add(
        SELLER, {"type": "text", "content": {"text": "seen"}, "created": 2000, "read": 3000}
    )
    await avito_server.says("new")
    old |= {"type": "deleted", "content": {}}
    later = json.dumps({"began": 1000, "newest": 4000})
    deleted, seen, new = await told(open_channel(), later)
    assert isinstance(deleted, Deletion)
    assert deleted.source_ids == (old["id"],)
    assert isinstance(seen, Report)
    assert seen.source_id == ours["id"]
    assert isinstance(new, Message)
    assert new.text == "new"


async def test_r24_what_is_told_before_the_answer_is_our_own(
    avito_server: Avito, open_channel: Open
) -> None:
    await avito_server.says("?")
    channel = open_channel()
    looked: list[asyncio.Task[list[Any]]] = []

    async def leaving(_away: object = None, /) -> None:
        looked.append(asyncio.create_task(told(channel)))

    await channel.send(outgoing("Да"), leaving)
    found = await looked[0]
    assert [one.sort for one in found if one.sent_elsewhere] in ([], [Sort.OWN_LOOP])


async def test_a_token_is_renewed_before_its_end_and_when_it_is_refused(
    avito_server: Avito, open_channel: Open
) -> None:
    await avito_server.says("?")
    channel = open_channel()
    await told(channel)
    await told(channel)
    assert len(avito_server.tokens) == 1
    avito_server.tokens = ["another"]
    await channel.send(outgoing(files=(File("a.png", "image/png", b"png"),)), nothing)
    assert len(avito_server.tokens) == 2
    assert list(avito_server.images.values()) == [b"png"]
    # Where the renewal fails, no message has left (R24).
    avito_server.tokens, before = ["another"], len(avito_server.sent)
    avito_server.token_faults.append(503)
    with pytest.raises(TemporaryFailure):
        await channel.send(outgoing("again"), nothing)
    assert len(avito_server.sent) == before
    wrong = open_channel(client_secret="very-secret")
    with pytest.raises(AccountFailure) as failure:
        await told(wrong)
    assert "very-secret" not in repr(failure.value) + repr(await wrong.probe())


@pytest.mark.parametrize(
    ("fault", "error", "writable"),
    [
        (400, PermanentFailure, True),
        (402, AccountFailure, True),
        (403, PermanentFailure, False),
        (404, PermanentFailure, False),
        (429, TemporaryFailure, True),
        (503, UnknownOutcome, True),
    ],
)
async def test_r24_refusals_say_why(
    avito_server: Avito,
    open_channel: Open,
    fault: int,
    error: type[ChannelError],
    writable: bool,
) -> None:
    await avito_server.says("?")
    # A refusal with 403 is tried once more with a new token.
    avito_server.faults.extend([fault] * 2)
    with pytest.raises(error) as failure:
        await open_channel().send(outgoing(), nothing)
    assert getattr(failure.value, "chat_writable", True) is writable


async def test_r11_what_was_sent_can_be_taken_back(avito_server: Avito, open_channel: Open) -> None:
    await avito_server.says("?")
    channel = open_channel()
    sent = await channel.send(outgoing("wnoe"), nothing)
    (body,) = [one["by_api"] for one in avito_server.sent]
    assert body == {"type": "text", "message": {"text": "wnoe"}}
    taken = Amendment(
        nonce="a1", kind=AmendmentKind.DELETE, chat_key=CHAT, source_id=sent.source_id
    )
    await channel.amend(taken)
    assert avito_server.messages[CHAT][0]["type"] == "deleted"
    avito_server.messages[CHAT][0]["created"] = 1
    with pytest.raises(PermanentFailure):
        await channel.amend(taken)


def test_r46_only_who_knows_the_path_is_kept() -> None:
    settings = context(Avito("http://x")).settings
    path = hook_secret(CLIENT_SECRET)
    for rest, body, status, keep in (
        (path, b'{"id": "7", "payload": {}}', 200, True),
        (path, b"no JSON", 200, True),
        (path, b"{}", 200, False),
        (path[:-1], b"{}", 401, False),
        ("", b"{}", 401, False),
    ):
        verdict = admit(settings, request(rest, body))
        assert (verdict.status, verdict.keep) == (status, keep)
        assert bool(verdict.key) is keep


async def test_r12_a_seller_with_more_changed_chats_than_avito_gives_hears_of_it() -> None:
    class ManyChats:
        """All that Avito tells of: eleven pages, the chats that changed last first."""

        of_user_v2 = "/messenger/v2/accounts/7"

        async def call(self, _method: str, _path: str, *, params: dict[str, str]) -> Any:
            first = int(params["offset"])
            return {
                "chats": [{"id": str(n), "updated": 9000 - n} for n in range(first, first + 100)]
            }

    chats = Chats(ManyChats())  # type: ignore[arg-type]
    for since, unreached in ((0, 9000 - 1099), (8950, 0)):
        found = [one async for one in chats.changed(since)]
        assert (len(found), chats.unreached) == ((1100, unreached) if unreached else (51, 0))


async def test_another_picture_of_a_person_is_noticed_and_avitos_own_is_none(
    open_channel: Open, avito_server: Avito
) -> None:
    channel = open_channel()
    for address, noticed in (("", []), ("https://a.example/2", [str(BUYER)])):
        avito_server.avatar = address
        await avito_server.says("Hello")
        await told(channel)
        assert list(channel.redrawn()) == noticed
        if not address:
            assert await channel.picture(CHAT, str(BUYER)) is None
