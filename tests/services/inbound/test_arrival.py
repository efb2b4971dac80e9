"""Messages come in: R1-R9, R12, R27 through the real service on both databases."""

import pytest
from sqlalchemy import func, select

from pfinbox.domain.actor import AgentActor
from pfinbox.domain.contract.incoming import ChatStarted, Incoming, Sort
from pfinbox.domain.contract.party import Party
from pfinbox.domain.model import Task
from pfinbox.domain.tasks.change import TaskChange
from pfinbox.services.tasks import tasks
from pfinbox.store import read, snapshots
from pfinbox.store import tables as t
from pfinbox.store.uow import Store
from tests.builders import Inbox, a_file, chat_account, client, mail_account


async def task_of(inbox: Inbox, comment_id: int) -> int:
    async with inbox.store.read() as uow:
        origin = await uow.connection.scalar(
            select(t.comment.c.task_id).where(t.comment.c.id == comment_id)
        )
        return await snapshots.task_root(uow, int(origin or 0))


async def count(inbox: Inbox, table: object) -> int:
    async with inbox.store.read() as uow:
        return int(await uow.connection.scalar(select(func.count()).select_from(table)) or 0)  # type: ignore[arg-type]


async def change(inbox: Inbox, task_id: int, **values: object) -> None:
    wanted = TaskChange(**values)  # type: ignore[arg-type]
    agent_id = inbox.agent_ids["anna"]
    await inbox.store.run(lambda uow: tasks.change(uow, AgentActor(agent_id), (task_id,), wanted))


async def the_task(inbox: Inbox, task_id: int) -> Task:
    async with inbox.store.read() as uow:
        return await snapshots.task(uow, task_id)


async def test_r1_first_message_is_a_task_and_further_ones_are_comments(inbox: Inbox) -> None:
    first = await inbox.says("Where is my order?")
    second = await inbox.says("Number 17")
    assert await task_of(inbox, first) == await task_of(inbox, second)
    task = await the_task(inbox, await task_of(inbox, first))
    assert task.title == "Where is my order?"
    assert task.status == "new"
    assert task.waiting_since is not None


async def test_r1_a_mail_gives_its_subject(inbox: Inbox) -> None:
    task = await the_task(inbox, await task_of(inbox, await inbox.mails(subject="Счёт № 5")))
    assert task.title == "Счёт № 5"


async def test_r1_what_a_chat_is_about_stands_above_its_first_message(inbox: Inbox) -> None:
    about = {"title": "Mazda 3 2008", "topic": "Mazda 3 2008, 300 000 ₽, https://ads.example/\x1b1"}
    for text in ("Is it still there?", "Well?"):
        comment_id = await inbox.says(text, **about)
    async with inbox.store.read() as uow:
        conversation = await read.conversation(uow, inbox.actor("anna"), 1)
    assert conversation.task.title == "Mazda 3 2008"
    ((kind, args, at),) = [(one.kind, one.args, one.at) for one in conversation.activities]
    assert (kind, args) == ("topic", {"topic": "Mazda 3 2008, 300 000 ₽, https://ads.example/␛1"})
    assert at < min(one.created_at for one in conversation.comments)
    assert comment_id == conversation.comments[-1].id


@pytest.mark.parametrize("user", ["501", "77"])
async def test_r42_what_greeted_a_client_stands_above_the_first_words(
    inbox: Inbox, user: str
) -> None:
    """Once, in a chat that is new and in one that was closed before."""
    await inbox.says(user="501")
    await change(inbox, 1, status="done")
    opened = ChatStarted(
        chat_key=user,
        sender=Party(user, "Maria"),
        at=inbox.clock.advance(seconds=1),
        greeting="Good day!\nWhat can we do?",
    )
    for n in range(2):
        await inbox.receive("bot", Incoming(key=f"opened {n}", raw=b"{}", event=opened))
    assert await count(inbox, t.task) == 1
    for text in ("Hello", "Are you there?"):
        last = await inbox.says(text, user=user)
    async with inbox.store.read() as uow:
        conversation = await read.conversation(uow, inbox.actor("anna"), 2)
    (told,) = [one for one in conversation.activities if one.kind == "greeted"]
    assert told.args == {"words": "Good day! What can we do?"}
    assert told.at < conversation.comments[0].created_at
    assert last == conversation.comments[-1].id


async def test_r2_unknown_sender_gets_a_card_and_a_known_one_no_second(inbox: Inbox) -> None:
    await inbox.says(user="7", name="Иван")
    await inbox.says(user="7", name="Иван")
    assert await count(inbox, t.contact) == 1
    async with inbox.store.read() as uow:
        card = (await snapshots.contacts(uow, [1]))[1]
    assert card.name == "Иван"
    assert [(a.value, a.username) for a in card.addresses] == [("7", "иван")]


async def test_r2_the_same_id_on_two_messenger_accounts_is_two_people(own_store: Store) -> None:
    inbox = await Inbox.make(own_store, chat_account("one"), chat_account("two"))
    await inbox.says(account="one", user="7")
    await inbox.says(account="two", user="7")
    assert await count(inbox, t.contact) == 2
    await inbox.store.close()


async def test_r2_the_same_mail_address_on_two_accounts_is_one_person(own_store: Store) -> None:
    inbox = await Inbox.make(own_store, mail_account("one"), mail_account("two"))
    await inbox.mails(account="one")
    await inbox.mails(account="two")
    assert await count(inbox, t.contact) == 1
    assert await count(inbox, t.task) == 2
    await inbox.store.close()


async def test_r5_an_answer_finds_its_thread_and_a_new_mail_is_a_task_of_its_own(
    inbox: Inbox,
) -> None:
    first = await inbox.mails()
    async with inbox.store.read() as uow:
        message_id = await uow.connection.scalar(
            select(t.comment.c.source_id).where(t.comment.c.id == first)
        )
    answer = await inbox.mails(answers=message_id)
    other = await inbox.mails()
    assert await task_of(inbox, answer) == await task_of(inbox, first)
    assert await task_of(inbox, other) != await task_of(inbox, first)


async def test_r5_an_answer_finds_its_thread_by_the_signed_address(inbox: Inbox) -> None:
    first = await inbox.mails()
    answer = await inbox.mails(tokens=("c1",))
    assert await task_of(inbox, answer) == await task_of(inbox, first)


async def test_r5_a_subject_number_counts_only_from_a_participant(inbox: Inbox) -> None:
    first = await inbox.mails()
    task_id = await task_of(inbox, first)
    stranger = await inbox.mails(sender="eve@evil.example", task_number=task_id)
    own = await inbox.mails(task_number=task_id)
    assert await task_of(inbox, stranger) != task_id
    assert await task_of(inbox, own) == task_id


async def test_r6_after_closing_a_messenger_opens_a_new_linked_task(inbox: Inbox) -> None:
    first = await task_of(inbox, await inbox.says())
    await change(inbox, first, status="done")
    second = await task_of(inbox, await inbox.says("Again"))
    assert second != first
    assert (await the_task(inbox, second)).previous_task_id == first


async def test_r6_switched_off_the_old_task_becomes_active_again(own_store: Store) -> None:
    inbox = await Inbox.make(own_store, chat_account(new_task_after_close="false"))
    first = await task_of(inbox, await inbox.says())
    await change(inbox, first, status="done")
    assert await task_of(inbox, await inbox.says("Again")) == first
    task = await the_task(inbox, first)
    assert (task.status, task.active) == ("open", True)
    assert task.waiting_since is not None
    await inbox.store.close()


async def test_r6_mail_reopens_for_fourteen_days(inbox: Inbox) -> None:
    first = await inbox.mails()
    task_id = await task_of(inbox, first)
    async with inbox.store.read() as uow:
        message_id = await uow.connection.scalar(
            select(t.comment.c.source_id).where(t.comment.c.id == first)
        )
    await change(inbox, task_id, status="done")
    inbox.clock.advance(days=13)
    assert await task_of(inbox, await inbox.mails("Thanks!", answers=message_id)) == task_id
    await change(inbox, task_id, status="done")
    inbox.clock.advance(days=15)
    late = await task_of(inbox, await inbox.mails("Again", answers=message_id))
    assert late != task_id
    assert (await the_task(inbox, late)).previous_task_id == task_id


async def test_r6_r41_a_robot_never_reopens_and_has_not_spoken(inbox: Inbox) -> None:
    first = await inbox.says()
    task_id = await task_of(inbox, first)
    await change(inbox, task_id, status="done")
    assert await task_of(inbox, await inbox.says("Away", sort=Sort.AUTOMATIC)) == task_id
    assert not (await the_task(inbox, task_id)).active
    await change(inbox, task_id, status="open")
    await inbox.comment(task_id, "Which number?", to=[client(1)])
    for _again in range(2):
        async with inbox.store.read() as uow:
            (row,) = (await read.tasks(uow, inbox.actor("anna"), "waiting")).rows
        assert (row.id, row.last_line) == (task_id, "Which number?")
        await inbox.says("Away", sort=Sort.AUTOMATIC)


async def test_r7_a_deleted_task_takes_no_message_whatever_the_switch(own_store: Store) -> None:
    inbox = await Inbox.make(own_store, chat_account(new_task_after_close="false"))
    first = await task_of(inbox, await inbox.says())
    agent_id = inbox.agent_ids["anna"]
    await inbox.store.run(lambda uow: tasks.delete(uow, AgentActor(agent_id), (first,)))
    second = await task_of(inbox, await inbox.says("Hello?"))
    assert second != first
    # The link goes to a living task only.
    assert (await the_task(inbox, second)).previous_task_id is None
    await inbox.store.close()


async def test_r8_a_known_contact_s_first_mail_thread_links_to_the_open_task(inbox: Inbox) -> None:
    first = await task_of(inbox, await inbox.mails())
    second = await task_of(inbox, await inbox.mails(subject="Another thing"))
    assert (await the_task(inbox, second)).previous_task_id == first


async def test_r12_the_same_receipt_twice_is_shown_once(inbox: Inbox) -> None:
    from pfinbox.domain.contract.incoming import Incoming, Message
    from pfinbox.domain.contract.party import Party

    message = Message(
        source_id="7:1", chat_key="7", sender=Party("7", "A"), sent_at=inbox.clock.now, text="x"
    )
    incoming = Incoming(key="same", raw=b"x", event=message)
    await inbox.receive("bot", incoming)
    done = await inbox.receive("bot", incoming)
    assert (done.comment_ids, done.duplicates) == ([], 1)
    assert await count(inbox, t.comment) == 1


async def test_r12_two_copies_of_one_mail_are_one_and_another_text_is_its_own(
    inbox: Inbox,
) -> None:
    await inbox.mails("One", source_id="<same@x>")
    from pfinbox.domain.contract.incoming import Incoming, Message
    from pfinbox.domain.contract.party import Party

    copy = Message(
        source_id="<same@x>",
        chat_key=None,
        sender=Party("maria@client.example"),
        sent_at=inbox.clock.now,
        text="One",
        title="A question",
    )
    done = await inbox.receive("support", Incoming(key="INBOX:1:999", raw=b"1", event=copy))
    assert done.duplicates == 1
    await inbox.mails("Another text", source_id="<same@x>")
    assert await count(inbox, t.comment) == 2


async def test_r12_a_reindexed_mailbox_shows_nothing_twice(inbox: Inbox) -> None:
    from pfinbox.domain.contract.incoming import Incoming, Message
    from pfinbox.domain.contract.party import Party

    message = Message(
        source_id="", chat_key=None, sender=Party("m@x.example"), sent_at=inbox.clock.now, text="x"
    )
    await inbox.receive("support", Incoming(key="INBOX:1:1", raw=b"raw", event=message))
    again = Incoming(key="INBOX:2:1", raw=b"raw", event=message, match_bytes=True)
    done = await inbox.receive("support", again)
    assert done.duplicates == 1
    assert await count(inbox, t.comment) == 1


async def test_r20_files_come_in_once_per_content(inbox: Inbox) -> None:
    await inbox.says("a", files=(a_file(), a_file("copy.png")))
    assert await count(inbox, t.attachment) == 2
    assert await count(inbox, t.blob) == 1


async def test_r43_an_agent_s_own_mail_makes_no_card(inbox: Inbox) -> None:
    async with inbox.store.write() as uow:
        await uow.connection.execute(t.agent.update().values(email="anna@ours.example"))
        await uow.commit()
    await inbox.mails(sender="anna@ours.example", name="Anna")
    assert await count(inbox, t.contact) == 0
