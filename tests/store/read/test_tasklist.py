"""The views of the task list, their order, pages and marks."""

from datetime import timedelta
from typing import Any

import pytest

from pfinbox.domain.actor import AgentActor
from pfinbox.errors import UsageError
from pfinbox.store import read
from pfinbox.store import tables as t
from pfinbox.store.search import index
from tests.store.seed import NOW, Seed, ago


async def view(seed: Seed, agent_id: int, name: str, **how: Any) -> list[int]:
    async with seed.store.read() as uow:
        return [row.id for row in (await read.tasks(uow, AgentActor(agent_id), name, **how)).rows]


async def test_to_answer_is_by_longest_wait_and_the_same_for_all_r41(seed: Seed) -> None:
    anna, boris = await seed.agent("anna"), await seed.agent("boris")
    short = await seed.task(waiting_since=ago(minutes=5), assignee_agent_id=anna)
    long = await seed.task(waiting_since=ago(hours=5), last_activity_at=ago(hours=5))
    tied = await seed.task(waiting_since=ago(hours=5))
    await seed.task()
    await seed.task(waiting_since=NOW, active=False, status="done")
    await seed.task(waiting_since=NOW, snoozed_until=NOW + timedelta(hours=1))
    await seed.task(waiting_since=NOW, deleted_at=NOW)
    await seed.task(waiting_since=NOW, deleted_at=NOW, spam=True)
    await seed.merged(short, waiting_since=NOW)
    for agent in (anna, boris):
        assert await view(seed, agent, "to_answer") == [long, tied, short]


async def test_every_view_shows_its_tasks_r35_r41_r42(seed: Seed) -> None:
    anna = await seed.agent("anna")
    bot = await seed.account("bot")
    mine = await seed.task(assignee_agent_id=anna)
    waiting = await seed.task(last_direction="outgoing", account_id=bot)
    snoozed = await seed.task(snoozed_until=NOW + timedelta(days=1))
    awake = await seed.task(snoozed_until=ago(minutes=1), assignee_agent_id=anna)
    done = await seed.task(active=False, status="done", last_direction="outgoing")
    trash = await seed.task(deleted_at=NOW)
    spam = await seed.task(deleted_at=NOW, spam=True)
    await seed.merged(mine, last_direction="outgoing")
    scheduled, failed, dismissed = await seed.task(), await seed.task(), await seed.task()
    for task, state in ((scheduled, "scheduled"), (failed, "failed"), (dismissed, "failed")):
        comment = await seed.comment(task, agent_id=anna)
        gone = {"dismissed_at": NOW} if task == dismissed else {}
        await seed.delivery(comment, bot, state, **gone)
    await seed.rows(t.tag, *({"task_id": i, "name": "vip"} for i in (mine, snoozed, done)))
    others = {scheduled, failed, dismissed}
    expected: dict[str, set[int]] = {
        "inbox": {mine, waiting, awake} | others,
        "mine": {mine, awake},
        "unassigned": {waiting} | others,
        "waiting": {waiting},
        "snoozed": {snoozed},
        "scheduled": {scheduled},
        "outbox": {failed},
        "done": {done},
        "spam": {spam},
        "trash": {trash},
        "tag:vip": {mine, snoozed},
        "account:bot": {waiting},
        "active": {mine, waiting, awake, snoozed} | others,
        "living": {mine, waiting, awake, snoozed, done} | others,
    }
    for name, ids in expected.items():
        assert set(await view(seed, anna, name)) == ids, name
    async with seed.store.read() as uow:
        counts = {one.key: one.count for one in await read.views(uow, AgentActor(anna))}
    # A search there finds the trash where it asks for it.
    assert await view(seed, anna, "living", query="in:trash") == [trash]
    del expected["active"], expected["living"]
    assert counts == {"to_answer": 0, **{name: len(ids) for name, ids in expected.items()}}
    assert list(counts) == [*read.VIEWS, "tag:vip", "account:bot"]


async def test_a_delivery_of_a_merged_task_shows_at_the_survivor_r32(seed: Seed) -> None:
    anna, bot = await seed.agent("anna"), await seed.account("bot")
    survivor = await seed.task()
    merged = await seed.merged(survivor)
    await seed.delivery(await seed.comment(merged, agent_id=anna), bot, "unknown")
    assert await view(seed, anna, "outbox") == [survivor]
    async with seed.store.read() as uow:
        row = await read.task_row(uow, AgentActor(anna), merged)
    assert (row.id, row.failed, row.scheduled) == (survivor, True, False)


async def test_an_unknown_view_names_the_known_ones(seed: Seed) -> None:
    anna = await seed.agent("anna")
    for name in ("nonsense", "tag:", "mine:x"):
        with pytest.raises(UsageError, match="to_answer, inbox"):
            await view(seed, anna, name)


@pytest.mark.parametrize("name", ["inbox", "to_answer"])
@pytest.mark.parametrize("from_end", [False, True])
async def test_pages_join_without_a_gap_or_a_repeat(seed: Seed, name: str, from_end: bool) -> None:
    anna = await seed.agent("anna")
    for n in range(11):
        at = ago(hours=n // 3)  # several share one moment
        await seed.task(waiting_since=at, last_activity_at=at)
    whole = await view(seed, anna, name)
    paged: list[int] = []
    after: tuple[Any, ...] | None = None
    async with seed.store.read() as uow:
        for _page in range(4):
            page = await read.tasks(
                uow, AgentActor(anna), name, after=after, limit=3, from_end=from_end
            )
            found = [row.id for row in page.rows]
            paged = [*found, *paged] if from_end else [*paged, *found]
            after = page.after
    assert paged == whole
    assert after is None
    assert len(whole) == 11


async def test_unread_is_each_agents_own_r41(seed: Seed) -> None:
    anna, boris = await seed.agent("anna"), await seed.agent("boris")
    for_all, for_anna, merged_into = await seed.task(), await seed.task(), await seed.task()
    note = await seed.comment(for_anna)
    await seed.rows(t.notice, {"agent_id": anna, "comment_id": note, "task_id": for_anna})
    merged = await seed.merged(merged_into)
    other = await seed.comment(merged)
    await seed.rows(t.notice, {"agent_id": boris, "comment_id": other, "task_id": merged})
    news = await seed.comment(for_all)
    await seed.set(t.task, for_all, last_notable_id=news)
    late = await seed.agent("late", read_baseline=news)

    async def unread(agent_id: int) -> set[int]:
        async with seed.store.read() as uow:
            rows = (await read.tasks(uow, AgentActor(agent_id), "inbox")).rows
        return {row.id for row in rows if row.unread}

    assert await unread(anna) == {for_all, for_anna}
    assert await unread(boris) == {for_all, merged_into}
    assert await unread(late) == set()
    await seed.rows(
        t.read_mark,
        {"agent_id": anna, "task_id": for_all, "comment_id": news},
        {"agent_id": anna, "task_id": for_anna, "comment_id": note},
    )
    assert await unread(anna) == set()


async def test_a_row_says_everything_that_a_list_shows(seed: Seed) -> None:
    anna = await seed.agent("anna")
    support = await seed.account("support", "email")
    card = await seed.contact("Maria Nowak")
    old_card = await seed.contact("maria", root_id=card, merged_into_id=card)
    helper = await seed.contact("Partner", selectable=True)
    before = await seed.task("Before")
    survivor_of_before = before
    merged_before = await seed.merged(before)
    task = await seed.task(
        contact_id=old_card,
        account_id=support,
        assignee_contact_id=helper,
        previous_task_id=merged_before,
        last_line="the last line",
        last_direction="incoming",
    )
    merged = await seed.merged(task)
    await seed.rows(
        t.tag,
        {"task_id": task, "name": "vip"},
        {"task_id": merged, "name": "bug"},
        {"task_id": merged, "name": "vip"},
    )
    await seed.add(t.draft, agent_id=anna, task_id=task, mode="reply", text="x", updated_at=NOW)
    async with seed.store.read() as uow:
        row = await read.task_row(uow, AgentActor(anna), merged)
        assert await read.resolve_task(uow, AgentActor(anna), merged) == task
    assert row.id == task
    assert (row.account, row.channel) == ("support", "email")
    assert row.contact is not None
    assert (row.contact.id, row.contact.name) == (card, "Maria Nowak")
    assert row.assignee is not None
    assert (row.assignee.kind, row.assignee.name) == ("contact", "Partner")
    assert row.tags == ("bug", "vip")
    assert row.previous_task_id == survivor_of_before
    assert (row.last_line, row.last_direction, row.draft) == ("the last line", "incoming", True)


async def test_a_query_finds_tasks_by_title_client_and_comments(seed: Seed) -> None:
    anna = await seed.agent("anna")
    maria = await seed.contact("Мария Иванова")
    by_name = await seed.task("Invoice 7", contact_id=maria)
    by_comment = await seed.task("Hello")
    await seed.comment(by_comment, "Where is my INVOICE?")
    percent = await seed.task("100% off_er")
    await seed.task("Something else")
    await seed.store.run(index.index_all)

    async def found(query: str) -> set[int]:
        return set(await view(seed, anna, "inbox", query=query))

    assert await found("invoice") == {by_name, by_comment}
    assert await found("invoice мария") == await found("ИВАНОВА") == {by_name}
    assert await found("мари") == {by_name}
    assert await found("100%") == await found("off_er") == {percent}
    assert await found("1%0") == await found("f%e") == await found("%") == set()
    assert await found(f"#{by_comment}") == await found(str(by_comment)) == {by_comment}
    assert await found("invoice -мария") == {by_comment}
    assert len(await found(" ")) == 4


async def test_counts_stop_at_the_cap(seed: Seed, monkeypatch: pytest.MonkeyPatch) -> None:
    anna = await seed.agent("anna")
    monkeypatch.setattr("pfinbox.store.read.lists.pages.CAP", 2)
    for _n in range(4):
        await seed.task()
    async with seed.store.read() as uow:
        counts = {one.key: one.count for one in await read.views(uow, AgentActor(anna))}
    assert counts["inbox"] == 2


async def test_a_page_costs_a_constant_number_of_statements(seed: Seed) -> None:
    anna, bot = await seed.agent("anna"), await seed.account("bot")

    async def cost() -> int:
        before = seed.statements
        async with seed.store.read() as uow:
            await read.tasks(uow, AgentActor(anna), "inbox")
            await read.views(uow, AgentActor(anna))
        return seed.statements - before

    async def fill(n: int) -> None:
        for _n in range(n):
            contact = await seed.contact("Maria")
            task = await seed.task(contact_id=contact, account_id=bot)
            await seed.rows(t.tag, {"task_id": task, "name": "vip"})
            await seed.delivery(await seed.comment(task, agent_id=anna), bot, "failed")

    await fill(1)
    one = await cost()
    await fill(12)
    assert await cost() == one
