"""Telegram through aiogram's real client and the loopback Bot API, daemon and store included."""

from pathlib import Path

from pfinbox.domain.actor import AgentActor
from pfinbox.domain.contract.files import File
from pfinbox.domain.inviting import STALE
from pfinbox.domain.model import Notify, Who
from pfinbox.services import queries
from pfinbox.services.comments import comments, corrections, planning
from pfinbox.services.comments.comments import CommentRequest
from pfinbox.services.merging import invitations
from pfinbox.services.tasks import tasks
from pfinbox.store.rows import CommentRow
from tests.end_to_end.house import House, a_house
from tests.end_to_end.test_mail import a_mail
from tests.servers.bot_api import BotApi
from tests.servers.bot_api.shapes import user
from tests.servers.dovecot import Mailbox


async def test_r1_r2_r13_r20_text_and_files_both_ways(house: House, bot_api: BotApi) -> None:
    bot_api.clients.says(text="Здравствуйте")
    task = await house.task("Здравствуйте")
    assert task.contact is not None
    assert task.contact.name == "Мария Иванова"
    card = await house.inbox.read(queries.contact, task.contact.id)
    assert [(a.value, a.username) for a in card.addresses] == [("42", "maria")]
    request = CommentRequest(
        task.id,
        "Вот счёт",
        Notify((Who("contact", task.contact.id),)),
        attachments=(File("счёт.pdf", "application/pdf", b"%PDF-1.4"),),
    )
    saved = await house.inbox.write(comments.add_comment, request)
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
    saved = await house.inbox.write(comments.add_comment, request)
    await house.delivered(saved.comment_id, task.id, "failed")
    plan = await house.inbox.read(
        planning.plan, task.id, Notify((Who("contact", task.contact.id),))
    )
    assert [error.kind for error in plan.errors] == ["blocked_by_client"]


async def test_r30_r11_r19_r25_from_a_deep_link_to_a_blocked_bot(
    house: House, bot_api: BotApi
) -> None:
    """A client comes by an invitation, sends an album, edits, is answered, blocks the bot."""
    me = house.inbox.actor.id
    task_id = await house.store.run(lambda uow: tasks.new(uow, AgentActor(me), "By hand"))
    made = await house.store.run(lambda uow: invitations.invite(uow, AgentActor(me), task_id))
    link, _, token = made.link.partition("?start=")
    assert link == f"https://t.me/{bot_api.username}"
    bot_api.clients.starts(payload=token)
    album = bot_api.clients.sends_album(b"\xff\xd81", b"\xff\xd82", caption="Two pictures")
    pictures = await house.comment(task_id, "Two pictures")
    assert [file.size for file in pictures.attachments] == [3, 3]
    bot_api.clients.edits(album[0], "Both pictures")

    async def edited() -> CommentRow | None:
        (row,) = (await house.inbox.read(queries.conversation, task_id)).comments
        return row if row.text == "Both pictures" else None

    assert [text for text, _at in (await house.until(edited)).edits] == ["Two pictures"]

    # the same link again, by somebody else
    bot_api.clients.starts(user(99, "Eve"), token)
    await bot_api.until(lambda: [m.get("text") for m in bot_api.sent] == [STALE])

    client = Who("contact", pictures.author.id)
    file = File("offer.pdf", "application/pdf", b"%PDF-1.4")
    request = CommentRequest(
        task_id, "Our offer", Notify((client,)), quote_id=pictures.id, attachments=(file,)
    )
    saved = await house.inbox.write(comments.add_comment, request)
    await house.delivered(saved.comment_id, task_id)
    answer = bot_api.sent[-1]
    assert (answer["caption"], answer["document"]["file_name"]) == ("Our offer", "offer.pdf")
    assert answer["reply_to_message"]["message_id"] == album[0]["message"]["message_id"]
    await house.store.run(
        lambda uow: corrections.edit_comment(uow, AgentActor(me), saved.comment_id, "Our new offer")
    )
    await bot_api.until(lambda: bot_api.sent[-1].get("caption") == "Our new offer")

    bot_api.clients.reacts(answer, "👍")
    bot_api.clients.blocks()

    async def closed() -> bool:
        kinds = [
            one.kind for one in (await house.inbox.read(queries.conversation, task_id)).activities
        ]
        return "chat_closed" in kinds

    await house.until(closed)
    plan = await house.inbox.read(planning.plan, task_id, Notify((client,)))
    assert [error.kind for error in plan.errors] == ["blocked_by_client"]
    last = (await house.inbox.read(queries.conversation, task_id)).comments[-1]
    assert last.reactions == (("Мария Иванова", ("👍",)),)
    assert [(one.kind, one.state) for one in last.amendments] == [("edit", "done")]


async def test_a_refused_token_is_said_and_the_other_accounts_go_on(
    config_path: Path, mailbox: Mailbox
) -> None:
    config_path.write_text(config_path.read_text().replace('token = "', 'token = "9'))
    async with a_house(config_path) as house:

        async def states() -> bool:
            rows = (await house.inbox.read(queries.health)).accounts
            return {row.name: row.state for row in rows} == {"support": "ok", "bot": "failed"}

        await house.until(states)
        mailbox.deliver(a_mail(mailbox, "By mail"))
        assert (await house.task("Where is it?")).account == "support"
