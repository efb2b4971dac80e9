"""Approved texts, the way that is left once the reply window is closed (R25)."""

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select

from pfinbox.domain.contract.batch import Batch
from pfinbox.domain.contract.channel import Capability, Limits
from pfinbox.domain.contract.files import File
from pfinbox.domain.contract.template import FilledTemplate, Template
from pfinbox.domain.outbound.planning.templates import TemplateChoice
from pfinbox.errors import NotFound, PfinboxError, Refused, UsageError
from pfinbox.services.comments import conversations, corrections, planning, starting, templates
from pfinbox.services.comments.planning import Along
from pfinbox.services.comments.starting import StartRequest
from pfinbox.services.inbound import receiving
from pfinbox.services.people import contacts
from pfinbox.store import tables as t
from tests.builders import Inbox, a_file, chat_account, client, mail_account
from tests.daemon.test_sender import a_sender

READY = Template("ready", "en", "Hello {{1}}!\nOrder {{2}} waits for {{1}}.", "UTILITY")
BILL = Template("bill", "en", "Your bill", "UTILITY", "document")
PLACE = Template("place", "en", "We are here", "UTILITY", "location")
PDF = File("bill.pdf", "application/pdf", b"pdf" * 9)
SHOWN = Template("shown", "en", "Look", "MARKETING", "image")
PNG = File("look.png", "image/png", b"a picture")
KNOWN = (
    BILL,
    PLACE,
    READY,
    SHOWN,
    Template("hello", "en", "Hello"),
    Template("hello", "ru", "Привет"),
)
FILLED = {"1": "Maria", "2": "№ 7"}
SAID = "Hello Maria!\nOrder № 7 waits for Maria."


async def closed(inbox: Inbox) -> None:
    """Maria wrote in a chat that can be answered for an hour, two hours ago; Olga by mail."""
    bot = chat_account("wa")
    able = replace(
        bot,
        capabilities=bot.capabilities | Capability.TEMPLATES,
        limits=Limits(
            max_text=20, files_per_part=1, reply_window=3600, above_template={"image/png": 8}
        ),
    )
    await inbox.configure(able, mail_account())
    wa = inbox.account_ids["wa"]
    told = Batch(templates=(READY, Template("old", "en", "Old")))
    await inbox.store.run(lambda uow: receiving.receive(uow, wa, told))
    await inbox.store.run(lambda uow: receiving.receive(uow, wa, Batch(templates=KNOWN)))
    await inbox.store.run(lambda uow: receiving.receive(uow, wa, Batch(cursor="x")))
    await inbox.says(account="wa")
    await inbox.mails(sender="olga@other.example", name="Olga")
    inbox.clock.advance(hours=2)


async def test_r25_a_template_goes_out_though_the_window_is_closed(inbox: Inbox) -> None:
    await closed(inbox)
    with pytest.raises(Refused, match=r"1 h .*template"):
        await inbox.comment(1, "By the way", to=[client(1)])
    anna = inbox.acting("anna")
    listed = await anna.read(templates.listed, task_id=1)
    assert [(one.account, one.template.name) for one in listed] == [
        ("wa", "bill"),
        ("wa", "hello"),
        ("wa", "hello"),
        ("wa", "place"),
        ("wa", "ready"),
        ("wa", "shown"),
    ]
    assert await anna.read(templates.listed, task_id=2) == ()
    choice = TemplateChoice("ready", None, {"1": " Maria\n", "2": "№ 7"})
    notify = await anna.read(planning.preselect, 1, answers=1)
    plan = await anna.read(planning.plan, 1, notify, along=Along(choice))
    (row,) = plan.rows
    assert (row.error, row.template, row.as_json()["template"]) == (None, "ready", "ready")
    saved = await inbox.comment(1, "", to=[client(1)], template=choice)
    with pytest.raises(Refused, match="approved"):
        await anna.write(corrections.edit_comment, saved.comment_id, "Something else")
    sender, channel = await a_sender(inbox)
    await sender.run_once()
    (part,) = channel.sent
    assert (part.text, part.template) == (SAID, FilledTemplate("ready", "en", FILLED))
    async with inbox.store.read() as uow:
        text = await uow.connection.scalar(
            select(t.comment.c.text).where(t.comment.c.id == saved.comment_id)
        )
        delivery = (await uow.connection.execute(select(t.delivery))).one()
    assert (text, delivery.state, delivery.template) == (SAID, "sent", "ready")
    # What stands above the text goes with it, in one message.
    bill = TemplateChoice("bill")
    await inbox.comment(1, "", to=[client(1)], template=bill, attachments=(PDF,))
    await sender.run_once()
    (_first, part) = channel.sent
    assert (part.template, part.files) == (FilledTemplate("bill", "en", {}, "document"), (PDF,))


@pytest.mark.parametrize(
    ("task", "choice", "more", "error"),
    [
        (1, TemplateChoice("old"), {}, NotFound),
        (1, TemplateChoice("hello"), {}, UsageError),
        (1, TemplateChoice("ready", "en", {"1": "Maria"}), {}, UsageError),
        (1, TemplateChoice("ready", "en", FILLED | {"3": "x"}), {}, UsageError),
        (1, TemplateChoice("hello", "ru"), {"text": "and more"}, UsageError),
        (2, TemplateChoice("hello", "ru"), {}, Refused),
        (1, TemplateChoice("hello", "ru"), {"attachments": (PDF,)}, UsageError),
        (1, TemplateChoice("bill"), {}, UsageError),
        (1, TemplateChoice("bill"), {"attachments": (PDF, PDF)}, UsageError),
        (1, TemplateChoice("bill"), {"attachments": (a_file(),)}, UsageError),
        (1, TemplateChoice("place"), {}, UsageError),
        (1, TemplateChoice("shown"), {"attachments": (PNG,)}, Refused),
    ],
)
async def test_r25_what_was_not_approved_is_refused_whole(
    inbox: Inbox, task: int, choice: TemplateChoice, more: dict[str, Any], error: type[PfinboxError]
) -> None:
    await closed(inbox)
    given = {"text": "", **more}
    with pytest.raises(error):
        await inbox.comment(task, to=[client(task)], template=choice, **given)
    async with inbox.store.read() as uow:
        assert (await uow.connection.execute(select(t.delivery))).all() == []


async def test_r25_r29_a_first_message_goes_by_a_template_alone(inbox: Inbox) -> None:
    """Nothing is stored where it is refused; the chat has its task at once (R4)."""
    await closed(inbox)
    anna = inbox.acting("anna")
    card = await anna.write(contacts.new, "Ewa", addresses=[("wa", "777")])
    (way,) = [one for one in await anna.read(conversations.ways, card) if one.account.name == "wa"]
    assert (way.error, way.by_template) == (None, True)
    with pytest.raises(Refused, match="template"):
        await anna.write(starting.start, StartRequest("wa", "Hello?", contact_id=card))
    choice = TemplateChoice("ready", None, FILLED)
    request = StartRequest("wa", contact_id=card, template=choice)
    started = await anna.write(starting.start, request)
    assert started.task_id not in (1, 2)
    sender, channel = await a_sender(inbox)
    await sender.run_once()
    (part,) = channel.sent
    assert (part.chat_key, part.text) == ("777", SAID)
    comment_id = await inbox.says("Yes?", account="wa", user="777")
    async with inbox.store.read() as uow:
        task_id = await uow.connection.scalar(
            select(t.comment.c.task_id).where(t.comment.c.id == comment_id)
        )
    assert task_id == started.task_id
