"""What clients do on their pages (R36, R46): write, open, solve; and what they cannot name."""

import pytest
from sqlalchemy import select, update

from pfinbox.domain.actor import ContactActor
from pfinbox.domain.tasks.change import TaskChange
from pfinbox.errors import NotFound, Refused
from pfinbox.services.inbox import ContactInbox
from pfinbox.services.people import contacts
from pfinbox.services.portal import changing, reading, writing
from pfinbox.services.portal.writing import Written
from pfinbox.services.tasks import tasks
from pfinbox.store import read
from pfinbox.store import tables as t
from pfinbox.store.rows import Conversation
from tests.builders import Inbox, a_file, chat_account, client, mail_account
from tests.services.inbound.test_arrival import task_of, the_task


async def page(inbox: Inbox, task_id: int, *, only: int | None = None) -> ContactInbox:
    """The page of a task's client, who has access."""
    contact_id = (await the_task(inbox, task_id)).contact_id
    assert contact_id is not None
    await inbox.acting("anna").agreeing(True).write(contacts.set_, contact_id, portal=True)
    return ContactInbox(inbox.store, ContactActor(frozenset((contact_id,)), only))


async def held(inbox: Inbox, task_id: int) -> Conversation:
    return await inbox.acting("anna").read(read.conversation, task_id)


async def test_r36_what_is_written_on_the_page_is_a_message_like_any(inbox: Inbox) -> None:
    """By the task's own chat: the answer goes by it (R15); unread (R41); reopened (R6)."""
    task_id = await task_of(inbox, await inbox.mails("A question", subject="Order 17"))
    mine = await page(inbox, task_id)
    anna = inbox.acting("anna")
    await anna.write(tasks.change, (task_id,), TaskChange(status="done"))
    sent = Written("n1", "From **the page**", [a_file("photo.png", b"1")])
    assert await mine.write(writing.comment, task_id, sent) == task_id
    # A double press, also when it comes later.
    assert await mine.write(writing.comment, task_id, sent) == task_id
    found = await held(inbox, task_id)
    assert [row.text for row in found.comments] == ["A question", "From **the page**"]
    last = found.comments[-1]
    assert last.matched_by is not None
    assert (last.matched_by.kind, last.attachments[0].name) == ("by_page", "photo.png")
    assert found.task.active
    assert found.task.unread
    assert found.task.waiting_since is not None
    assert [chat.current for chat in found.chats] == [True]
    saved = await inbox.comment(task_id, "An answer", to=[client(last.author.id)])
    async with inbox.store.read() as uow:
        row = (
            await uow.connection.execute(
                select(t.delivery).where(t.delivery.c.comment_id == saved.comment_id)
            )
        ).one()
    assert (row.address, row.chat_id) == ("maria@client.example", found.chats[0].id)
    shown = await mine.read(reading.contact_conversation, task_id)
    assert [(one.mine, one.text) for one in shown.comments] == [
        (True, "A question"),
        (True, "From **the page**"),
    ]
    file = shown.comments[1].files[0]
    assert (await mine.read(reading.contact_file, file.id))[1] == b"1"


async def test_r36_in_a_messenger_the_chat_goes_on(inbox: Inbox) -> None:
    """R4: it lands where the chat's messages land now, and the next one by the messenger too."""
    first = await task_of(inbox, await inbox.says("Hello"))
    mine = await page(inbox, first)
    await inbox.acting("anna").write(tasks.change, (first,), TaskChange(status="done"))
    second = await mine.write(writing.comment, first, Written("n1", "Once more"))
    assert second not in (None, first)
    assert await task_of(inbox, await inbox.says("And here")) == second
    assert (await held(inbox, second or 0)).task.previous_task_id == first
    rows = (await mine.read(reading.contact_tasks)).rows
    assert [(row.id, row.active, row.last_by_us) for row in rows] == [
        (second, True, False),
        (first, False, False),
    ]


async def test_r36_a_participant_without_a_chat_there_is_answered_by_mail(inbox: Inbox) -> None:
    task_id = await task_of(inbox, await inbox.says("Hello", name="Boss"))
    other = await task_of(inbox, await inbox.mails("Mine", sender="olga@client.example"))
    mine = await page(inbox, other)
    olga = next(iter(mine.actor.contact_ids))
    anna = inbox.acting("anna").agreeing(True)
    await anna.write(contacts.set_, olga, selectable=True, contacts_see="contacts")
    await anna.write(tasks.change, (task_id,), TaskChange(add_participants=(client(olga),)))
    assert await mine.write(writing.comment, task_id, Written("n1", "I am here")) == task_id
    found = await held(inbox, task_id)
    assert [chat.channel for chat in found.chats] == ["telegram", "email"]
    # Whether the question of somebody else is answered, she does not say (R41).
    shown = await mine.read(reading.contact_conversation, task_id)
    assert not shown.task.own
    with pytest.raises(Refused, match="whoever asked"):
        await mine.write(changing.solve, task_id)
    assert (await held(inbox, task_id)).task.active
    saved = await inbox.comment(task_id, "To you", to=[client(olga)])
    async with inbox.store.read() as uow:
        statement = select(t.delivery.c.chat_id).where(t.delivery.c.comment_id == saved.comment_id)
        assert await uow.connection.scalar(statement) == found.chats[1].id


async def test_r36_a_task_opened_on_the_page_and_solved_there(inbox: Inbox) -> None:
    mine = await page(inbox, await task_of(inbox, await inbox.mails("A question")))
    sent = Written("n1", "Something else", subject="Invoice")
    task_id = await mine.write(writing.open_task, "support", sent)
    assert task_id is not None
    found = await held(inbox, task_id)
    assert (found.task.title, found.task.account, found.task.unread) == ("Invoice", "support", True)
    await mine.write(changing.solve, task_id)
    found = await held(inbox, task_id)
    assert (found.task.active, found.task.waiting_since) == (False, None)
    assert found.activities[-1].kind == "solved_by_client"
    await mine.write(changing.introduce, "Maria M.", "ru")
    card = await mine.read(reading.contact)
    assert (card.name, card.language) == ("Maria M.", "ru")
    with pytest.raises(Refused):
        await mine.write(writing.open_task, "support", Written("n2", " \n"))


async def test_r41_a_program_s_answer_is_no_last_word(inbox: Inbox) -> None:
    acknowledges = mail_account(acknowledgement="We have your mail")
    await inbox.configure(acknowledges, chat_account())
    task_id = await task_of(inbox, await inbox.mails("A question"))
    mine = await page(inbox, task_id)
    async with inbox.store.write() as uow:
        await uow.connection.execute(update(t.delivery).values(state="sent"))
        await uow.commit()
    (row,) = (await mine.read(reading.contact_tasks)).rows
    assert (row.last_line, row.last_by_us) == ("We have your mail", False)


async def test_r46_nothing_else_can_be_named_and_a_link_only_reads(inbox: Inbox) -> None:
    task_id = await task_of(inbox, await inbox.mails("A question"))
    foreign = await inbox.mails("Other", sender="olga@client.example", files=(a_file(),))
    other = await task_of(inbox, foreign)
    mine, linked = await page(inbox, task_id), await page(inbox, task_id, only=task_id)
    second = await task_of(inbox, await inbox.mails("A second", subject="Second"))
    file = (await held(inbox, other)).comments[0].attachments[0]
    for nobodys in (other, 99_999):
        for use_case in (reading.contact_conversation, changing.solve):
            with pytest.raises(NotFound):
                await mine.write(use_case, nobodys)
        with pytest.raises(NotFound):
            await mine.write(writing.comment, nobodys, Written("n", "Hello"))
    with pytest.raises(NotFound):
        await mine.read(reading.contact_file, file.id)
    for place in ({"before": foreign}, {"after": foreign}):
        with pytest.raises(NotFound):
            await mine.read(reading.contact_conversation, task_id, **place)
    assert len((await mine.read(reading.contact_tasks)).rows) == 2
    assert [row.id for row in (await linked.read(reading.contact_tasks)).rows] == [task_id]
    with pytest.raises(NotFound):
        await linked.read(reading.contact_conversation, second)
    with pytest.raises(Refused):
        await linked.write(writing.comment, task_id, Written("n", "Hello"))
    # Without access there is nothing at all.
    contact_id = next(iter(mine.actor.contact_ids))
    await inbox.acting("anna").write(contacts.set_, contact_id, portal=False)
    with pytest.raises(NotFound):
        await mine.read(reading.contact_tasks)


async def test_r46_pages_of_fifty_hold_every_comment_once(inbox: Inbox) -> None:
    task_id = await task_of(inbox, await inbox.says("0"))
    for n in range(1, 103):
        await inbox.says(str(n))
    mine = await page(inbox, task_id)
    shown = await mine.read(reading.contact_conversation, task_id)
    texts = [row.text for row in shown.comments]
    while shown.before is not None:
        shown = await mine.read(reading.contact_conversation, task_id, before=shown.before)
        assert len(shown.comments) <= 50
        texts = [row.text for row in shown.comments] + texts
    assert texts == [str(n) for n in range(103)]
    newer = await mine.read(reading.contact_conversation, task_id, after=shown.comments[0].id)
    assert [row.text for row in newer.comments][:2] == ["1", "2"]
