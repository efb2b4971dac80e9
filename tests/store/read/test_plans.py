"""Lists, counts, searches and conversations are index ranges: what they cost does not grow."""

import re
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from sqlalchemy import event, text

from pfinbox.domain.actor import AgentActor, ContactActor
from pfinbox.domain.visibility import SETTINGS
from pfinbox.store import load, read, snapshots
from pfinbox.store import tables as t
from pfinbox.store.load.inbound import pictures, quarantine
from pfinbox.store.load.outbound import typing
from pfinbox.store.read import portal
from pfinbox.store.read.lists.taskviews import VIEWS
from pfinbox.store.read.portal import activity, candidates, chat
from pfinbox.store.read.portal.sight import sight
from pfinbox.store.read.visibility import viewer
from pfinbox.store.rows import PortalPlace
from pfinbox.store.search.filters import wanted
from pfinbox.store.search.hits import by_tag
from pfinbox.store.search.search import search
from pfinbox.store.uow import UnitOfWork
from tests.store.seed import NOW, Seed

# These do not grow with the conversations.
SMALL = {"agent", "account", "account_agent", "presence", "saved_search", "status", "setting"}
QUERIES = (
    *("order", "order invoice", "invoi*", '"order the"', "order -refund", "#1 order"),
    *("order from:lopez", "order to:lopez", "order tag:vip", "order channel:telegram"),
    *("order before:2026-01-01", "order after:2026-01-01", "order is:open", "order is:unread"),
    *("order status:new", "order assignee:anna", "from:lopez to:nowak order"),
    *(f"order is:{one}" for one in ("mine", "snoozed", "failed")),
    *("is:unread", "is:mine", "is:snoozed", "is:failed"),
)
Use = Callable[[UnitOfWork], Awaitable[Any]]


def use(function: Callable[..., Awaitable[Any]], *given: Any, **more: Any) -> Use:
    return lambda uow: function(uow, *given, **more)


def uses(actor: AgentActor, task_id: int, contact_id: int) -> list[Use]:
    found = [
        use(read.views, actor),
        use(read.news, actor),
        use(read.vocabulary, actor),
        use(read.conversation, actor, task_id),
        # What every rule looks at.
        use(snapshots.task, task_id),
        use(snapshots.contacts, [contact_id]),
        use(load.cards.by_mail, ["maria@client.example"]),
        # What a daemon asks again and again.
        use(quarantine.next_asked, 1, [1]),
        use(pictures.newest_comment),
        use(pictures.unseen, 1, 10, 13),
        use(pictures.redrawn, 1, 1, {"501"}, NOW),
    ]
    for view in (*VIEWS, "active", "living", "all", "tag:vip", "account:bot"):
        found.append(use(read.tasks, actor, view))
        found.append(use(read.tasks, actor, view, from_end=True))
    for query in QUERIES:
        found.append(use(search, actor, query))
        found += [use(read.tasks, actor, v, query=query) for v in ("inbox", "living", "all")]
    return [*found, *(use(_of_tag, actor, words) for words in ("order", '"order the"'))]


async def _of_tag(uow: UnitOfWork, actor: AgentActor, words: str) -> None:
    """What an agent looks for under a tag that a great many tasks have."""
    who = await viewer(uow, actor)
    sought = await wanted(uow, who, f"{words} tag:vip")
    await uow.connection.execute(by_tag(uow, who, sought, None, "vip").limit(50))


def pages(contact_id: int, task_id: int, comment_id: int) -> list[Use]:
    """What a contact reads on the page."""
    me = ContactActor(frozenset((contact_id,)))
    return [
        use(portal.contact_tasks, me),
        use(portal.contact_marks, me, task_id),
        use(
            portal.contact_tasks,
            me,
            active=True,
            query="order",
            after=PortalPlace(NOW, 1 << 40, NOW, (task_id,)),
        ),
        use(_holding, me),
        use(portal.contact_conversation, me, task_id),
        use(portal.contact_conversation, me, task_id, before=comment_id),
    ]


async def _holding(uow: UnitOfWork, me: ContactActor) -> None:
    """What a contact with a great many tasks looks for."""
    await candidates.holding(uow, await sight(uow, me), True, "order")


def windows(chat_id: int) -> list[Use]:
    """What a chat's window reads, and what wakes it."""
    return [
        *(use(one, chat_id) for one in (chat.messages, chat.marks, chat.unseen, chat.reachable)),
        use(chat.file, chat_id, 1),
        use(typing.to, chat_id),
        typing.tasks,
        use(activity.active_since, NOW),
    ]


async def test_nothing_that_grows_is_read_from_end_to_end(seed: Seed) -> None:
    agent_id = await seed.agent("anna")
    bot = await seed.account("bot")
    contact_id = await seed.contact("Maria Lopez")
    task_id = await seed.task("Order", account_id=bot, contact_id=contact_id)
    chat_id = await seed.chat(bot, contact_id, "m", task_id)
    comment_id = await seed.comment(task_id, "the order", contact_id=contact_id)
    clients = [
        await seed.contact("Client", portal=True, company="Example", contacts_see=setting)
        for setting in SETTINGS
    ]
    for client_id in clients:
        await seed.add(t.participant, task_id=task_id, contact_id=client_id)
        await seed.add(t.notify, comment_id=comment_id, contact_id=client_id)
    statements: list[tuple[str, Any]] = []

    @event.listens_for(seed.store.engine.sync_engine, "before_cursor_execute")
    def note(_c: Any, _cursor: Any, statement: str, given: Any, *_more: Any) -> None:
        if statement.startswith("SELECT"):
            statements.append((statement, given))

    shown = [one for i in clients for one in pages(i, task_id, comment_id)]
    shown += windows(chat_id)
    for one in [*uses(AgentActor(agent_id), task_id, contact_id), *shown]:
        async with seed.store.read() as uow:
            await one(uow)
    event.remove(seed.store.engine.sync_engine, "before_cursor_execute", note)
    assert len(statements) > 200
    found = await (_scans_sqlite if seed.store.sqlite else _scans_postgresql)(seed, statements)
    assert found == set()


async def _scans_sqlite(seed: Seed, statements: list[tuple[str, Any]]) -> set[tuple[str, str]]:
    """Tables that are read without an index, each with the statement's beginning."""
    found: set[tuple[str, str]] = set()
    async with seed.store.read() as uow:
        for statement, given in dict(statements).items():
            plan = await uow.connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", given)
            # A view's own index is read in its order, as far as the page reaches; that of what
            # is asked for holds nothing else.
            own = re.compile("USING INDEX (ix_task_|ix_receipt_reread)")
            plain = [line.detail for line in plan if not own.search(line.detail)]
            for line in plain:
                # Nearly all deliveries were sent: an index by their state is none for these.
                if "ix_delivery_due" in line and "sent" in given:
                    found.add(("delivery", statement))
                # An index made for one statement reads the whole table for it.
                scan = re.match(r"SCAN (\w+)(?! VIRTUAL TABLE)\b", line) or re.match(
                    r"SEARCH (\w+) USING AUTOMATIC\b", line
                )
                if scan is not None and _tables(statement).get(scan[1], "account") not in SMALL:
                    found.add((scan[1], statement))
    return found


async def _scans_postgresql(seed: Seed, statements: list[tuple[str, Any]]) -> set[tuple[str, str]]:
    found: set[tuple[str, str]] = set()
    async with seed.store.read() as uow:
        # Small tables are otherwise best read whole.
        await uow.connection.execute(text("SET LOCAL enable_seqscan = off"))
        for statement, given in dict(statements).items():
            plan = await uow.connection.exec_driver_sql(f"EXPLAIN {statement}", given)
            for (line,) in plan:
                scan = re.search(r"Seq Scan on (\w+)(?: (\w+))?", line)
                if scan is not None and scan[1] not in SMALL:
                    found.add((scan[1], statement))
    return found


def _tables(statement: str) -> dict[str, str]:
    """Tables by the name that they have in the statement; no subqueries."""
    named = re.findall(r"(?:FROM|JOIN|,) (\w+)\b(?!\.)(?: AS (\w+))?", statement)
    return {alias or table: table for table, alias in named}


@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
async def test_a_scan_would_be_seen(seed: Seed) -> None:
    found = await _scans_sqlite(seed, [("SELECT task.id FROM task WHERE task.title = ?", ("x",))])
    assert {table for table, _statement in found} == {"task"}
