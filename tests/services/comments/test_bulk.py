"""One reply to many tasks: R13-R18 hold for each, nothing goes twice, all of it can come back."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from pfinbox.domain.actor import AgentActor
from pfinbox.domain.recipients.bulk import BulkRow, ways
from pfinbox.domain.text.canned import person_values
from pfinbox.errors import UsageError
from pfinbox.services.comments import bulk
from pfinbox.services.comments.bulk import BulkReply
from pfinbox.services.tasks import drafts, tasks
from pfinbox.store import read
from pfinbox.store import tables as t
from tests.builders import Inbox, client
from tests.tui.scene import task_of

TEXT = "Hi {{client.first_name|there}}, {{task.number}}"


async def plan(inbox: Inbox, ids: list[int]) -> tuple[BulkRow, ...]:
    async with inbox.store.read() as uow:
        return await bulk.plan(uow, inbox.actor("anna"), ids)


async def check(inbox: Inbox, rows: tuple[BulkRow, ...], key: str) -> tuple[BulkRow, ...]:
    async with inbox.store.read() as uow:
        return await bulk.check(uow, AgentActor(1), rows, key)


async def texts(inbox: Inbox) -> list[tuple[int, str]]:
    """Task and text of what anna wrote and did not take back."""
    async with inbox.store.read() as uow:
        rows = await uow.connection.execute(
            select(t.comment.c.task_id, t.comment.c.text)
            .where(t.comment.c.direction == "outgoing", t.comment.c.deleted_at.is_(None))
            .order_by(t.comment.c.task_id)
        )
        return [(row.task_id, row.text) for row in rows]


async def test_one_reply_to_many_tasks(inbox: Inbox) -> None:
    anna, me = inbox.agent_ids["anna"], inbox.acting("anna")
    mail = await task_of(inbox, await inbox.mails(name="Maria Lopez"))
    nameless = await task_of(
        inbox, await inbox.mails(sender="x@globex.example", name="", subject="No name")
    )
    chat = await task_of(inbox, await inbox.says(user="7", name="Jakub Nowak"))
    late = await task_of(inbox, await inbox.says(user="8", name="Ines"))
    thrown = await task_of(inbox, await inbox.says(user="9", name="Gone"))
    await inbox.store.run(lambda uow: tasks.delete(uow, AgentActor(anna), (thrown,)))
    await inbox.store.run(lambda uow: drafts.save(uow, AgentActor(anna), chat, "reply", "half", {}))
    ids = [mail, nameless, chat, late, thrown, 999]
    rows = await plan(inbox, ids)
    assert ways(rows) == [(("email",), 2), (("telegram",), 2)]
    assert [row.why for row in rows] == [""] * 4 + ["it is in the trash", "there is no task #999"]

    # A place that means nothing is said before anything is stored.
    with pytest.raises(UsageError, match="means nothing"):
        await bulk.send(me, BulkReply("{{client.nme}}", "k"), rows)
    assert await texts(inbox) == []

    # A client writes between the plan and the sending: left out, and said in the plan as well.
    await inbox.says("Wait", user="8", name="Ines")
    heard: list[int] = []
    reply = BulkReply(TEXT, "key", undo_seconds=10)
    stop = lambda: len(heard) == 2  # noqa: E731
    first = await bulk.send(me, reply, rows, told=heard.append, stopped=stop)
    assert list(first.saved) == [mail, nameless]
    assert [row.task_id for row in first.not_tried] == [chat, late]
    again = await bulk.send(me, reply, rows, told=heard.append)
    assert [row.task_id for row, _why in again.left_out] == [thrown, 999, late]
    assert {n: saved.comment_id for n, saved in again.saved.items() if n != chat} == {
        n: saved.comment_id for n, saved in first.saved.items()
    }
    said = [(mail, f"Hi Maria, #{mail}"), (nameless, f"Hi there, #{nameless}")]
    said.append((chat, f"Hi Jakub, #{chat}"))
    assert await texts(inbox) == said
    now = (await check(inbox, rows, "key"))[:4]
    assert [row.has_it for row in now] == [True, True, True, False]
    assert now[3].why == "the client has written meanwhile"

    async with inbox.store.read() as uow:
        # What was being written elsewhere stays; what was left out waits as a draft.
        assert (await drafts.load(uow, AgentActor(anna), chat, "reply")).text == "half"  # type: ignore[union-attr]
        kept = await drafts.load(uow, AgentActor(anna), late, "reply")
        assert kept is not None
        assert kept.text == f"Hi Ines, #{late}"
        held = await read.conversation(uow, AgentActor(anna), mail)
        assert held.task.waiting_since is None
        assert held.comments[-1].due_at is not None

    # R18: all leave at one moment, and undo takes back what has not left.
    dues = {saved.due_at for saved in again.saved.values()}
    assert all(due and due - inbox.clock() >= timedelta(seconds=10) for due in dues)
    gone = again.saved[nameless].comment_id
    async with inbox.store.write() as uow:
        await uow.connection.execute(
            t.delivery.update().where(t.delivery.c.comment_id == gone).values(state="sent")
        )
        await uow.commit()
    ids = [saved.comment_id for saved in again.saved.values()]
    back, left = await bulk.take_back(me, ids)
    assert (len(back), left) == (2, (gone,))
    assert await texts(inbox) == [said[1]]
    async with inbox.store.read() as uow:
        task = (await read.conversation(uow, AgentActor(anna), mail)).task
        assert task.waiting_since is not None
        assert task.unread
        assert (await drafts.load(uow, AgentActor(anna), chat, "reply")).text == "half"  # type: ignore[union-attr]
    # Taken back, the same reply can go again.
    rows = await check(inbox, await plan(inbox, [mail]), "key")
    assert list((await bulk.send(me, reply, rows)).saved) == [mail]


async def test_the_reply_goes_to_who_wrote_last(inbox: Inbox) -> None:
    """R14: answering a client's comment answers that client, not the card of the task."""
    first = await inbox.mails(name="Maria", sender="maria@client.example")
    task = await task_of(inbox, first)
    async with inbox.store.read() as uow:
        held = await read.conversation(uow, inbox.actor("anna"), task)
    await inbox.mails(
        "I am her colleague", name="Paul", sender="paul@client.example",
        answers=held.comments[0].source_id,
    )  # fmt: skip
    (row,) = await plan(inbox, [task])
    assert row.name == "Paul"
    assert row.contact_id is not None
    assert row.why == ""
    me = inbox.acting("anna")
    sent = await bulk.send(me, BulkReply("Hi", "k"), [row])
    async with inbox.store.read() as uow:
        held = await read.conversation(uow, inbox.actor("anna"), task)
    assert held.comments[-1].id == sent.saved[task].comment_id
    assert [one.who for one in held.comments[-1].notified] == [client(row.contact_id)]


def test_nobody_is_greeted_by_an_address() -> None:
    for name in ("ops@globex.example", "+49 170 555", "501"):
        assert person_values("client", name)["client.first_name"] == ""
