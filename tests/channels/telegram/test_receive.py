"""Receiving over HTTP: order, confirmation, redelivery, start and idleness (R1, R2, R12, R42)."""

from pfinbox.channels.telegram.channel import TelegramChannel
from pfinbox.domain.contract.incoming import ChatStarted, Message, Unreadable
from tests.channels.telegram.conftest import Open, one
from tests.servers.bot_api import BotApi


async def test_r1_r2_a_text_names_its_sender_and_chat(
    bot_api: BotApi, channel: TelegramChannel
) -> None:
    said = bot_api.clients.says(text="Здравствуйте 👋")["message"]
    (item,) = (await one(channel)).items
    event = item.event
    assert isinstance(event, Message)
    assert (event.text, event.chat_key, event.source_id) == (
        "Здравствуйте 👋",
        "42",
        f"42:{said['message_id']}",
    )
    assert (event.sender.value, event.sender.name) == ("42", "Мария Иванова")
    assert event.sender.username == "maria"
    assert event.sent_at.timestamp() == said["date"]


async def test_r12_nothing_is_confirmed_before_the_consumer_comes_back(
    bot_api: BotApi, channel: TelegramChannel
) -> None:
    bot_api.clients.says(text="one")
    bot_api.clients.says(text="two")
    batches = channel.receive(None)
    batch = await anext(batches)
    assert len(bot_api.queue) == 2
    assert "offset" not in bot_api.calls[-1].fields
    assert not batch.idle
    assert batch.cursor is None
    last = bot_api.queue[-1]["update_id"]
    assert (await anext(batches)).idle
    assert bot_api.queue == []
    assert bot_api.calls[-1].fields["offset"] == str(last + 1)


async def test_r12_redelivery_gives_the_same_keys(bot_api: BotApi, open_channel: Open) -> None:
    bot_api.clients.says(text="once")
    bot_api.clients.says(text="once")
    first, again = await one(open_channel()), await one(open_channel())
    assert [i.key for i in first.items] == [i.key for i in again.items]
    assert first.items[0].key != first.items[1].key
    assert [i.raw for i in first.items] == [i.raw for i in again.items]


async def test_the_first_questions_do_not_wait(bot_api: BotApi, channel: TelegramChannel) -> None:
    batches = channel.receive(None)
    assert (await anext(batches)).idle
    assert bot_api.calls[-1].fields["timeout"] == "0"
    bot_api.clients.says(text="later")
    assert (await anext(batches)).items
    assert bot_api.calls[-1].fields["timeout"] == "1"
    assert "offset" not in bot_api.calls[-1].fields


async def test_update_ids_may_restart_lower(bot_api: BotApi, channel: TelegramChannel) -> None:
    batches = channel.receive(None)
    bot_api.clients.says(text="before")
    assert (await anext(batches)).items
    assert (await anext(batches)).idle
    bot_api.restart_ids(3)
    bot_api.clients.says(text="after")
    (item,) = (await anext(batches)).items
    assert isinstance(item.event, Message)
    assert item.event.text == "after"


async def test_one_unreadable_update_does_not_hold_up_ninety_nine(
    bot_api: BotApi, channel: TelegramChannel
) -> None:
    for at in range(50):
        bot_api.clients.says(text=f"a{at}")
    bot_api.push(message={"nonsense": [1, 2]})
    for at in range(49):
        bot_api.clients.says(text=f"b{at}")
    items = (await one(channel)).items
    assert len(items) == 100
    assert [i for i, item in enumerate(items) if not isinstance(item.event, Message)] == [50]
    assert isinstance(items[50].event, Unreadable)
    assert b"nonsense" in items[50].raw


async def test_r42_a_bare_start_opens_a_chat_without_a_message(
    bot_api: BotApi, channel: TelegramChannel
) -> None:
    bot_api.clients.starts()
    bot_api.clients.starts(payload="Inv_t0ken-1")
    bare, invited = [item.event for item in (await one(channel)).items]
    assert isinstance(bare, ChatStarted)
    assert isinstance(invited, ChatStarted)
    assert (bare.payload, invited.payload) == ("", "Inv_t0ken-1")
    assert bare.sender.name == "Мария Иванова"
