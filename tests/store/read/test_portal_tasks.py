"""A client's list goes through all tasks in pages, the last spoken in first (R36, R37)."""

import random

from pfinbox.domain.actor import ContactActor
from pfinbox.store import tables as t
from pfinbox.store.read import portal
from pfinbox.store.search import index
from tests.store.seed import Seed, ago


async def test_r36_pages_have_every_task_once_whatever_agents_say_among_themselves(
    seed: Seed,
) -> None:
    rand = random.Random(7)
    agent_id, client_id = await seed.agent("anna"), await seed.contact("Maria", portal=True)
    # When the client wrote, when agents spoke among themselves afterwards, whether it is open.
    facts = {
        n: (ago(hours=(hours := rand.randrange(90, 300))), ago(hours=rand.randrange(hours)), n % 3)
        for n in range(1, 201)
    }
    talked = {n for n in facts if rand.random() < 0.7}
    await seed.rows(
        t.task,
        *(
            {
                "id": n,
                "root_id": n,
                "title": "",
                "status": "new",
                "active": bool(which),
                # Some are another's, in which the client takes part.
                "contact_id": client_id if n % 10 else None,
                "created_at": said,
                "last_activity_at": noted if n in talked else said,
            }
            for n, (said, noted, which) in facts.items()
        ),
    )
    part = [{"task_id": n, "contact_id": client_id} for n in facts if n % 10 == 0]
    await seed.rows(t.participant, *part)
    incoming = [
        {"task_id": n, "text": "Hello", "direction": "incoming", "contact_id": client_id}
        | {"id": n, "created_at": said}
        for n, (said, *_rest) in facts.items()
    ]
    internal = [
        {"task_id": n, "text": "Hm", "direction": "internal", "agent_id": agent_id}
        | {"id": 1000 + n, "created_at": facts[n][1]}
        for n in talked
    ]
    await seed.rows(t.comment, *incoming)
    await seed.rows(t.comment, *internal)
    me = ContactActor(frozenset((client_id,)))
    for active in (None, True, False):
        found: list[int] = []
        wanted = [n for n, (*_at, which) in facts.items() if active in (None, bool(which))]
        wanted.sort(key=lambda n: (facts[n][0], n), reverse=True)
        async with seed.store.read() as uow:
            page = await portal.contact_tasks(uow, me, active=active)
        found += [row.id for row in page.rows]
        # Agents go on while the client turns the pages.
        await seed.set(t.task, wanted[-1], last_activity_at=uow.now)
        async with seed.store.read() as uow:
            while page.after is not None:
                assert len(page.after.left) <= 100
                page = await portal.contact_tasks(uow, me, active=active, after=page.after)
                assert page.rows
                found += [row.id for row in page.rows]
        assert found == wanted


async def test_r36_a_task_is_found_by_the_subject_that_the_client_knows(seed: Seed) -> None:
    bot, client_id = await seed.account("mail", "email"), await seed.contact("Maria", portal=True)
    # Agents call the task otherwise, and the client is not to learn how.
    task_id = await seed.task("Refund, angry", account_id=bot, contact_id=client_id)
    chat_id = await seed.chat(bot, client_id, "m", task_id)
    await seed.set(t.chat, chat_id, subject="Broken lamp")
    comment_id = await seed.comment(task_id, "Hello", contact_id=client_id)
    await seed.set(t.comment, comment_id, chat_id=chat_id)
    await seed.store.run(index.index_all)
    me = ContactActor(frozenset((client_id,)))
    async with seed.store.read() as uow:
        for query, hits in (("brok LAMP", [task_id]), ("angry", []), ("!", []), ("nowhere", [])):
            page = await portal.contact_tasks(uow, me, query=query)
            assert [row.id for row in page.rows] == hits, query
