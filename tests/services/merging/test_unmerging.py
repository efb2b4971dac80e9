"""Merged tasks are taken apart again: R4, R8, R33, R41, on both databases."""

import asyncio

import pytest

from pfinbox.domain.actor import AgentActor
from pfinbox.domain.model import Notify
from pfinbox.errors import NotFound, Refused
from pfinbox.services.merging.comment_moving import move_comment
from pfinbox.services.tasks import drafts, tasks
from pfinbox.store import read
from tests.builders import Inbox, client
from tests.services.doing import (
    a_person_with_two_tasks,
    chain,
    change,
    drafted,
    merge,
    newest_tasks,
    preview,
    said,
    the_task,
    unmerge,
    unread,
)
from tests.services.photograph import differences, photograph


async def test_r33_unmerge_puts_back_exactly_what_was(inbox: Inbox) -> None:
    await a_person_with_two_tasks(inbox)
    await inbox.comment(1, "Answered", to=[client(1), inbox.agent("boris")])
    await inbox.says("Thanks")
    await change(inbox, 2, assignee=inbox.agent("boris"), add_tags=("x",))
    await inbox.mails("Hello?", tokens=("c2",))
    anna = inbox.agent_ids["anna"]
    await inbox.store.run(lambda uow: tasks.mark_read(uow, AgentActor(anna), 1, 4))
    await inbox.store.run(lambda uow: tasks.mark_read(uow, AgentActor(anna), 2, 2))
    await inbox.store.run(lambda uow: tasks.mark_read(uow, inbox.actor("boris"), 2, 2))
    before = await photograph(inbox)
    for survivor, other in ((1, 2), (2, 1)):
        await merge(inbox, survivor, other)
        await unmerge(inbox, other)
        assert differences(before, await photograph(inbox)) == []


async def test_r33_what_has_moved_away_still_was_activity(inbox: Inbox) -> None:
    """An earlier merge knows an older moment; it is not the one to go back to. By the machine."""
    await a_person_with_two_tasks(inbox)
    await inbox.mails("By mail again", subject="More")
    await merge(inbox, 1, 2)
    late = await inbox.says("Late chat")
    anna = inbox.agent_ids["anna"]
    await inbox.store.run(lambda uow: move_comment(uow, AgentActor(anna), late))
    before = await photograph(inbox)
    await merge(inbox, 1, 3)
    await unmerge(inbox, 3)
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
        one = await read.conversation(uow, inbox.actor("anna"), 2)
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
    hand = await inbox.store.run(lambda uow: tasks.new(uow, AgentActor(anna), "By hand"))
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


async def test_r41_what_nobody_has_read_stays_unread_in_a_merged_task(inbox: Inbox) -> None:
    await inbox.mails("One", subject="One")
    await inbox.mails("Two", subject="Two")
    await change(inbox, 2, assignee=inbox.agent("boris"))
    await inbox.mails("For Boris", tokens=("c2",))
    await inbox.mails("Three", tokens=("c1",))
    boris = inbox.agent_ids["boris"]
    await inbox.store.run(lambda uow: tasks.mark_read(uow, AgentActor(boris), 1, 4))
    assert await unread(inbox, "boris") == [2]
    await merge(inbox, 1, 2)
    assert await unread(inbox, "boris") == [1]
    await inbox.store.run(lambda uow: tasks.mark_read(uow, AgentActor(boris), 1, 4))
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


async def test_a_draft_is_found_in_the_task_that_its_own_was_merged_into(inbox: Inbox) -> None:
    await a_person_with_two_tasks(inbox)
    anna = inbox.agent_ids["anna"]
    for task_id, text in ((1, "Older"), (2, "Newer")):
        inbox.clock.advance(seconds=1)
        await inbox.store.run(
            lambda uow, i=task_id, w=text: drafts.save(uow, AgentActor(anna), i, "reply", w, {})  # type: ignore[misc]
        )
    before = await photograph(inbox)
    await merge(inbox, 1, 2)
    assert await drafted(inbox, 1) == "Newer"
    await unmerge(inbox, 2)
    assert differences(before, await photograph(inbox)) == []
    await merge(inbox, 1, 2)
    await inbox.store.run(lambda uow: drafts.save(uow, AgentActor(anna), 1, "reply", "Newest", {}))
    assert await drafted(inbox, 2) == "Newest"
    await inbox.comment(1, "Newest", to=[client(1)])
    assert await drafted(inbox, 1) == "Older"


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
