"""``db check``: what is broken by hand is found, and mended or named; then it is found no more."""

import sqlite3
from datetime import timedelta

from sqlalchemy import select, text

from pfinbox.services.system import soundness
from pfinbox.store import tables as t
from pfinbox.store.uow import Store
from tests.builders import Inbox, a_file, client
from tests.services.doing import the_task, unread

# What is done to the store, and what is found of it.
BREAKS = {
    "update task set root_id = 2 where id = 1": "task_root",
    "update contact set root_id = 2 where id = 1": "contact_root",
    "update comment set quote_id = 999 where id = 1": "dangling",
    "insert into notify (comment_id, contact_id) values (1, 999)": "dangling",
    "update part set state = 'sent' where id = 1": "delivery_already_sent",
    "update delivery set state = 'sent' where id = 2": "delivery_half_sent",
    "delete from delivery_part where part_id = 3": "delivery_without_parts",
    "update binding set current = false where id = 1": "chat_without_task",
    "update task set status = 'nowhere' where id = 2": "task_status",
    "update task set active = false where id = 1": "task_status",
    "update attachment set size = 1 where id = 1": "file_size",
    "insert into blob (sha256, size, content) values ('00', 1, 'x')": "file_left_over",
    "delete from search_text where id = -1": "index_task",
    "update search_text set folded = 'nothing' where comment_id = 2": "index_comment",
    "insert into search_text (id, task_id, folded) values (-77, 1, 'x')": "index_entry",
    "update task set waiting_since = null where id = 2": "task_list_entry",
    "update receipt set comment_id = null where comment_id = 1": "receipt_not_shown",
    "update blob set content = 'y' where sha256 like 'd9298%'": "file_changed",
}
ONE_DATABASE = {
    True: {
        "insert into search_fts (rowid, folded) values (99, 'x')": "index_words",
        "update sqlite_sequence set seq = 0 where name = 'comment'": "ids",
    },
    False: {"select setval(pg_get_serial_sequence('comment', 'id'), 1)": "ids"},
}
# Nothing but a person can say what these should be.
LEFT = {"part_left_over", "comment_without_receipt", "file_changed"}


async def furnished(inbox: Inbox) -> None:
    await inbox.says("First", files=(a_file(),))
    await inbox.mails("Second", files=(a_file(name="other.png", content=b"other"),))
    await inbox.comment(1, "Answer", to=[client(1)])
    await inbox.comment(1, "Another", to=[client(1)])
    later = inbox.clock.now + timedelta(days=3)
    await inbox.comment(1, "Tomorrow", to=[client(1)], send_at=later)


async def break_it(store: Store, sql: str) -> None:
    """Past every constraint, as only a damaged or hand-made database would be."""
    if store.path is not None:
        await store.close()
        with sqlite3.connect(store.path) as database:
            database.executescript(sql)
        database.close()
        return
    async with store.write() as uow:
        await uow.connection.execute(text("set local session_replication_role = replica"))
        for one in sql.split("; "):
            await uow.connection.execute(text(one))
        await uow.commit()


async def kinds(store: Store, *, repair: bool = False) -> dict[str, bool]:
    return {one.kind: one.mended async for one in soundness.faults(store, repair=repair)}


async def test_r12_r34_r41_each_fault_is_found_and_mended_or_named(inbox: Inbox) -> None:
    await furnished(inbox)
    assert await kinds(inbox.store) == {}
    broken = ONE_DATABASE[inbox.store.sqlite] | BREAKS
    await break_it(inbox.store, "; ".join(broken))
    found = await kinds(inbox.store)
    assert set(found) == {*broken.values(), *LEFT}
    assert not any(found.values())
    assert await kinds(inbox.store, repair=True) == {kind: kind not in LEFT for kind in found}
    assert set(await kinds(inbox.store)) == LEFT
    task = await the_task(inbox, 2)
    assert (task.status, task.waiting_since is not None) == ("new", True)
    # What nothing was left of to send is a person's again, who is told; what the other side has
    # is sent (R24).
    async with inbox.store.read() as uow:
        rows = await uow.connection.execute(select(t.delivery.c.state).order_by(t.delivery.c.id))
        assert list(rows.scalars()) == ["sent", "failed", "failed"]
    assert 1 in await unread(inbox, "anna")
    assert await inbox.says("Third", user="502", name="Olga") == 6


async def test_r10_r46_what_says_who_may_see_is_left_for_a_person(inbox: Inbox) -> None:
    await inbox.says("First")
    await inbox.comment(1, "Answer", to=[client(1)])
    lost = {
        "account.owner_id": "update account set owner_id = 999 where id = 1",
        "account_agent.agent_id": "insert into account_agent values (1, 999)",
        "delivery.contact_id": "update delivery set contact_id = 999 where id = 1",
        "task.private_to_id": "update task set private_to_id = 999 where id = 1",
    }
    await break_it(inbox.store, "; ".join(lost.values()))
    (found,) = [one async for one in soundness.faults(inbox.store, repair=True)]
    assert (found.kind, found.mended, sorted(found.ids)) == ("dangling", False, [*lost])
