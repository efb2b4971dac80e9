"""A conversation as it is shown: merges resolved, everything in its place (R32)."""

from pfinbox.domain.actor import AgentActor
from pfinbox.domain.contract.reason import Reason
from pfinbox.store import read
from pfinbox.store import tables as t
from pfinbox.store.rows import Person
from tests.store.seed import NOW, Seed, ago


async def test_merged_comments_stand_in_order_of_time_r32(seed: Seed) -> None:
    anna, maria = await seed.agent("anna"), await seed.contact("Maria")
    task = await seed.task()
    other = await seed.merged(task)
    at = ago(minutes=10)
    third = await seed.comment(task, "third", contact_id=maria, created_at=at)
    first = await seed.comment(other, "first", contact_id=maria, created_at=ago(minutes=20))
    fourth = await seed.comment(other, "fourth", contact_id=maria, created_at=at)
    second = await seed.comment(task, "second", agent_id=anna, created_at=ago(minutes=15))
    for asked in (task, other):
        async with seed.store.read() as uow:
            shown = await read.conversation(uow, AgentActor(anna), asked)
        assert [c.id for c in shown.comments] == [first, second, third, fourth]
        assert [c.origin_task_id for c in shown.comments] == [other, task, task, other]
        assert shown.task.id == task


async def test_the_newest_comments_come_first_when_there_are_many(seed: Seed) -> None:
    anna = await seed.agent("anna")
    task = await seed.task()
    ids = [await seed.comment(task, created_at=ago(hours=9 - n)) for n in range(5)]
    for hours, kind in ((10, "long_ago"), (4, "lately")):
        await seed.add(t.activity, task_id=task, kind=kind, args={}, at=ago(hours=hours))
    async with seed.store.read() as uow:
        some = await read.conversation(uow, AgentActor(anna), task, limit=2)
        everything = await read.conversation(uow, AgentActor(anna), task, limit=5)
    assert ([c.id for c in some.comments], some.more) == (ids[3:], True)
    # Without the comments around it an automatic line would stand there alone.
    assert [a.kind for a in some.activities] == ["lately"]
    assert ([c.id for c in everything.comments], everything.more) == (ids, False)
    assert [a.kind for a in everything.activities] == ["long_ago", "lately"]


async def test_a_comment_with_everything_on_it(seed: Seed) -> None:
    anna, boris = await seed.agent("anna"), await seed.agent("boris")
    bot = await seed.account("bot")
    card = await seed.contact("Maria Nowak")
    old_card = await seed.contact("maria", root_id=card, merged_into_id=card)
    task = await seed.task(contact_id=card)
    asked = await seed.comment(
        task,
        "Question",
        contact_id=old_card,
        account_id=bot,
        source_id="501:1",
        matched_by={"kind": "chat", "args": {}},
        warnings=[{"kind": "text_shortened", "args": {"kept": 5}}],
        created_at=ago(minutes=30),
    )
    await seed.add(t.comment_edit, comment_id=asked, text="Qestion", at=ago(minutes=29))
    answer = await seed.comment(
        task,
        "Answer",
        agent_id=anna,
        quote_id=asked,
        quote_text="Question",
        created_at=ago(minutes=20),
    )
    for who in ({"contact_id": card}, {"contact_id": old_card}, {"agent_id": boris}):
        await seed.add(t.notify, comment_id=answer, **who)
    delivery = await seed.delivery(
        answer,
        bot,
        "failed",
        contact_id=card,
        address="501",
        error={"kind": "server_error", "args": {"detail": "403"}},
    )
    for position, source_id in ((1, "501:3"), (0, "501:2")):
        part = await seed.add(
            t.part,
            comment_id=answer,
            account_id=bot,
            position=position,
            nonce=source_id,
            source_id=source_id,
            content={},
        )
        await seed.rows(t.delivery_part, {"delivery_id": delivery, "part_id": part})
    async with seed.store.read() as uow:
        first, second = (await read.conversation(uow, AgentActor(anna), task, limit=None)).comments
        assert await read.comment(uow, AgentActor(anna), answer) == second
        assert await read.delivery(uow, AgentActor(anna), delivery) == second.deliveries[0]
    maria = Person("contact", card, "Maria Nowak")
    assert (first.author, first.account, first.channel) == (maria, "bot", "telegram")
    assert first.edits == (("Qestion", ago(minutes=29)),)
    assert first.matched_by == Reason("chat")
    assert first.warnings == (Reason("text_shortened", {"kept": 5}),)
    assert second.author == Person("agent", anna, "Anna", "anna")
    assert second.quote == (asked, "Question")
    assert second.notified == (maria, Person("agent", boris, "Boris", "boris"))
    (sent,) = second.deliveries
    assert (sent.recipient, sent.address, sent.state) == (maria, "501", "failed")
    assert sent.error == Reason("server_error", {"detail": "403"})
    assert (sent.source_id, sent.task_id, sent.comment_id) == ("501:2", task, answer)


async def test_what_was_written_elsewhere_has_a_nameless_author_r43(seed: Seed) -> None:
    anna = await seed.agent("anna")
    task = await seed.task()
    await seed.comment(task, direction="outgoing", sent_elsewhere=True)
    async with seed.store.read() as uow:
        (comment,) = (await read.conversation(uow, AgentActor(anna), task)).comments
    assert comment.author == Person("agent", 0, "")
    assert comment.sent_elsewhere


async def test_people_and_chats_of_merged_tasks_come_along_r32(seed: Seed) -> None:
    anna, maria = await seed.agent("anna"), await seed.contact("Maria")
    bot, other_bot = await seed.account("bot"), await seed.account("other")
    task = await seed.task("Survivor")
    merged = await seed.merged(task)
    theirs = await seed.chat(other_bot, maria, "77", merged)
    mine = await seed.chat(bot, maria, "501", task)
    for task_id, who in ((merged, {"contact_id": maria}), (task, {"agent_id": anna})):
        await seed.add(t.participant, task_id=task_id, **who)
    await seed.add(t.participant, task_id=merged, agent_id=anna)
    await seed.add(
        t.activity, task_id=merged, kind="assigned", args={"id": 1}, at=NOW, agent_id=anna
    )
    async with seed.store.read() as uow:
        shown = await read.conversation(uow, AgentActor(anna), task)
    assert [p.name for p in shown.participants] == ["Maria", "Anna"]
    assert [(c.id, c.account, c.key, c.current) for c in shown.chats] == [
        (mine, "bot", "501", True),
        (theirs, "other", "77", True),
    ]
    (line,) = shown.activities
    assert (line.kind, line.args, line.by) == (
        "assigned",
        {"id": 1},
        Person("agent", anna, "Anna", "anna"),
    )


async def test_reading_says_how_far_the_agent_has_read_r41(seed: Seed) -> None:
    anna = await seed.agent("anna", read_baseline=3)
    task = await seed.task()
    async with seed.store.read() as uow:
        assert (await read.conversation(uow, AgentActor(anna), task)).read_up_to == 3
    await seed.rows(t.read_mark, {"agent_id": anna, "task_id": task, "comment_id": 9})
    async with seed.store.read() as uow:
        assert (await read.conversation(uow, AgentActor(anna), task)).read_up_to == 9


async def test_a_conversation_costs_a_constant_number_of_statements(seed: Seed) -> None:
    anna, bot, maria = await seed.agent("anna"), await seed.account("bot"), await seed.contact("M")
    task = await seed.task(contact_id=maria)

    async def cost() -> int:
        before = seed.statements
        async with seed.store.read() as uow:
            await read.conversation(uow, AgentActor(anna), task)
        return seed.statements - before

    async def fill(n: int) -> None:
        for _n in range(n):
            comment = await seed.comment(task, agent_id=anna)
            await seed.add(t.notify, comment_id=comment, contact_id=maria)
            await seed.delivery(comment, bot, "sent", contact_id=maria)

    await fill(1)
    one = await cost()
    await fill(20)
    assert await cost() == one
