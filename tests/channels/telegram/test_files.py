"""Files of clients' messages: fetched when received, or said to be missing (R20, R25)."""

from pathlib import Path

import pytest

from pfinbox.channels.telegram.channel import TelegramChannel
from pfinbox.channels.telegram.fetch import OWN_LIMIT
from pfinbox.domain.contract.channel import TemporaryFailure
from pfinbox.domain.contract.incoming import Ignored, Message
from tests.channels.telegram.conftest import Naps, Open, one
from tests.servers.bot_api import BotApi, Fault
from tests.servers.bot_api.shapes import failed


async def event_of(channel: TelegramChannel) -> Message:
    (item,) = (await one(channel)).items
    assert isinstance(item.event, Message)
    return item.event


async def test_r20_the_largest_photo_comes_with_its_caption(
    bot_api: BotApi, channel: TelegramChannel
) -> None:
    bot_api.clients.sends_photo(b"\xff\xd8jpeg", "смотрите")
    event = await event_of(channel)
    assert event.text == "смотрите"
    (file,) = event.files
    assert (file.content, file.media_type) == (b"\xff\xd8jpeg", "image/jpeg")
    assert file.name.startswith("photo_")
    assert file.name.endswith(".jpg")
    assert event.warnings == ()


async def test_r20_a_document_keeps_its_name(bot_api: BotApi, channel: TelegramChannel) -> None:
    bot_api.clients.sends_document(b"%PDF", "Счёт №5.pdf", "application/pdf")
    (file,) = (await event_of(channel)).files
    assert (file.name, file.media_type, file.content) == ("Счёт №5.pdf", "application/pdf", b"%PDF")


async def test_r25_a_file_that_is_too_large_is_named(
    bot_api: BotApi, channel: TelegramChannel
) -> None:
    said = bot_api.clients.sends_document(b"x", "film.mkv")
    said["message"]["document"]["file_size"] = OWN_LIMIT + 1
    event = await event_of(channel)
    assert event.files == ()
    assert event.warnings[0].kind == "file_too_large"
    assert event.warnings[0].args["name"] == "film.mkv"
    assert bot_api.called("getFile") == []


@pytest.mark.parametrize(
    ("method", "fault"),
    [
        ("getFile", Fault(400, failed(400, "Bad Request: wrong file_id"))),
        ("getFile", Fault(200, {"ok": True, "result": {"file_id": "x"}})),
        ("getFile", Fault(200, {"ok": True, "result": None})),
        ("file", Fault(404, failed(404, "Not Found"))),
        ("file", Fault(500, "<html>")),
        ("file", Fault(302, "<html>")),
    ],
)
async def test_r25_a_file_that_cannot_be_had_does_not_hold_up_the_message(
    bot_api: BotApi, channel: TelegramChannel, method: str, fault: Fault
) -> None:
    bot_api.clients.sends_document(b"x", "a.txt", caption="text")
    bot_api.fault(method, fault)
    event = await event_of(channel)
    assert event.text == "text"
    assert [w.kind for w in event.warnings] == ["file_not_fetched"]


async def test_telegrams_own_too_big_is_told_as_such(
    bot_api: BotApi, channel: TelegramChannel
) -> None:
    bot_api.clients.sends_document(b"x", "a.txt")
    bot_api.fail("getFile", 400, "Bad Request: file is too big")
    assert (await event_of(channel)).warnings[0].kind == "file_too_large"


# aiohttp itself asks once more when a GET breaks
@pytest.mark.parametrize(("method", "times"), [("getFile", 3), ("file", 6)])
async def test_a_broken_network_is_tried_again_but_not_for_ever(
    bot_api: BotApi, channel: TelegramChannel, method: str, times: int
) -> None:
    bot_api.clients.says(text="before")
    bot_api.clients.sends_document(b"x", "a.txt")
    bot_api.fault(method, *[Fault()] * times)
    for _ in range(2):
        batches = channel.receive(None)
        (item,) = (await anext(batches)).items  # what came before is not held up
        assert isinstance(item.event, Message)
        with pytest.raises(TemporaryFailure):
            await anext(batches)
        assert len(bot_api.queue) == 2
    _, event = [i.event for i in (await one(channel)).items]
    assert isinstance(event, Message)
    assert event.warnings[0].kind == "file_not_fetched"


async def test_rate_limits_on_files_are_obeyed(bot_api: BotApi, channel: TelegramChannel) -> None:
    bot_api.clients.sends_document(b"x", "a.txt")
    for _ in range(5):
        bot_api.fail("getFile", 429, "Too Many Requests", retry_after=4)
        with pytest.raises(TemporaryFailure) as caught:
            await one(channel)
        assert caught.value.retry_after == 4
    assert (await event_of(channel)).files[0].content == b"x"


async def test_heavy_batches_are_cut(
    bot_api: BotApi, channel: TelegramChannel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pfinbox.channels.telegram.channel._WEIGHT", 10)
    for _ in range(3):
        bot_api.clients.sends_document(b"123456", "a")
    batches = channel.receive(None)
    assert [len((await anext(batches)).items) for _ in range(2)] == [2, 1]
    assert len(bot_api.queue) == 3
    assert (await anext(batches)).idle
    assert bot_api.queue == []


async def test_an_album_is_one_message_and_every_update_has_its_receipt(
    bot_api: BotApi, channel: TelegramChannel
) -> None:
    album = bot_api.clients.sends_album(b"1", b"2", b"3", caption="три фото")
    bot_api.clients.says(text="after")
    first, second, whole, after = (await one(channel)).items
    assert [type(i.event) for i in (first, second)] == [Ignored, Ignored]
    assert isinstance(whole.event, Message)
    assert [f.content for f in whole.event.files] == [b"1", b"2", b"3"]
    assert whole.event.text == "три фото"
    assert whole.event.source_id == f"42:{album[0]['message']['message_id']}"
    assert isinstance(after.event, Message)
    assert len({i.key for i in (first, second, whole, after)}) == 4


async def test_an_album_still_arriving_is_waited_for(
    bot_api: BotApi, channel: TelegramChannel, naps: Naps
) -> None:
    bot_api.clients.sends_album(b"1")
    coming = [b"2"]
    naps.meanwhile = lambda: coming and bot_api.clients.sends_album(coming.pop())
    items = (await one(channel)).items
    assert naps.taken == [0.5, 0.5]
    event = items[-1].event
    assert isinstance(event, Message)
    assert [f.content for f in event.files] == [b"1", b"2"]


async def test_an_album_at_the_end_comes_with_the_next_question(
    bot_api: BotApi, channel: TelegramChannel
) -> None:
    bot_api.clients.says(text="before")
    bot_api.clients.sends_album(b"1", b"2")
    batches = channel.receive(None)
    assert len((await anext(batches)).items) == 1
    bot_api.clients.sends_album(b"3")
    event = (await anext(batches)).items[-1].event
    assert isinstance(event, Message)
    assert len(event.files) == 3


async def test_an_old_album_is_not_waited_for(
    bot_api: BotApi, channel: TelegramChannel, naps: Naps
) -> None:
    bot_api.clock = lambda: 1_700_000_000
    bot_api.clients.sends_album(b"1", b"2")
    assert len((await one(channel)).items) == 2
    assert naps.taken == []


async def test_r20_files_of_a_local_server_are_read_from_its_disk(
    bot_api: BotApi, open_channel: Open, tmp_path: Path
) -> None:
    folder = tmp_path / "bot-api"
    folder.mkdir()
    kept, secret = folder / "a.bin", tmp_path / "secret"
    kept.write_bytes(b"local")
    secret.write_bytes(b"not the server's")
    paths = [kept, kept.with_name("missing"), secret, folder / ".." / "secret"]
    for path in paths:
        bot_api.clients.sends_document(b"x", "a.bin")
        answer = {"ok": True, "result": {"file_path": str(path)}}
        bot_api.fault("getFile", Fault(200, answer))
    said = [i.event for i in (await one(open_channel(files_dir=str(folder)))).items]
    found = [(e.files[0].content if e.files else e.warnings[0].kind) for e in said]  # type: ignore[union-attr]
    assert found == [b"local", *["file_not_fetched"] * 3]


async def test_r20_without_a_folder_no_file_of_this_machine_is_read(
    bot_api: BotApi, channel: TelegramChannel, tmp_path: Path
) -> None:
    here = tmp_path / "secret"
    here.write_bytes(b"ours")
    bot_api.clients.sends_document(b"x", "a.bin")
    bot_api.fault("getFile", Fault(200, {"ok": True, "result": {"file_path": str(here)}}))
    # asked for over HTTP, as a server behind a proxy gives it
    assert (await event_of(channel)).warnings[0].kind == "file_not_fetched"
    bot_api.files["at/home.bin"] = b"by HTTP"
    bot_api.clients.sends_document(b"x", "b.bin")
    path = {"ok": True, "result": {"file_path": "/files/at/home.bin"}}
    bot_api.fault("getFile", Fault(200, {"ok": True, "result": {"file_path": str(here)}}))
    bot_api.fault("getFile", Fault(200, path))
    events = [i.event for i in (await one(channel)).items]
    assert [e.files[0].content for e in events if e.files] == [b"by HTTP"]  # type: ignore[union-attr]
