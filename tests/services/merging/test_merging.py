"""Tasks are merged and taken apart again: R4, R8, R32, R33, on both databases."""

from datetime import timedelta

import pytest

from pfinbox.domain.actor import AgentActor
from pfinbox.errors import NotFound, PfinboxError, Refused, UsageError
from pfinbox.services.people import contacts
from pfinbox.services.tasks import tasks
from pfinbox.store import read
from tests.builders import Inbox, chat_account, client, mail_account
from tests.services.doing import (
    a_person_with_two_tasks,
    change,
    merge,
    routes,
    said,
    the_task,
    unmerge,
)
from tests.services.photograph import differences, photograph


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
        row = await read.task_row(uow, inbox.actor("anna"), 2)
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
    task_id = await inbox.store.run(lambda uow: tasks.new(uow, AgentActor(anna), "By hand"))
    await merge(inbox, task_id, 1)
    assert (await the_task(inbox, task_id)).contact_id == 1
    answer = await inbox.comment(task_id, to=[client(1)])
    assert await routes(inbox, answer.comment_id) == [("bot", "501")]


async def test_r32_several_channels_for_a_survivor_without_one_are_a_choice(inbox: Inbox) -> None:
    await a_person_with_two_tasks(inbox)
    anna = inbox.agent_ids["anna"]
    task_id = await inbox.store.run(lambda uow: tasks.new(uow, AgentActor(anna), "By hand"))
    before = await photograph(inbox)
    with pytest.raises(Refused, match="choose one to answer by: bot, support"):
        await merge(inbox, task_id, 1, 2)
    with pytest.raises(NotFound, match="no account fax"):
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
    await inbox.store.run(lambda uow: tasks.delete(uow, AgentActor(anna), (4,)))
    before = await photograph(inbox)
    with pytest.raises(error, match=words):
        await merge(inbox, survivor, *others)
    assert differences(before, await photograph(inbox)) == []


async def test_r18_a_scheduled_comment_is_held_when_a_merge_changed_its_channel(
    inbox: Inbox,
) -> None:
    from pfinbox.services.outbound import hold_rules

    await a_person_with_two_tasks(inbox)
    when = inbox.clock.now + timedelta(hours=1)
    await inbox.comment(2, "Later", to=[client(1)], send_at=when)
    await inbox.comment(1, "Later too", to=[client(1)], send_at=when)
    await merge(inbox, 1, 2)
    inbox.clock.now = when
    async with inbox.store.read() as uow:
        held = (await hold_rules.hold(uow, [1])).get(1)
        assert held is not None
        assert held.kind == "channel_changed"
        assert await hold_rules.hold(uow, [2]) == {}


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
                uow, AgentActor(anna), 1, add_addresses=[("email", "maria@client.example")]
            )
        )
