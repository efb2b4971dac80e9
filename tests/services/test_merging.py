"""Tasks are merged and taken apart again: R4, R8, R32, R33, on both databases."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from pfinbox.domain.model import Notify, Task
from pfinbox.errors import NotFound, PfinboxError, Refused, UsageError
from pfinbox.services import contacts, drafts, tasks
from pfinbox.services.contact_merging import merge_contacts
from pfinbox.services.merging import merge_tasks
from pfinbox.services.parting import Preview, preview_unmerge
from pfinbox.services.tasks import TaskChange
from pfinbox.services.unmerging import unmerge_task
from pfinbox.store import queries, snapshots
from pfinbox.store import tables as t
from tests.builders import Inbox, chat_account, client, mail_account
from tests.services.photograph import differences, photograph


async def merge(inbox: Inbox, survivor: int, *others: int, **values: Any) -> int:
    inbox.clock.advance(seconds=1)
    anna = inbox.agent_ids["anna"]
    return await inbox.store.run(lambda uow: merge_tasks(uow, anna, survivor, others, **values))


async def unmerge(inbox: Inbox, task_id: int) -> int:
    inbox.clock.advance(seconds=1)
    anna = inbox.agent_ids["anna"]
    return await inbox.store.run(lambda uow: unmerge_task(uow, anna, task_id))


async def preview(inbox: Inbox, task_id: int) -> Preview:
    async with inbox.store.read() as uow:
        return await preview_unmerge(uow, inbox.agent_ids["anna"], task_id)


async def change(inbox: Inbox, task_id: int, **values: Any) -> None:
    inbox.clock.advance(seconds=1)
    anna = inbox.agent_ids["anna"]
    await inbox.store.run(lambda uow: tasks.change(uow, anna, (task_id,), TaskChange(**values)))


async def the_task(inbox: Inbox, task_id: int) -> Task:
    async with inbox.store.read() as uow:
        return await snapshots.task(uow, task_id)


async def said(inbox: Inbox, task_id: int) -> list[str]:
    """The texts of a conversation as it is read, in its order."""
    async with inbox.store.read() as uow:
        found = await queries.conversation(uow, inbox.agent_ids["anna"], task_id)
        return [comment.text for comment in found.comments]


async def routes(inbox: Inbox, comment_id: int) -> list[tuple[str, str]]:
    async with inbox.store.read() as uow:
        rows = await uow.connection.execute(
            select(t.account.c.name, t.delivery.c.address)
            .join(t.account, t.account.c.id == t.delivery.c.account_id)
            .where(t.delivery.c.comment_id == comment_id)
            .order_by(t.delivery.c.id)
        )
        return [tuple(row) for row in rows]


async def a_person_with_two_tasks(inbox: Inbox) -> None:
    """Task 1 by messenger and task 2 by mail, of one card with number 1."""
    await inbox.says("By chat")
    await inbox.mails("By mail")
    anna = inbox.agent_ids["anna"]
    await inbox.store.run(lambda uow: merge_contacts(uow, anna, 1, [2]))


async def test_r32_comments_participants_and_tags_come_together_in_order_of_time(
    inbox: Inbox,
) -> None:
    await a_person_with_two_tasks(inbox)
    await inbox.says("Chat again")
    await change(inbox, 1, add_tags=("paid",))
    await change(inbox, 2, add_tags=("urgent",), add_participants=(inbox.agent("boris"),))
    assert await merge(inbox, 1, 2) == 1
    assert await said(inbox, 1) == ["By chat", "By mail", "Chat again"]
    assert await said(inbox, 2) == await said(inbox, 1)
    assert (await the_task(inbox, 2)).participants == (inbox.agent("boris"),)
    async with inbox.store.read() as uow:
        row = await queries.task_row(uow, inbox.agent_ids["anna"], 2)
    assert (row.id, row.tags) == (1, ("paid", "urgent"))


async def test_r32_later_talk_goes_to_the_survivor_s_channel_and_all_chats_land_in_it(
    inbox: Inbox,
) -> None:
    await a_person_with_two_tasks(inbox)
    await merge(inbox, 1, 2)
    answer = await inbox.comment(2, to=[client(1)])
    assert await routes(inbox, answer.comment_id) == [("bot", "501")]
    await inbox.mails("More by mail", tokens=("c2",))
    await inbox.says("More by chat")
    assert await said(inbox, 1) == [
        "By chat",
        "By mail",
        "Hello back",
        "More by mail",
        "More by chat",
    ]


async def test_r32_a_survivor_without_a_channel_takes_the_only_one_and_the_client(
    inbox: Inbox,
) -> None:
    await inbox.says("By chat")
    anna = inbox.agent_ids["anna"]
    task_id = await inbox.store.run(lambda uow: tasks.new(uow, anna, "By hand"))
    await merge(inbox, task_id, 1)
    assert (await the_task(inbox, task_id)).contact_id == 1
    answer = await inbox.comment(task_id, to=[client(1)])
    assert await routes(inbox, answer.comment_id) == [("bot", "501")]


async def test_r32_several_channels_for_a_survivor_without_one_are_a_choice(inbox: Inbox) -> None:
    await a_person_with_two_tasks(inbox)
    anna = inbox.agent_ids["anna"]
    task_id = await inbox.store.run(lambda uow: tasks.new(uow, anna, "By hand"))
    before = await photograph(inbox)
    with pytest.raises(Refused, match="choose one to answer by: bot, support"):
        await merge(inbox, task_id, 1, 2)
    with pytest.raises(Refused, match="fax is no channel of these tasks"):
        await merge(inbox, task_id, 1, 2, reply_via="fax")
    assert differences(before, await photograph(inbox)) == []
    await merge(inbox, task_id, 1, 2, reply_via="support")
    assert (await the_task(inbox, task_id)).reply_via == "support"
    answer = await inbox.comment(task_id, to=[client(1)])
    assert await routes(inbox, answer.comment_id) == [("support", "maria@client.example")]
    # The choice goes with the task whose channel it was.
    await unmerge(inbox, 2)
    assert (await the_task(inbox, task_id)).reply_via == "own"


async def test_r32_of_different_contacts_only_when_forced_naming_who_receives(
    inbox: Inbox,
) -> None:
    await inbox.says(user="501", name="Maria")
    await inbox.says(user="502", name="Olga")
    with pytest.raises(Refused, match=r"#1 \(Maria\) and #2 \(Olga\).*would go to Maria"):
        await merge(inbox, 1, 2)
    await merge(inbox, 1, 2, force=True)
    both = await inbox.comment(1, to=[client(1), client(2)])
    assert await routes(inbox, both.comment_id) == [("bot", "501"), ("bot", "502")]
    await unmerge(inbox, 2)
    assert (await the_task(inbox, 1)).participants == ()
    assert (await the_task(inbox, 2)).participants == ()


async def test_r32_a_new_task_into_the_client_s_finished_one_and_reopened(inbox: Inbox) -> None:
    await inbox.says("First")
    await change(inbox, 1, status="done")
    await inbox.says("Second")
    await merge(inbox, 1, 2)
    task = await the_task(inbox, 1)
    assert not task.active
    await change(inbox, 1, status="open")
    # The client's second message came after the closing: it is still to answer.
    assert (await the_task(inbox, 1)).waiting_since is not None
    await inbox.says("Third")
    assert await said(inbox, 1) == ["First", "Second", "Third"]
    assert len((await photograph(inbox))["task"]) == 2


async def test_r32_an_open_survivor_takes_the_chat_of_a_finished_task(inbox: Inbox) -> None:
    await a_person_with_two_tasks(inbox)
    await change(inbox, 1, status="done")
    await merge(inbox, 2, 1)
    await inbox.says("Again by chat")
    assert await said(inbox, 2) == ["By chat", "By mail", "Again by chat"]


async def test_r4_a_chat_that_goes_on_in_another_open_task_is_not_torn_away(inbox: Inbox) -> None:
    await a_person_with_two_tasks(inbox)
    await change(inbox, 1, status="done")
    third = await the_task(inbox, 3) if await inbox.says("Again by chat") else None
    assert third is not None
    with pytest.raises(Refused, match="goes on in task #3; merge"):
        await merge(inbox, 2, 1)
    await merge(inbox, 2, 1, 3)
    await inbox.says("And again")
    assert (await said(inbox, 2))[-1] == "And again"


@pytest.mark.parametrize(
    ("survivor", "others", "error", "words"),
    [
        (1, (1,), Refused, "#1 cannot be merged with itself"),
        (1, (2, 1), Refused, "#1 cannot be merged with itself"),
        (1, (), UsageError, "name at least one"),
        (1, (99,), NotFound, "no task #99"),
        (99, (1,), NotFound, "no task #99"),
        (1, (4,), Refused, "#4 is in the trash; restore it first"),
        (4, (1,), Refused, "#4 is in the trash; restore it first"),
        (1, (3,), Refused, "#3 is merged into #2 already; unmerge it first"),
        (3, (2,), Refused, "#3 is a part of #2"),
    ],
)
async def test_r32_what_makes_no_sense_is_refused_and_changes_nothing(
    inbox: Inbox, survivor: int, others: tuple[int, ...], error: type[PfinboxError], words: str
) -> None:
    for _n in range(4):
        await inbox.mails()
    anna = inbox.agent_ids["anna"]
    await merge(inbox, 2, 3)
    await inbox.store.run(lambda uow: tasks.delete(uow, anna, (4,)))
    before = await photograph(inbox)
    with pytest.raises(error, match=words):
        await merge(inbox, survivor, *others)
    assert differences(before, await photograph(inbox)) == []


async def test_r33_unmerge_puts_back_exactly_what_was(inbox: Inbox) -> None:
    await a_person_with_two_tasks(inbox)
    await inbox.comment(1, "Answered", to=[client(1), inbox.agent("boris")])
    await inbox.says("Thanks")
    await change(inbox, 2, assignee=inbox.agent("boris"), add_tags=("x",))
    await inbox.mails("Hello?", tokens=("c2",))
    anna = inbox.agent_ids["anna"]
    await inbox.store.run(lambda uow: tasks.mark_read(uow, anna, 1, 4))
    await inbox.store.run(lambda uow: tasks.mark_read(uow, anna, 2, 2))
    await inbox.store.run(lambda uow: tasks.mark_read(uow, inbox.agent_ids["boris"], 2, 2))
    before = await photograph(inbox)
    for survivor, other in ((1, 2), (2, 1)):
        await merge(inbox, survivor, other)
        await unmerge(inbox, other)
        assert differences(before, await photograph(inbox)) == []


async def test_r33_after_later_talk_each_comment_goes_with_its_chat(inbox: Inbox) -> None:
    await a_person_with_two_tasks(inbox)
    await merge(inbox, 1, 2)
    await inbox.mails("Late mail", tokens=("c2",))
    await inbox.says("Late chat")
    await inbox.comment(1, "By chat to you", to=[client(1)])
    await inbox.comment(1, "By mail to you", notify=Notify((client(1),), reply_via="support"))
    await inbox.comment(1, "By both", notify=Notify((client(1),), reply_via="all"))
    await inbox.comment(1, "Among us", to=[inbox.agent("boris")])
    shown = await preview(inbox, 2)
    assert (shown.survivor_id, shown.refusal) == (1, None)
    assert [p.line for p in shown.places if p.task_id == 2] == [
        "By mail",
        "Late mail",
        "By mail to you",
    ]
    assert [p.line for p in shown.places if p.moves] == ["By mail to you"]
    await unmerge(inbox, 2)
    assert await said(inbox, 2) == ["By mail", "Late mail", "By mail to you"]
    assert await said(inbox, 1) == [
        "By chat",
        "Late chat",
        "By chat to you",
        "By both",
        "Among us",
    ]
    async with inbox.store.read() as uow:
        one = await queries.conversation(uow, inbox.agent_ids["anna"], 2)
    assert [line.kind for line in one.activities] == ["merged_into", "unmerged_from"]
    assert list(one.activities[-1].args["comments"]) == [6]
    assert await said(inbox, 2) == [c.text for c in one.comments]
    await inbox.mails("Mail after", tokens=("c2",))
    assert (await said(inbox, 2))[-1] == "Mail after"


async def test_r33_nested_merges_come_apart_in_any_order(inbox: Inbox) -> None:
    for n in range(4):
        await inbox.mails(f"Mail {n}", subject=f"Thing {n}")
    before = await photograph(inbox)
    await merge(inbox, 2, 3)
    await merge(inbox, 1, 2)
    await merge(inbox, 1, 4)
    assert (await the_task(inbox, 3)).id == 1
    await inbox.mails("To three", tokens=("c3",))
    # Three leaves from the middle: it was merged into two, and two is a part of one.
    await unmerge(inbox, 3)
    assert await said(inbox, 3) == ["Mail 2", "To three"]
    assert await said(inbox, 1) == ["Mail 0", "Mail 1", "Mail 3"]
    await unmerge(inbox, 2)
    await unmerge(inbox, 4)
    after = await photograph(inbox)
    for name in ("binding", "participant", "contact", "tag"):
        assert differences({name: before[name]}, after) == []
    assert [row for row in after["task"] if row["id"] != 3] == [
        row for row in before["task"] if row["id"] != 3
    ]


async def test_r33_several_merges_undone_in_the_order_they_were_made(inbox: Inbox) -> None:
    for n in range(4):
        await inbox.mails(f"Mail {n}", subject=f"Thing {n}")
    anna = inbox.agent_ids["anna"]
    hand = await inbox.store.run(lambda uow: tasks.new(uow, anna, "By hand"))
    before = await photograph(inbox)
    await merge(inbox, hand, 4, 2, 1)
    for task_id in (4, 2, 1):
        await unmerge(inbox, task_id)
    assert differences(before, await photograph(inbox)) == []


async def test_r4_an_unmerge_never_leaves_a_chat_with_two_open_tasks(inbox: Inbox) -> None:
    await inbox.says("First")
    await change(inbox, 1, status="done")
    await inbox.says("Second")
    await merge(inbox, 1, 2)
    await change(inbox, 1, status="open")
    words = "would have two open tasks, #2 and #1; close #1 first"
    assert words in str((await preview(inbox, 2)).refusal)
    with pytest.raises(Refused, match=words):
        await unmerge(inbox, 2)
    await change(inbox, 1, status="done")
    await unmerge(inbox, 2)
    await inbox.says("Third")
    assert await said(inbox, 2) == ["Second", "Third"]


async def test_r4_an_unmerge_is_refused_while_the_chat_goes_on_elsewhere(inbox: Inbox) -> None:
    await a_person_with_two_tasks(inbox)
    await merge(inbox, 2, 1)
    await change(inbox, 2, status="done")
    await inbox.says("A new thing")
    with pytest.raises(Refused, match="would have two open tasks, #1 and #3; close #3 first"):
        await unmerge(inbox, 1)
    await change(inbox, 3, status="done")
    await unmerge(inbox, 1)
    await inbox.says("Back")
    assert await said(inbox, 1) == ["By chat", "Back"]


async def test_r33_what_is_not_merged_cannot_be_taken_out(inbox: Inbox) -> None:
    await inbox.says()
    with pytest.raises(Refused, match="#1 is not merged"):
        await unmerge(inbox, 1)
    with pytest.raises(NotFound):
        await unmerge(inbox, 99)


async def test_r8_the_chain_of_earlier_tasks_never_runs_in_a_circle(inbox: Inbox) -> None:
    for n in range(4):
        await inbox.mails(f"Mail {n}", subject=f"Thing {n}")
    before = await photograph(inbox)
    # Four links to three, three to two, two to one: the last becomes one with the second.
    await merge(inbox, 4, 2)
    assert await chain(inbox, 4) == [4, 3, 1]
    await unmerge(inbox, 2)
    assert await chain(inbox, 4) == [4, 3, 2, 1]
    assert differences(before, await photograph(inbox)) == []


async def chain(inbox: Inbox, task_id: int) -> list[int]:
    found = [task_id]
    while (previous := (await the_task(inbox, found[-1])).previous_task_id) is not None:
        root = (await the_task(inbox, previous)).id
        assert root not in found, found
        found.append(root)
    return found


async def unread(inbox: Inbox, login: str) -> list[int]:
    async with inbox.store.read() as uow:
        page = await queries.tasks(uow, inbox.agent_ids[login], "active")
    return sorted(row.id for row in page.rows if row.unread)


async def test_r41_what_nobody_has_read_stays_unread_in_a_merged_task(inbox: Inbox) -> None:
    await inbox.mails("One", subject="One")
    await inbox.mails("Two", subject="Two")
    await change(inbox, 2, assignee=inbox.agent("boris"))
    await inbox.mails("For Boris", tokens=("c2",))
    await inbox.mails("Three", tokens=("c1",))
    boris = inbox.agent_ids["boris"]
    await inbox.store.run(lambda uow: tasks.mark_read(uow, boris, 1, 4))
    assert await unread(inbox, "boris") == [2]
    await merge(inbox, 1, 2)
    assert await unread(inbox, "boris") == [1]
    await inbox.store.run(lambda uow: tasks.mark_read(uow, boris, 1, 4))
    assert await unread(inbox, "boris") == []
    await unmerge(inbox, 2)
    assert await unread(inbox, "boris") == []


async def test_r41_who_waited_longest_waits_in_the_survivor(inbox: Inbox) -> None:
    await inbox.mails("One", subject="One")
    first = (await the_task(inbox, 1)).waiting_since
    await inbox.mails("Two", subject="Two")
    await merge(inbox, 2, 1)
    assert (await the_task(inbox, 2)).waiting_since == first
    await inbox.comment(2, to=[client(1)])
    assert (await the_task(inbox, 2)).waiting_since is None
    # Only two was answered.
    await unmerge(inbox, 1)
    assert (await the_task(inbox, 1)).waiting_since == first
    assert (await the_task(inbox, 2)).waiting_since is None


async def test_r18_a_scheduled_comment_is_held_when_a_merge_changed_its_channel(
    inbox: Inbox,
) -> None:
    from pfinbox.services import due

    await a_person_with_two_tasks(inbox)
    when = inbox.clock.now + timedelta(hours=1)
    await inbox.comment(2, "Later", to=[client(1)], send_at=when)
    await inbox.comment(1, "Later too", to=[client(1)], send_at=when)
    await merge(inbox, 1, 2)
    inbox.clock.now = when
    async with inbox.store.read() as uow:
        held = await due.hold(uow, 1)
        assert held is not None
        assert held.kind == "channel_changed"
        assert await due.hold(uow, 2) is None


async def test_r10_a_personal_task_is_not_shown_to_colleagues_by_a_merge(
    database_url: str,
) -> None:
    personal = mail_account("anna", role="personal", owner="anna")
    inbox = await Inbox.make(database_url, mail_account(), chat_account(), personal)
    await inbox.mails("Shared")
    await inbox.mails("Private", account="anna")
    with pytest.raises(Refused, match="#2 is seen by its owner only"):
        await merge(inbox, 1, 2)
    await merge(inbox, 2, 1, force=True)
    assert (await the_task(inbox, 2)).private_to_id is None
    await unmerge(inbox, 1)
    assert (await the_task(inbox, 2)).private_to_id == inbox.agent_ids["anna"]
    await inbox.store.close()


async def test_r27_an_address_on_another_card_offers_the_merge(inbox: Inbox) -> None:
    await inbox.says()
    await inbox.mails()
    anna = inbox.agent_ids["anna"]
    with pytest.raises(Refused, match="card of contact 2; merge the two cards instead"):
        await inbox.store.run(
            lambda uow: contacts.set_(
                uow, anna, 1, add_addresses=[("email", "maria@client.example")]
            )
        )


async def test_a_draft_is_found_in_the_task_that_its_own_was_merged_into(inbox: Inbox) -> None:
    await a_person_with_two_tasks(inbox)
    anna = inbox.agent_ids["anna"]
    for task_id, text in ((1, "Older"), (2, "Newer")):
        inbox.clock.advance(seconds=1)
        await inbox.store.run(
            lambda uow, i=task_id, w=text: drafts.save(uow, anna, i, "reply", w, {})  # type: ignore[misc]
        )
    before = await photograph(inbox)
    await merge(inbox, 1, 2)
    assert await drafted(inbox, 1) == "Newer"
    await unmerge(inbox, 2)
    assert differences(before, await photograph(inbox)) == []
    await merge(inbox, 1, 2)
    await inbox.store.run(lambda uow: drafts.save(uow, anna, 1, "reply", "Newest", {}))
    assert await drafted(inbox, 2) == "Newest"
    await inbox.comment(1, "Newest", to=[client(1)])
    assert await drafted(inbox, 1) == "Older"


async def drafted(inbox: Inbox, task_id: int) -> str | None:
    async with inbox.store.read() as uow:
        found = await drafts.load(uow, inbox.agent_ids["anna"], task_id, "reply")
    return found.text if found is not None else None


async def test_r4_a_message_that_arrives_during_a_merge_is_seen_in_the_survivor(
    inbox: Inbox,
) -> None:
    """With concurrent writers: whoever comes second sees what the first one did."""
    for n in range(6):
        user = f"70{n}"
        await inbox.says("One", user=user)
        await inbox.mails("Two", sender=f"c{n}@x.example", source_id=f"<{n}@x>")
        chat, mail = await newest_tasks(inbox)
        await asyncio.gather(
            inbox.says("Three", user=user),
            merge(inbox, mail, chat, force=True),
            inbox.mails("Four", sender=f"c{n}@x.example", answers=f"<{n}@x>"),
        )
        assert sorted(await said(inbox, mail)) == ["Four", "One", "Three", "Two"]
        assert (await newest_tasks(inbox))[1] == mail
        await inbox.comment(mail, to=[client((await the_task(inbox, mail)).contact_id or 0)])
        await asyncio.gather(unmerge(inbox, chat), inbox.says("Five", user=user))
        assert (await said(inbox, chat))[-1] == "Five"
        assert (await the_task(inbox, chat)).waiting_since is not None


async def newest_tasks(inbox: Inbox) -> tuple[int, int]:
    """The two tasks made last, the older one first."""
    async with inbox.store.read() as uow:
        ids = await uow.connection.scalars(select(t.task.c.id).order_by(t.task.c.id))
    found = list(ids)
    return found[-2], found[-1]
