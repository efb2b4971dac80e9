"""A comment in the wrong task is moved, and what answers it follows: R4, R5, R8, R33, R41."""

from typing import Any

import pytest
from sqlalchemy import select

from pfinbox.domain.actor import AgentActor
from pfinbox.errors import NotFound, Refused
from pfinbox.services.merging.comment_moving import move_comment
from pfinbox.services.tasks import tasks
from pfinbox.store import read
from pfinbox.store import tables as t
from tests.builders import Inbox, client
from tests.services.doing import change, merge, routes, said, the_task, unread
from tests.services.inbound.test_arrival import task_of
from tests.services.photograph import differences, photograph


async def move(inbox: Inbox, comment_id: int, to_task: int | None = None) -> int:
    inbox.clock.advance(seconds=1)
    anna = inbox.agent_ids["anna"]
    return await inbox.store.run(
        lambda uow: move_comment(uow, AgentActor(anna), comment_id, to_task=to_task)
    )


async def row_of(inbox: Inbox, comment_id: int) -> Any:
    async with inbox.store.read() as uow:
        return (
            await uow.connection.execute(select(t.comment).where(t.comment.c.id == comment_id))
        ).one()


async def test_r4_in_a_messenger_the_comment_alone_moves(inbox: Inbox) -> None:
    await inbox.says("About the order")
    stray = await inbox.says("And something else")
    target = await move(inbox, stray)
    assert target == 2
    assert await said(inbox, 1) == ["About the order"]
    assert await said(inbox, 2) == ["And something else"]
    row = await row_of(inbox, stray)
    assert row.matched_by == {"kind": "moved", "args": {"from": 1}}
    task = await the_task(inbox, 2)
    assert (task.title, task.previous_task_id) == ("And something else", 1)
    assert await task_of(inbox, await inbox.says("Still there?")) == 1
    # The chat stays with its open task, and can be named as the way to answer from the other.
    answer = await inbox.comment(2, to=[client(1)])
    assert await routes(inbox, answer.comment_id) == [("bot", "501")]


async def test_r5_answers_to_a_moved_mail_follow_it_and_the_thread_goes_on(inbox: Inbox) -> None:
    await inbox.mails("One", source_id="<one@x>")
    stray = await inbox.mails("Two", answers="<one@x>", source_id="<two@x>")
    target = await move(inbox, stray)
    to_it = await inbox.mails("To two", references=("<two@x>", "<one@x>"), source_id="<three@x>")
    assert await task_of(inbox, to_it) == target
    assert await task_of(inbox, await inbox.mails("To one", answers="<one@x>")) == 1
    assert await task_of(inbox, await inbox.mails("To three", answers="<three@x>")) == target
    answer = await inbox.comment(target, to=[client(1)])
    assert await routes(inbox, answer.comment_id) == [("support", "maria@client.example")]


async def test_r5_the_first_mail_takes_its_thread_along_when_nothing_stays(inbox: Inbox) -> None:
    await inbox.mails("Known matter", source_id="<a@x>")
    stray = await inbox.mails("The same matter", source_id="<b@x>", subject="New subject")
    assert await move(inbox, stray, 1) == 1
    assert await task_of(inbox, await inbox.mails("By id", answers="<b@x>")) == 1
    assert await task_of(inbox, await inbox.mails("By token", tokens=("c2",))) == 1
    assert (await the_task(inbox, 2)).chats == ()


async def test_r5_the_first_mail_leaves_the_thread_where_others_stay(inbox: Inbox) -> None:
    first = await inbox.mails("One", source_id="<one@x>")
    await inbox.mails("Two", answers="<one@x>", source_id="<two@x>")
    target = await move(inbox, first)
    assert await task_of(inbox, await inbox.mails("A", answers="<two@x>")) == 1
    assert await task_of(inbox, await inbox.mails("B", answers="<one@x>")) == target


async def test_r41_it_is_to_answer_and_unread_where_it_is_now(inbox: Inbox) -> None:
    await inbox.mails("One", source_id="<one@x>")
    await inbox.comment(1, to=[client(1)])
    stray = await inbox.mails("Two", answers="<one@x>")
    target = await move(inbox, stray)
    assert (await the_task(inbox, 1)).waiting_since is None
    assert (await the_task(inbox, target)).waiting_since is not None
    assert await unread(inbox, "boris") == [target]
    async with inbox.store.read() as uow:
        rows = [await read.task_row(uow, inbox.actor("anna"), i) for i in (1, target)]
    assert [(r.last_line, r.last_direction) for r in rows] == [
        ("Hello back", "outgoing"),
        ("Two", "incoming"),
    ]


async def test_r33_a_comment_of_a_merged_task_can_be_moved_out(inbox: Inbox) -> None:
    await inbox.mails("One", subject="One")
    stray = await inbox.mails("Two", subject="Two")
    await merge(inbox, 1, 2)
    target = await move(inbox, stray)
    assert await said(inbox, 1) == ["One"]
    assert await said(inbox, target) == ["Two"]
    assert await task_of(inbox, await inbox.mails("More", tokens=("c2",))) == target


async def test_r10_somebody_else_s_mail_makes_them_a_participant(inbox: Inbox) -> None:
    await inbox.mails("One")
    stray = await inbox.mails("Two", sender="olga@x.example", name="Olga")
    await move(inbox, stray, 1)
    assert client(2) in (await the_task(inbox, 1)).participants


async def test_what_cannot_be_moved_is_refused_and_changes_nothing(inbox: Inbox) -> None:
    first = await inbox.says("One")
    await inbox.mails("Two")
    note = await inbox.comment(1, "Note")
    anna = inbox.agent_ids["anna"]
    await inbox.store.run(lambda uow: tasks.delete(uow, AgentActor(anna), (2,)))
    before = await photograph(inbox)
    for comment_id, target, error, words in (
        (99, None, NotFound, "no comment 99"),
        (first, 1, Refused, "is in task #1 already"),
        (first, 2, Refused, "#2 is in the trash"),
        (first, 99, NotFound, "no task #99"),
        (note.comment_id, None, Refused, "only what a client wrote"),
        (2, 1, Refused, "#2 is in the trash"),
    ):
        with pytest.raises(error, match=words):
            await move(inbox, comment_id, target)
    assert differences(before, await photograph(inbox)) == []


async def test_r6_a_mail_moved_into_a_finished_task_does_not_open_it(inbox: Inbox) -> None:
    await inbox.mails("One", source_id="<one@x>")
    await change(inbox, 1, status="done")
    stray = await inbox.mails("Thanks, that was all", source_id="<two@x>")
    await move(inbox, stray, 1)
    assert not (await the_task(inbox, 1)).active
    assert (await the_task(inbox, 2)).waiting_since is None
