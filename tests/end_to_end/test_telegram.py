"""Telegram through aiogram's real client and the loopback Bot API, daemon and store included."""

from pfinbox.domain.envelope import File
from pfinbox.domain.model import Notify, Who
from pfinbox.services.comments import CommentRequest
from tests.end_to_end.house import House
from tests.servers.bot_api import BotApi


async def test_r1_r2_r13_r20_text_and_files_both_ways(house: House, bot_api: BotApi) -> None:
    bot_api.clients.says(text="Здравствуйте")
    task = await house.task("Здравствуйте")
    assert task.contact is not None
    assert task.contact.name == "Мария Иванова"
    card = await house.gateway.contact(task.contact.id)
    assert [(a.value, a.username) for a in card.addresses] == [("42", "maria")]
    request = CommentRequest(
        task.id,
        "Вот счёт",
        Notify((Who("contact", task.contact.id),)),
        attachments=(File("счёт.pdf", "application/pdf", b"%PDF-1.4"),),
    )
    saved = await house.gateway.comment(request)
    await house.delivered(saved.comment_id, task.id)
    assert [message["document"]["file_name"] for message in bot_api.sent] == ["счёт.pdf"]
    bot_api.clients.sends_photo(b"\xff\xd8photo", caption="А это фото")
    comment = await house.comment(task.id, "А это фото")
    assert comment.attachments[0].size == len(b"\xff\xd8photo")


async def test_r24_r25_a_client_who_blocked_the_bot(house: House, bot_api: BotApi) -> None:
    bot_api.clients.says(text="Hello")
    task = await house.task("Hello")
    assert task.contact is not None
    bot_api.fail("sendMessage", 403, "Forbidden: bot was blocked by the user")
    request = CommentRequest(task.id, "Hi", Notify((Who("contact", task.contact.id),)))
    saved = await house.gateway.comment(request)
    await house.delivered(saved.comment_id, task.id, "failed")
    plan = await house.gateway.plan(task.id, Notify((Who("contact", task.contact.id),)))
    assert [error.kind for error in plan.errors] == ["blocked_by_client"]
