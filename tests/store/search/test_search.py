"""Full-text search over comments, alike on both databases: what is found, by whom, how sorted."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update

from pfinbox.domain.actor import AgentActor
from pfinbox.domain.tasks.change import TaskChange
from pfinbox.errors import NotFound, UsageError
from pfinbox.services.tasks import tasks
from pfinbox.store import read
from pfinbox.store import tables as t
from pfinbox.store.search.search import SearchPage, search
from pfinbox.store.uow import UnitOfWork
from tests.builders import START, Inbox, a_file, chat_account, client, mail_account


async def page(inbox: Inbox, query: str, by: str = "anna", **how: Any) -> SearchPage:
    async with inbox.store.read() as uow:
        return await search(uow, inbox.actor(by), query, **how)


async def found(inbox: Inbox, query: str, by: str = "anna") -> list[int]:
    """The comments' ids, newest first."""
    return [hit.comment_id for hit in (await page(inbox, query, by)).rows]


async def change(inbox: Inbox, task_id: int, **values: Any) -> None:
    wanted = TaskChange(**values)
    anna = inbox.agent_ids["anna"]
    await inbox.store.run(lambda uow: tasks.change(uow, AgentActor(anna), (task_id,), wanted))


async def write(inbox: Inbox, statement: Any) -> None:
    async def use(uow: UnitOfWork) -> None:
        await uow.connection.execute(statement)

    await inbox.store.run(use)


@pytest.mark.parametrize(
    ("said", "query"),
    [
        ("Где мой счёт?", "счет"),
        ("Ёлка", "ЕЛКА"),
        ("Dzień dobry, Łódź", "lodz"),
        ("Zażółć gęślą jaźń", "ZAZOLC gesla"),
        ("Straße 5", "strasse"),
        ("Мои заказы", "заказ*"),
        ("Мои заказы", "зак"),
        ("The order of October", '"order of october"'),
        ("The order of October", '"order of oct"*'),
        ("See https://shop.example/a-b?c=1.5", "https://shop.example/a-b?c=1.5"),
        ("Write to maria@home.example!", "maria@home.example"),
        ("version 1e5 0x1f 12abc 007 -3 1.50", "1e5 0x1f 12abc 007 3 50"),
        ("返金してください", "返金"),
        ("it's don't O'Neil", "o'neil"),
        ("AND OR NOT NEAR", "not near"),
    ],
)
async def test_found_on_both_databases_alike(inbox: Inbox, said: str, query: str) -> None:
    comment = await inbox.says(said, user="1", name="X")
    await inbox.says("Something else", user="2", name="Y")
    assert await found(inbox, query) == [comment]


@pytest.mark.parametrize(
    "query",
    [
        "заказ x",
        '"of order"',
        "ord order",
        '"october maria"',
        "order -oct*",
        "мои",
        "rder",
        "…",
        "%",
    ],
)
async def test_not_found(inbox: Inbox, query: str) -> None:
    await inbox.says("Мой заказ. The order of October", name="Maria")
    assert await found(inbox, query) == []


async def test_all_words_must_stand_in_one_comment_with_its_title_names_and_files(
    inbox: Inbox,
) -> None:
    first = await inbox.mails("Where is it?", subject="Invoice 17", name="Maria Nowak")
    files = (a_file("Договор_подписан.pdf"), a_file("b.png", b"b"))
    second = await inbox.mails("Other", subject="Else", sender="x@y.example", files=files)
    answer = (await inbox.comment(1, "Coming tomorrow", to=[client(1)])).comment_id
    assert await found(inbox, "invoice") == [answer, first]
    assert await found(inbox, "invoice where") == [first]
    assert await found(inbox, "tomorrow maria anna") == [answer]
    assert await found(inbox, "договор") == [second]
    assert await found(inbox, '"подписан pdf"') == [second]
    # A phrase does not go on from one file's name into the next.
    assert await found(inbox, '"pdf b"') == []


async def test_a_hit_says_where_by_whom_and_why(inbox: Inbox) -> None:
    said = await inbox.mails("Hello,\n\nwhere is my Счёт?", subject="Invoice")
    answer = (await inbox.comment(1, "Here is the счет.", to=[client(1)])).comment_id
    newest, oldest = (await page(inbox, "счет")).rows
    assert (newest.task_id, newest.comment_id, newest.title) == (1, answer, "Invoice")
    assert newest.who is not None
    assert (newest.who.kind, newest.who.login) == ("agent", "anna")
    assert oldest.who is not None
    assert (oldest.who.kind, oldest.who.name) == ("contact", "Maria")
    assert oldest.comment_id == said
    assert oldest.snippet == "Hello, where is my Счёт?"
    assert oldest.created_at == START + timedelta(seconds=1)


async def test_a_mail_is_shown_by_what_is_new_in_it_but_found_by_all_of_it(inbox: Inbox) -> None:
    await inbox.mails("Thanks\n> our serial is 4711", new_text="Thanks")
    assert [hit.snippet for hit in (await page(inbox, "thanks")).rows] == ["Thanks"]
    assert [hit.snippet for hit in (await page(inbox, "4711")).rows] == [
        "Thanks > our serial is 4711"
    ]
    await inbox.says("", files=(a_file("receipt.pdf"),))
    assert [hit.snippet for hit in (await page(inbox, "receipt")).rows] == ["receipt.pdf"]


async def test_every_operator(inbox: Inbox) -> None:
    mail = await inbox.mails("one", sender="maria@client.example", name="Łucja Nowak")
    chat = await inbox.says("one", user="7", name="Иван", files=(a_file(),))
    note = (await inbox.comment(2, "one", by="boris", to=[inbox.agent("anna")])).comment_id
    inbox.clock.advance(days=2)
    answer = (await inbox.comment(1, "one", to=[client(1)])).comment_id
    await change(inbox, 2, add_tags=("VIP guest",), status="done", assignee=inbox.agent("boris"))
    expected = {
        "from:lucja": [mail],
        'from:"lucja nowak"': [mail],
        "from:client.example": [mail],
        "from:maria@client": [mail],
        "from:иван": [chat],
        "from:Boris": [note],
        "from:me": [answer],
        "-from:me": [note, chat, mail],
        "to:lucja": [answer],
        "to:maria@client.example": [answer],
        "to:anna": [note],
        "to:me": [note],
        "maria@client.example": [answer, mail],
        "channel:telegram": [note, chat],
        "channel:email": [answer, mail],
        "account:support": [answer, mail],
        "-account:support": [note, chat],
        'tag:"vip guest"': [note, chat],
        "tag:vip-guest": [note, chat],
        "-tag:vip-guest": [answer, mail],
        "status:Done": [note, chat],
        "assignee:boris": [note, chat],
        "-assignee:boris": [answer, mail],
        "assignee:none": [answer, mail],
        "assignee:me": [],
        "before:2026-11-03": [note, chat, mail],
        "after:2026-11-03": [answer],
        "after:2026 before:4.11.2026": [note, chat, mail],
        "has:attachment": [chat],
        "-has:attachment": [answer, note, mail],
        "is:open": [answer, mail],
        "is:closed": [note, chat],
        "is:unread": [note, chat],
        "is:mine": [],
        "-is:mine": [answer, note, chat, mail],
        "-is:snoozed": [answer, note, chat, mail],
        "-is:failed": [answer, note, chat, mail],
        "#2": [note, chat],
        "in:trash": [],
        "in:all": [answer, note, chat, mail],
    }
    got = {query: await found(inbox, query) for query in expected}
    assert got == expected
    # With words they narrow down just the same.
    assert {query: await found(inbox, f"one {query}") for query in expected} == expected


async def test_a_day_begins_where_the_agent_is(inbox: Inbox) -> None:
    said = await inbox.says()  # 2026-11-02 09:00 UTC
    zone = update(t.agent).where(t.agent.c.login == "boris").values(timezone="Asia/Tokyo")
    await write(inbox, zone)
    inbox.clock.advance(hours=7)  # in Tokyo it is the third by now
    late = await inbox.says()
    assert await found(inbox, "after:2026-11-03", by="boris") == [late]
    assert await found(inbox, "before:2026-11-03", by="anna") == [late, said]


async def test_unread_is_the_viewers_own_r41(inbox: Inbox) -> None:
    said = await inbox.says("one")
    await inbox.store.run(lambda uow: tasks.mark_read(uow, inbox.actor("anna"), 1, said))
    assert await found(inbox, "is:unread", by="anna") == []
    assert await found(inbox, "is:unread", by="boris") == [said]


async def test_only_what_the_agent_may_see_is_found_r10(store_url: str) -> None:
    inbox = await Inbox.make(store_url, mail_account(), chat_account())
    await inbox.configure(mail_account(), chat_account(role="personal", owner="anna"))
    secret = await inbox.says("secret word")
    await inbox.mails("secret word", sender="b@c.example")
    assert await found(inbox, "secret", by="anna") == [secret + 1, secret]
    assert await found(inbox, "secret", by="boris") == [secret + 1]
    assert await found(inbox, "-nothing", by="boris") == [secret + 1]
    with pytest.raises(NotFound):
        async with inbox.store.read() as uow:
            await search(uow, AgentActor(999), "secret")
    async with inbox.store.read() as uow:
        rows = (await read.tasks(uow, inbox.actor("boris"), "active", query="secret")).rows
    assert [row.id for row in rows] == [2]
    await inbox.store.close()


async def test_trash_spam_and_deleted_comments_are_found_only_when_asked_for(
    inbox: Inbox,
) -> None:
    kept = await inbox.says("word", user="1")
    trash = await inbox.says("word", user="2")
    spam = await inbox.says("word", user="3", spam=True)
    taken = await inbox.says("word", user="1")
    anna = inbox.agent_ids["anna"]
    await inbox.store.run(lambda uow: tasks.delete(uow, AgentActor(anna), (2,)))
    await write(inbox, update(t.comment).where(t.comment.c.id == taken).values(deleted_at=START))
    assert await found(inbox, "word") == [kept]
    assert await found(inbox, "word in:trash") == [trash]
    assert await found(inbox, "word in:spam") == [spam]
    assert await found(inbox, "word in:all") == [taken, spam, trash, kept]
    assert await found(inbox, "in:spam -word") == []
    await write(inbox, update(t.task).where(t.task.c.id == 2).values(purged_at=START))
    assert await found(inbox, "word in:all") == [taken, spam, kept]


async def test_a_comment_of_a_merged_task_gives_the_survivor_s_number_r32(inbox: Inbox) -> None:
    survivor = await inbox.says("one", user="1")
    merged = await inbox.says("other", user="2")
    merge = update(t.task).where(t.task.c.id == 2).values(root_id=1, merged_into_id=1)
    await write(inbox, merge)
    hits = (await page(inbox, "other")).rows
    assert [(hit.task_id, hit.comment_id) for hit in hits] == [(1, merged)]
    assert await found(inbox, "#2") == [merged, survivor]
    anna = inbox.agent_ids["anna"]
    for view, ids in (("inbox", [1]), ("all", [2, 1])):
        async with inbox.store.read() as uow:
            rows = (await read.tasks(uow, AgentActor(anna), view, query="other")).rows
        assert [row.id for row in rows] == ids, view


async def test_newest_first_whenever_it_was_stored_and_pages_join(inbox: Inbox) -> None:
    now = inbox.clock.now
    # History comes in later than it was written; several share one moment.
    ids = [
        await inbox.mails("word", sent_at=now - timedelta(days=n // 3 if n % 2 else 40 - n // 3))
        for n in range(20)
    ]
    whole = list((await page(inbox, "word")).rows)
    assert sorted(hit.comment_id for hit in whole) == ids
    keys = [(hit.created_at, hit.comment_id) for hit in whole]
    assert keys == sorted(keys, reverse=True)
    paged: list[Any] = []
    after: tuple[Any, ...] | None = None
    for _n in range(7):
        one = await page(inbox, "word", after=after, limit=3)
        paged += one.rows
        after = one.after
    assert after is None
    assert paged == whole


async def test_the_list_of_a_view_is_narrowed_by_the_same_language(inbox: Inbox) -> None:
    await inbox.says("refund please", user="1")
    await inbox.mails("refund", subject="Invoice")
    anna = inbox.agent_ids["anna"]
    by_hand = await inbox.store.run(lambda uow: tasks.new(uow, AgentActor(anna), "Call Łucja back"))
    await change(inbox, 1, add_tags=("vip",))

    async def listed(query: str, view: str = "inbox") -> set[int]:
        async with inbox.store.read() as uow:
            return {
                row.id for row in (await read.tasks(uow, AgentActor(anna), view, query=query)).rows
            }

    assert await listed("refund") == {1, 2}
    assert await listed("refund tag:vip") == await listed("tag:vip") == {1}
    assert await listed("channel:email") == {2}
    assert await listed("lucja") == {by_hand}
    # Not the tasks that say something else besides: those that do not say it at all.
    assert await listed("-refund") == await listed("-channel:email -from:maria") == {by_hand}
    assert await listed("…") == set()
    with pytest.raises(UsageError, match="no operator colour:"):
        await listed("colour:red")


async def test_a_query_without_anything_is_refused(inbox: Inbox) -> None:
    with pytest.raises(UsageError, match="say what to look for"):
        await page(inbox, "  ")
