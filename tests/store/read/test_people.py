"""Cards, agents, the picker's choices; the store's word about itself."""

from datetime import timedelta

import pytest

from pfinbox.domain.actor import AgentActor
from pfinbox.errors import NotFound
from pfinbox.store import read
from pfinbox.store import tables as t
from pfinbox.store.rows import Person
from tests.store.seed import NOW, Seed, ago


async def test_a_card_lists_all_its_tasks_finished_ones_included_r26(seed: Seed) -> None:
    anna = await seed.agent("anna")
    card = await seed.contact("Maria", company="Nowak", notes="likes tea")
    merged_card = await seed.contact("maria", root_id=card, merged_into_id=card)
    bot = await seed.account("bot")
    second = await seed.address(card, "second@client.example")
    main = await seed.address(card, "maria@client.example", main=True)
    chat = await seed.address(merged_card, "501", "telegram", scope=bot, username="maria")
    open_task = await seed.task(contact_id=card, last_activity_at=ago(hours=3))
    done = await seed.task(contact_id=merged_card, active=False, status="done")
    await seed.task(contact_id=card, deleted_at=NOW)
    survivor = await seed.task(last_activity_at=ago(hours=9))
    await seed.merged(survivor, contact_id=card)
    for asked in (card, merged_card):
        async with seed.store.read() as uow:
            row = await read.contact(uow, AgentActor(anna), asked)
        assert (row.id, row.name, row.company, row.notes) == (card, "Maria", "Nowak", "likes tea")
        assert [a.id for a in row.addresses] == [main, second, chat]
        assert [a.account for a in row.addresses] == [None, None, "bot"]
        assert [one.id for one in row.tasks] == [done, open_task, survivor]
    async with seed.store.read() as uow:
        with pytest.raises(NotFound):
            await read.contact(uow, AgentActor(anna), 999)


async def test_cards_are_found_by_name_company_and_address_r26(seed: Seed) -> None:
    anna = await seed.agent("anna")
    maria = await seed.contact("Maria", company="Nowak S.A.")
    merged = await seed.contact("old", root_id=maria, merged_into_id=maria)
    await seed.address(merged, "m.kowal@client.example")
    await seed.contact("Aleks")
    async with seed.store.read() as uow:
        assert [c.name for c in await read.contacts(uow, AgentActor(anna))] == ["Aleks", "Maria"]
        for query in ("mar", "NOWAK", "kowal@", "maria kowal"):
            found = await read.contacts(uow, AgentActor(anna), query=query)
            assert [c.id for c in found] == [maria], query
        assert [a.value for a in found[0].addresses] == ["m.kowal@client.example"]
        assert await read.contacts(uow, AgentActor(anna), query="maria aleks") == ()


async def test_the_picker_offers_the_client_first_r13_r16_r17(seed: Seed) -> None:
    anna, boris = await seed.agent("anna"), await seed.agent("boris")
    support = await seed.account("support", "email")
    bot, other = await seed.account("bot"), await seed.account("other")
    await seed.account("gone", "email", configured=False)
    client, partner = await seed.contact("Maria"), await seed.contact("Zoe", selectable=True)
    in_task, stranger = await seed.contact("Colleague"), await seed.contact("Stranger")
    for value, main in (("second@client.example", False), ("maria@client.example", True)):
        await seed.address(client, value, main=main)
    await seed.address(client, "501", "telegram", scope=bot)
    await seed.address(partner, "zoe@partner.example", blocked_at=NOW)
    task = await seed.task(contact_id=client)
    await seed.add(t.participant, task_id=task, contact_id=in_task)
    await seed.chat(bot, client, "501", task)
    await seed.chat(other, stranger, "9")
    # A mail thread of another task is no way for this one, but the card's address is.
    await seed.chat(support, client, "t1", await seed.task(contact_id=client))
    async with seed.store.read() as uow:
        offered = await read.choices(uow, AgentActor(anna), task)
    assert offered.people == (
        Person("contact", client, "Maria"),
        Person("contact", in_task, "Colleague"),
        Person("contact", partner, "Zoe"),
        Person("agent", boris, "Boris", "boris"),
    )
    assert offered.addresses == {client: ("maria@client.example", "second@client.example")}
    assert offered.accounts == ("support", "bot")


async def test_agents_with_their_deputies_r44(seed: Seed) -> None:
    anna = await seed.agent("anna", admin=True, email="anna@ours.example")
    await seed.agent("boris", deputy_id=anna, away_until=NOW, active=False)
    async with seed.store.read() as uow:
        first, second = await read.agents(uow)
    assert (first.login, first.admin, first.email, first.deputy) == (
        "anna",
        True,
        "anna@ours.example",
        None,
    )
    assert (second.active, second.deputy, second.away_until) == (False, "anna", NOW)


async def test_a_daemon_is_alive_while_its_heart_beats(seed: Seed) -> None:
    async def found() -> int | None:
        async with seed.store.read() as uow:
            row = await read.daemon(uow)
        return row.pid if row else None

    common = {"host": "here", "heartbeat": 7, "started_at": ago(hours=1)}
    assert await found() is None
    old = await seed.add(
        t.lease, instance="a", pid=1, epoch=1, heartbeat_at=ago(seconds=31), **common
    )
    await seed.add(
        t.lease, instance="b", pid=2, epoch=2, heartbeat_at=NOW, released_at=NOW, **common
    )
    assert await found() is None
    await seed.set(t.lease, old, heartbeat_at=NOW - timedelta(seconds=29))
    assert await found() == 1


async def test_statuses_settings_and_accounts_in_their_order(seed: Seed) -> None:
    anna = await seed.agent("anna")
    await seed.account("b", position=1, state="failed", detail={"kind": "auth_failed", "args": {}})
    await seed.account("a", position=0, state="ok", last_received_at=NOW)
    await seed.account("gone", configured=False)
    async with seed.store.read() as uow:
        assert await read.statuses(uow) == (
            ("new", True),
            ("open", True),
            ("waiting", True),
            ("done", False),
            ("rejected", False),
        )
        assert await read.setting(uow, "nothing") is None
        assert len(await read.setting(uow, "store_id")) == 36
        first, second = await read.accounts(uow, AgentActor(anna))
    assert (first.name, first.state, first.last_received_at) == ("a", "ok", NOW)
    assert second.detail is not None
    assert second.detail.kind == "auth_failed"


async def test_the_outbox_lists_what_is_not_over_r24(seed: Seed) -> None:
    anna, bot = await seed.agent("anna"), await seed.account("bot")
    task, other = await seed.task(), await seed.task()
    comment = await seed.comment(task, agent_id=anna)
    ids = {state: await seed.delivery(comment, bot, state) for state in ("sent", "failed", "held")}
    ids["late"] = await seed.delivery(comment, bot, "pending", due_at=NOW + timedelta(hours=1))
    await seed.delivery(comment, bot, "failed", dismissed_at=NOW)
    elsewhere = await seed.delivery(await seed.comment(other, agent_id=anna), bot, "scheduled")
    async with seed.store.read() as uow:
        listed = await read.deliveries(uow, AgentActor(anna))
        assert [d.id for d in listed] == [ids["failed"], ids["held"], elsewhere, ids["late"]]
        of_task = await read.deliveries(uow, AgentActor(anna), task_id=other)
        assert [d.id for d in of_task] == [elsewhere]
        sent = await read.deliveries(uow, AgentActor(anna), states=["sent"])
        assert [d.id for d in sent] == [ids["sent"]]
