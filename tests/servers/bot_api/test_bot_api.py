"""The loopback Bot API server itself: its shapes and semantics against the documentation.

Two independent readings of the documentation check it: aiogram's models, and the table of
required fields in ``bot_api_shapes``.
"""

from collections.abc import AsyncIterator

import aiohttp
import pytest
import pytest_asyncio
from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.exceptions import (
    TelegramBadRequest,
    TelegramConflictError,
    TelegramForbiddenError,
    TelegramNetworkError,
    TelegramRetryAfter,
    TelegramUnauthorizedError,
)
from aiogram.types import BotCommand, BufferedInputFile, InputMediaPhoto, Update

from tests.servers.bot_api import TOKEN, BotApi, Fault
from tests.servers.bot_api.clients import MARIA, OWNER
from tests.servers.bot_api.shapes import Json, missing

FILE = BufferedInputFile(b"content", "Имя файла.txt")


class _Session(AiohttpSession):
    async def close(self) -> None:
        # aiogram waits a quarter of a second here for TLS, which loopback has not
        if self._session is not None:
            await self._session.close()


def bot_at(api: BotApi, token: str = TOKEN) -> Bot:
    return Bot(token, session=_Session(api=TelegramAPIServer.from_base(api.base)))


@pytest_asyncio.fixture
async def bot(bot_api: BotApi) -> AsyncIterator[Bot]:
    client = bot_at(bot_api)
    yield client
    await client.session.close()


def everything(api: BotApi) -> list[Json]:
    """One update of every kind that the clients can make."""
    clients = api.clients
    said = clients.says(text="Привет")
    clients.starts(payload="abc")
    clients.edits(said, "Пока")
    clients.edits(clients.sends_photo(b"jpeg", "подпись"), "другая")
    clients.sends_document(b"pdf", "a.pdf", "application/pdf")
    clients.sends_album(b"1", b"2", caption="альбом")
    clients.says_in_group("в группе")
    clients.connects_business()
    clients.business("клиент")
    clients.edits(clients.business("мы", OWNER), "мы иначе")
    clients.deletes_business(1, 2)
    clients.blocks()
    clients.unblocks()
    return api.queue


KINDS = {
    "message": "Message",
    "edited_message": "Message",
    "business_message": "Message",
    "edited_business_message": "Message",
    "business_connection": "BusinessConnection",
    "deleted_business_messages": "BusinessMessagesDeleted",
    "my_chat_member": "ChatMemberUpdated",
}
INNER = {
    "from": "User",
    "user": "User",
    "chat": "Chat",
    "photo": "PhotoSize",
    "document": "Document",
    "entities": "MessageEntity",
    "reply_to_message": "Message",
}


def lacking(kind: str, shape: Json) -> set[str]:
    """``Kind.field`` of every required field that is missing here or further in."""
    found = {f"{kind}.{name}" for name in missing(kind, shape)}
    for name, inner in INNER.items():
        value = shape.get(name)
        for one in value if isinstance(value, list) else [value] if value else []:
            found |= lacking(inner, one)
    return found


async def test_updates_have_every_required_field(bot_api: BotApi) -> None:
    for update in everything(bot_api):
        (kind,) = update.keys() - {"update_id"}
        assert lacking(KINDS[kind], update[kind]) == set()
        if kind == "my_chat_member":
            member = update[kind]["new_chat_member"]
            name = "ChatMemberBanned" if member["status"] == "kicked" else "ChatMemberMember"
            assert lacking(name, member) == set()


async def test_updates_are_what_aiogram_reads(bot_api: BotApi, bot: Bot) -> None:
    given = everything(bot_api)
    for update in given:
        parsed = Update.model_validate(update)
        assert parsed.event_type in update
        # a field that the documentation does not know would end up here
        assert not parsed.event.model_extra
    assert [u.update_id for u in await bot.get_updates()] == [u["update_id"] for u in given]


async def test_every_answer_is_what_aiogram_reads(bot_api: BotApi, bot: Bot) -> None:
    me = await bot.get_me()
    assert (me.is_bot, me.username) == (True, "loopback_bot")
    text = await bot.send_message(42, "текст")
    photo = await bot.send_photo(42, FILE, caption="подпись")
    document = await bot.send_document(42, FILE)
    assert document.document is not None
    assert document.document.file_name == "Имя файла.txt"
    album = await bot.send_media_group(42, [InputMediaPhoto(media=FILE) for _ in range(2)])
    assert [m.message_id for m in (text, photo, document, *album)] == [1, 2, 3, 4, 5]
    for sent in bot_api.sent:
        assert lacking("Message", sent) == set()
    file = await bot.get_file(document.document.file_id)
    assert file.file_path is not None
    content = await bot.download_file(file.file_path)
    assert content is not None
    assert content.read() == b"content"
    assert await bot.send_chat_action(42, "typing")
    assert await bot.set_my_commands([BotCommand(command="start", description="x")])
    edited = await bot.edit_message_text("иначе", chat_id=42, message_id=text.message_id)
    assert not isinstance(edited, bool)
    assert (edited.text, edited.edit_date is not None) == ("иначе", True)
    await bot.edit_message_caption(chat_id=42, message_id=photo.message_id, caption="другая")
    assert await bot.delete_message(42, text.message_id)
    assert len(bot_api.sent) == 4
    with pytest.raises(TelegramBadRequest):
        await bot.delete_message(42, text.message_id)
    assert (await bot.get_webhook_info()).url == ""
    assert await bot.delete_webhook()


async def test_updates_come_again_until_an_offset_confirms_them(bot_api: BotApi, bot: Bot) -> None:
    first, second = (bot_api.clients.says(text=t)["update_id"] for t in "ab")
    for _ in range(2):
        assert [u.update_id for u in await bot.get_updates()] == [first, second]
    assert [u.update_id for u in await bot.get_updates(offset=second)] == [second]
    assert [u.update_id for u in await bot.get_updates()] == [second]
    assert await bot.get_updates(offset=second + 1) == []
    assert [u.update_id for u in await bot.get_updates(limit=1)] == []


async def test_allowed_updates_and_limit_are_obeyed(bot_api: BotApi, bot: Bot) -> None:
    everything(bot_api)
    got = await bot.get_updates(allowed_updates=["my_chat_member"], limit=1)
    assert [u.event_type for u in got] == ["my_chat_member"]


async def test_faults_are_answered_like_telegrams(bot_api: BotApi, bot: Bot) -> None:
    with pytest.raises(TelegramBadRequest, match="chat not found"):
        await bot.send_message(12345, "x")
    bot_api.clients.blocks(MARIA)
    with pytest.raises(TelegramForbiddenError):
        await bot.send_message(42, "x")
    bot_api.clients.unblocks(MARIA)
    bot_api.fail("sendMessage", 429, "Too Many Requests: retry after 3", retry_after=3)
    with pytest.raises(TelegramRetryAfter) as caught:
        await bot.send_message(42, "x")
    assert caught.value.retry_after == 3
    bot_api.webhook = "https://x.example"
    with pytest.raises(TelegramConflictError):
        await bot.get_updates()
    other = bot_at(bot_api, "7000000001:another")
    with pytest.raises(TelegramUnauthorizedError):
        await other.get_me()
    await other.session.close()
    assert bot_api.sent == []
    bot_api.fault("sendMessage", Fault(), Fault(applied=True))
    for delivered in (0, 1):
        with pytest.raises(TelegramNetworkError):
            await bot.send_message(42, "x")
        assert len(bot_api.sent) == delivered


async def test_fields_may_come_urlencoded_as_json_or_in_the_query(bot_api: BotApi) -> None:
    url = f"{bot_api.base}/bot{TOKEN}/sendMessage"
    fields = {"chat_id": "42", "text": "x"}
    async with aiohttp.ClientSession() as session:
        for request in (
            session.post(url, data=fields),
            session.post(url, json=fields),
            session.get(url, params=fields),
        ):
            async with request as answer:
                assert (await answer.json())["result"]["text"] == "x"
        async with session.get(f"{bot_api.base}/bot{TOKEN}/noSuchMethod") as answer:
            assert answer.status == 404
            assert (await answer.json())["ok"] is False
