"""Spam (R42): with one key into the trash and blocked, and all of it back."""

import pytest
from sqlalchemy import func, select, update

from pfinbox.domain.actor import AgentActor
from pfinbox.domain.contract.incoming import Sort
from pfinbox.domain.model import Task
from pfinbox.errors import Refused
from pfinbox.services.outbound import hold_rules
from pfinbox.services.tasks import spam, tasks
from pfinbox.store import read, snapshots
from pfinbox.store import tables as t
from tests.builders import Inbox, client
from tests.services.inbound.test_arrival import change, count, task_of, the_task


async def mark(inbox: Inbox, *task_ids: int) -> None:
    me = inbox.agent_ids["anna"]
    await inbox.store.run(lambda uow: spam.spam(uow, AgentActor(me), task_ids))


async def unmark(inbox: Inbox, *task_ids: int) -> None:
    me = inbox.agent_ids["anna"]
    await inbox.store.run(lambda uow: spam.unspam(uow, AgentActor(me), task_ids))


async def shown(inbox: Inbox, view: str) -> list[int]:
    async with inbox.store.read() as uow:
        page = await read.tasks(uow, inbox.actor("anna"), view)
    return [row.id for row in page.rows]


async def unread(inbox: Inbox, login: str = "anna") -> set[int]:
    """Every task that is unread for the agent, wherever it is listed."""
    async with inbox.store.read() as uow:
        pages = [await read.tasks(uow, inbox.actor(login), view) for view in ("all", "spam")]
    return {row.id for page in pages for row in page.rows if row.unread}


async def blocked(inbox: Inbox) -> tuple[int, int]:
    async with inbox.store.read() as uow:
        chats = select(func.count()).where(t.chat.c.blocked_at.is_not(None))
        addresses = select(func.count()).where(t.address.c.blocked_at.is_not(None))
        found = [await uow.connection.scalar(query) for query in (chats, addresses)]
    return int(found[0] or 0), int(found[1] or 0)


async def source(inbox: Inbox, comment_id: int) -> str:
    async with inbox.store.read() as uow:
        return str(
            await uow.connection.scalar(
                select(t.comment.c.source_id).where(t.comment.c.id == comment_id)
            )
        )


def in_spam(task: Task) -> bool:
    return task.spam and task.deleted_at is not None


async def test_r42_a_messenger_s_chat_is_blocked_and_one_task_takes_what_follows(
    inbox: Inbox,
) -> None:
    first = await task_of(inbox, await inbox.says("Cheap pills"))
    await mark(inbox, first)
    assert await blocked(inbox) == (1, 0)
    assert await task_of(inbox, await inbox.says("More pills")) == first
    assert await task_of(inbox, await inbox.says("Still more")) == first
    task = await the_task(inbox, first)
    assert in_spam(task)
    assert task.waiting_since is None
    assert await shown(inbox, "spam") == [first]
    for view in ("to_answer", "inbox", "unassigned", "trash", "done", "waiting"):
        assert await shown(inbox, view) == []
    assert await unread(inbox) == set()


async def test_r42_the_spam_list_shows_what_was_said_last(inbox: Inbox) -> None:
    first = await task_of(inbox, await inbox.says("Cheap pills"))
    await mark(inbox, first)
    await inbox.says("Last offer")
    async with inbox.store.read() as uow:
        row = await read.task_row(uow, inbox.actor("anna"), first)
    assert row.last_line == "Last offer"


async def test_r42_a_mail_from_a_blocked_address_is_born_in_spam(inbox: Inbox) -> None:
    first = await task_of(inbox, await inbox.mails("Pills"))
    await mark(inbox, first)
    assert await blocked(inbox) == (0, 1)
    second = await task_of(inbox, await inbox.mails("Pills again", subject="Other"))
    assert second != first
    born = await the_task(inbox, second)
    assert in_spam(born)
    assert (born.waiting_since, born.previous_task_id) == (None, None)
    assert await unread(inbox) == set()
    async with inbox.store.read() as uow:
        assert await uow.connection.scalar(select(func.count()).select_from(t.notice)) == 0


async def test_r42_spam_notifies_nobody_even_in_an_assigned_task(inbox: Inbox) -> None:
    first = await task_of(inbox, await inbox.says("Pills"))
    await change(inbox, first, assignee=inbox.agent("boris"))
    await mark(inbox, first)
    await inbox.says("More")
    assert await unread(inbox, "boris") == set()


async def test_r42_others_are_not_blocked(inbox: Inbox) -> None:
    await mark(inbox, await task_of(inbox, await inbox.mails(sender="eve@evil.example")))
    other = await task_of(inbox, await inbox.mails(sender="maria@client.example"))
    assert not (await the_task(inbox, other)).spam


async def test_r42_unspam_puts_everything_back(inbox: Inbox) -> None:
    first = await task_of(inbox, await inbox.says("I am no robot"))
    before = await the_task(inbox, first)
    await mark(inbox, first)
    await unmark(inbox, first)
    assert await the_task(inbox, first) == before
    assert await blocked(inbox) == (0, 0)
    assert await unread(inbox) == {first}
    assert await task_of(inbox, await inbox.says("Hello?")) == first


async def test_r42_unspam_keeps_read_what_was_read_and_shows_what_came_since(inbox: Inbox) -> None:
    comment = await inbox.says("I am no robot")
    first = await task_of(inbox, comment)
    me = inbox.agent_ids["anna"]
    await inbox.store.run(lambda uow: tasks.mark_read(uow, AgentActor(me), first, comment))
    await mark(inbox, first)
    await unmark(inbox, first)
    assert await unread(inbox) == set()
    await mark(inbox, first)
    await inbox.says("Really not")
    await unmark(inbox, first)
    assert await unread(inbox) == {first}


async def test_r42_unspam_of_an_assigned_task_tells_the_assignee(inbox: Inbox) -> None:
    first = await task_of(inbox, await inbox.says("Hello"))
    await change(inbox, first, assignee=inbox.agent("boris"))
    await mark(inbox, first)
    await inbox.says("I am no robot")
    await unmark(inbox, first)
    assert await unread(inbox, "boris") == {first}
    assert await unread(inbox, "anna") == {first}, "it was new for everybody before"


async def test_r42_a_task_from_the_trash_goes_back_to_the_trash(inbox: Inbox) -> None:
    first = await task_of(inbox, await inbox.says("Hello"))
    me = inbox.agent_ids["anna"]
    await inbox.store.run(lambda uow: tasks.delete(uow, AgentActor(me), (first,)))
    await mark(inbox, first)
    assert await shown(inbox, "spam") == [first]
    await unmark(inbox, first)
    assert await shown(inbox, "trash") == [first]


async def test_r42_restoring_a_spam_task_unblocks_its_sender(inbox: Inbox) -> None:
    first = await task_of(inbox, await inbox.says("Hello"))
    await mark(inbox, first)
    me = inbox.agent_ids["anna"]
    await inbox.store.run(lambda uow: tasks.restore(uow, AgentActor(me), (first,)))
    assert await blocked(inbox) == (0, 0)
    assert await task_of(inbox, await inbox.says("Again")) == first


async def test_r42_mail_marked_by_the_server_starts_there_and_blocks_nobody(inbox: Inbox) -> None:
    first = await task_of(inbox, await inbox.mails("Pills", spam=True))
    assert in_spam(await the_task(inbox, first))
    assert await blocked(inbox) == (0, 0)
    second = await task_of(inbox, await inbox.mails("A real question"))
    assert not (await the_task(inbox, second)).spam
    assert (await the_task(inbox, second)).previous_task_id is None


async def test_r42_unspam_of_one_born_there_makes_it_news(inbox: Inbox) -> None:
    earlier = await task_of(inbox, await inbox.mails("First"))
    first = await task_of(inbox, await inbox.mails("Not spam at all", spam=True))
    await unmark(inbox, first)
    task = await the_task(inbox, first)
    assert not task.spam
    assert task.waiting_since is not None
    assert task.previous_task_id == earlier
    assert first in await unread(inbox)


async def test_r42_a_blocked_sender_gets_into_no_other_conversation(inbox: Inbox) -> None:
    ours = await inbox.mails("A question of mine", sender="maria@client.example")
    open_task = await task_of(inbox, ours)
    await mark(inbox, await task_of(inbox, await inbox.mails("Pills", sender="eve@evil.example")))
    answer = await inbox.mails(
        "Pills", sender="eve@evil.example", answers=await source(inbox, ours)
    )
    assert in_spam(await the_task(inbox, await task_of(inbox, answer)))
    # The thread is still the client's.
    more = await inbox.mails("And?", answers=await source(inbox, ours))
    assert await task_of(inbox, more) == open_task


async def test_r42_a_robot_s_mail_from_a_blocked_address_is_spam_too(inbox: Inbox) -> None:
    await mark(inbox, await task_of(inbox, await inbox.mails("Pills")))
    away = await inbox.mails("Away", subject="Out of office", sort=Sort.AUTOMATIC)
    assert in_spam(await the_task(inbox, await task_of(inbox, away)))


async def test_r42_an_older_task_of_a_chat_that_goes_on_is_refused(inbox: Inbox) -> None:
    first = await task_of(inbox, await inbox.says("One"))
    await change(inbox, first, status="done")
    second = await task_of(inbox, await inbox.says("Two"))
    with pytest.raises(Refused, match=f"#{second}"):
        await mark(inbox, first)
    assert await blocked(inbox) == (0, 0)


async def test_r4_r42_spam_beside_a_reopened_task_leaves_the_chat_to_that_one(
    inbox: Inbox,
) -> None:
    first = await task_of(inbox, await inbox.says("One"))
    await change(inbox, first, status="done")
    second = await task_of(inbox, await inbox.says("Two"))
    await mark(inbox, second)
    # The spam task lets go of the chat, and the chat is blocked all the same.
    await change(inbox, first, status="open")
    assert await task_of(inbox, await inbox.says("Three")) == second
    with pytest.raises(Refused, match=f"#{first}"):
        await unmark(inbox, second)
    await change(inbox, first, status="done")
    await unmark(inbox, second)
    assert await task_of(inbox, await inbox.says("Four")) == second


async def test_r42_a_task_without_a_client_s_message_has_nobody_to_block(inbox: Inbox) -> None:
    me = inbox.agent_ids["anna"]
    made = await inbox.store.run(lambda uow: tasks.new(uow, AgentActor(me), "By hand"))
    with pytest.raises(Refused, match="delete it instead"):
        await mark(inbox, made)
    with pytest.raises(Refused, match="not in Spam"):
        await unmark(inbox, made)


async def test_r42_many_at_once_all_or_none(inbox: Inbox) -> None:
    me = inbox.agent_ids["anna"]
    first = await task_of(inbox, await inbox.mails(sender="a@x.example"))
    second = await task_of(inbox, await inbox.says("Pills"))
    made = await inbox.store.run(lambda uow: tasks.new(uow, AgentActor(me), "By hand"))
    with pytest.raises(Refused):
        await mark(inbox, first, second, made)
    assert await shown(inbox, "spam") == []
    await mark(inbox, first, second)
    assert set(await shown(inbox, "spam")) == {first, second}
    await unmark(inbox, first, second)
    assert await shown(inbox, "spam") == []


@pytest.mark.parametrize("channel", ["says", "mails"])
async def test_r18_r42_what_waits_for_a_blocked_contact_is_held(inbox: Inbox, channel: str) -> None:
    first = await task_of(inbox, await getattr(inbox, channel)("Hello"))
    contact_id = (await the_task(inbox, first)).contact_id
    assert contact_id is not None
    saved = await inbox.comment(first, to=[client(contact_id)])
    await mark(inbox, first)
    async with inbox.store.write() as uow:
        delivery = await uow.connection.scalar(
            select(t.delivery.c.id).where(t.delivery.c.comment_id == saved.comment_id)
        )
        assert delivery is not None
        reason = (await hold_rules.hold(uow, [delivery])).get(delivery)
        assert reason is not None
        assert reason.kind == "task_deleted"
        # In another task of the blocked one's it is held as well.
        await uow.connection.execute(
            update(t.task).where(t.task.c.id == first).values(deleted_at=None)
        )
        reason = (await hold_rules.hold(uow, [delivery])).get(delivery)
        assert reason is not None
        assert reason.kind == "contact_blocked"


async def test_r25_r42_writing_to_a_blocked_address_is_refused_beforehand(inbox: Inbox) -> None:
    first = await task_of(inbox, await inbox.mails("Hello"))
    other = await task_of(inbox, await inbox.mails("Hello", subject="Another"))
    await mark(inbox, first)
    contact_id = (await the_task(inbox, other)).contact_id
    assert contact_id is not None
    comments = await count(inbox, t.comment)
    with pytest.raises(Refused, match="blocked"):
        await inbox.comment(other, to=[client(contact_id)])
    assert await count(inbox, t.comment) == comments
    async with inbox.store.read() as uow:
        assert (await snapshots.contacts(uow, [contact_id]))[contact_id].blocked
