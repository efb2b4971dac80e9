"""Who sees which task, wherever it could be read (R10)."""

import pytest

from pfinbox.domain.actor import AgentActor
from pfinbox.errors import NotFound
from pfinbox.services import access
from pfinbox.store import read, snapshots
from pfinbox.store import tables as t
from tests.store.seed import NOW, Seed


async def listed(seed: Seed, agent_id: int, view: str = "all") -> list[int]:
    async with seed.store.read() as uow:
        return sorted(row.id for row in (await read.tasks(uow, AgentActor(agent_id), view)).rows)


async def test_a_private_task_is_its_owners_alone_r10(seed: Seed) -> None:
    anna, boris = await seed.agent("anna", admin=True), await seed.agent("boris")
    private, public = await seed.task(private_to_id=boris), await seed.task()
    assert await listed(seed, boris) == [private, public]
    # An admin is an agent like others here.
    assert await listed(seed, anna) == [public]


async def test_assigning_or_adding_a_participant_shares_a_private_task_r10(seed: Seed) -> None:
    anna, boris = await seed.agent("anna"), await seed.agent("boris")
    given = await seed.task(private_to_id=boris, assignee_agent_id=anna)
    shared = await seed.task(private_to_id=boris)
    await seed.task(private_to_id=boris)
    await seed.add(t.participant, task_id=shared, agent_id=anna)
    assert await listed(seed, anna) == [given, shared]


async def test_a_participant_of_a_merged_task_sees_the_survivor_r10_r32(seed: Seed) -> None:
    anna, boris = await seed.agent("anna"), await seed.agent("boris")
    survivor = await seed.task(private_to_id=boris)
    merged = await seed.merged(survivor)
    assert await listed(seed, anna) == []
    await seed.add(t.participant, task_id=merged, agent_id=anna)
    assert await listed(seed, anna) == [survivor, merged]


async def test_an_account_may_name_its_agents_r10(seed: Seed) -> None:
    anna, boris = await seed.agent("anna"), await seed.agent("boris")
    chief = await seed.agent("chief", admin=True)
    sales, everyone = await seed.account("sales"), await seed.account("everyone")
    await seed.rows(t.account_agent, {"account_id": sales, "agent_id": boris})
    of_sales = await seed.task(account_id=sales)
    of_all, by_hand = await seed.task(account_id=everyone), await seed.task()
    assert await listed(seed, anna) == [of_all, by_hand]
    assert await listed(seed, boris) == await listed(seed, chief) == [of_sales, of_all, by_hand]
    await seed.set(t.task, of_sales, assignee_agent_id=anna)
    assert of_sales in await listed(seed, anna)


async def test_a_personal_accounts_owner_is_one_of_its_agents_r10(seed: Seed) -> None:
    anna, boris = await seed.agent("anna"), await seed.agent("boris")
    mailbox = await seed.account("anna", role="personal", owner_id=anna)
    await seed.rows(t.account_agent, {"account_id": mailbox, "agent_id": boris})
    # Merged with a task of the company's: nobody's alone any more.
    task = await seed.task(account_id=mailbox)
    assert await listed(seed, anna) == await listed(seed, boris) == [task]
    async with seed.store.read() as uow:
        for one in (await snapshots.agents(uow)).values():
            assert await access.may_see(uow, one, await snapshots.task(uow, task))
        assert [who.id for who in (await read.choices(uow, AgentActor(boris), task)).people] == [
            anna
        ]


async def test_what_may_not_be_seen_is_not_found_anywhere_r10(seed: Seed) -> None:
    anna, boris = await seed.agent("anna", admin=True), await seed.agent("boris")
    account, maria = await seed.account("boris", role="personal"), await seed.contact("Maria")
    task = await seed.task(private_to_id=boris, contact_id=maria, waiting_since=NOW)
    comment = await seed.comment(task, contact_id=maria)
    await seed.rows(t.blob, {"sha256": "0" * 64, "size": 3, "content": b"pdf"})
    file = await seed.add(
        t.attachment,
        comment_id=comment,
        name="a.pdf",
        media_type="application/pdf",
        size=3,
        sha256="0" * 64,
    )
    await seed.add(
        t.receipt,
        account_id=account,
        key="1",
        received_at=NOW,
        raw=b"raw",
        sha256="1" * 64,
        size=3,
        state="shown",
        comment_id=comment,
    )
    delivery = await seed.delivery(comment, account, "failed", contact_id=maria)
    shared = await seed.task()
    await seed.rows(
        t.tag,
        *({"task_id": one, "name": name} for one, name in ((task, "secret"), (shared, "vip"))),
    )
    async with seed.store.read() as uow:
        for reading in (
            read.conversation(uow, AgentActor(anna), task),
            read.task_row(uow, AgentActor(anna), task),
            read.resolve_task(uow, AgentActor(anna), task),
            read.choices(uow, AgentActor(anna), task),
            read.team(uow, AgentActor(anna), task),
            read.details(uow, AgentActor(anna), [task]),
            read.attachment(uow, AgentActor(anna), file),
            read.attachment_content(uow, AgentActor(anna), file),
            read.raw(uow, AgentActor(anna), comment),
            read.comment(uow, AgentActor(anna), comment),
            read.delivery(uow, AgentActor(anna), delivery),
            read.deliveries(uow, AgentActor(anna), task_id=task),
        ):
            with pytest.raises(NotFound):
                await reading
        assert await read.deliveries(uow, AgentActor(anna)) == ()
        assert (await read.contact(uow, AgentActor(anna), maria)).tasks == ()
        counts = {view.key: view.count for view in await read.views(uow, AgentActor(anna))}
        assert counts["inbox"] == 1
        assert (await read.vocabulary(uow, AgentActor(anna))).tags == ("vip",)

        assert await read.attachment_content(uow, AgentActor(boris), file) == b"pdf"
        assert await read.raw(uow, AgentActor(boris), comment) == b"raw"
        names = await read.vocabulary(uow, AgentActor(boris))
        assert (names.tags, names.agents) == (("secret", "vip"), ("anna", "boris"))
        assert len(await read.deliveries(uow, AgentActor(boris))) == 1
        assert [row.id for row in (await read.contact(uow, AgentActor(boris), maria)).tasks] == [
            task
        ]


async def test_the_title_of_an_invisible_task_before_is_not_shown_r8_r10(seed: Seed) -> None:
    anna, boris = await seed.agent("anna"), await seed.agent("boris")
    secret = await seed.task("A secret", private_to_id=boris)
    task = await seed.task(previous_task_id=secret)
    async with seed.store.read() as uow:
        assert (await read.conversation(uow, AgentActor(anna), task)).previous_title is None
        assert (await read.conversation(uow, AgentActor(boris), task)).previous_title == "A secret"


async def test_a_purged_task_is_gone_r34(seed: Seed) -> None:
    anna = await seed.agent("anna")
    task = await seed.task(deleted_at=NOW, purged_at=NOW)
    assert await listed(seed, anna) == await listed(seed, anna, "trash") == []
    async with seed.store.read() as uow:
        with pytest.raises(NotFound):
            await read.conversation(uow, AgentActor(anna), task)


async def test_the_picker_offers_only_agents_who_see_the_task_r10(seed: Seed) -> None:
    anna, boris = await seed.agent("anna"), await seed.agent("boris")
    await seed.agent("gone", active=False)
    chief = await seed.agent("chief", admin=True)
    sales = await seed.account("sales")
    await seed.rows(t.account_agent, {"account_id": sales, "agent_id": boris})
    private = await seed.task(private_to_id=boris, assignee_agent_id=anna)
    of_sales = await seed.task(account_id=sales)
    async with seed.store.read() as uow:
        offered = (await read.choices(uow, AgentActor(anna), private)).people
        assert [person.id for person in offered] == [boris]
        offered = (await read.choices(uow, AgentActor(boris), of_sales)).people
        assert [person.id for person in offered] == [chief]


async def test_quarantined_mail_of_a_personal_account_is_its_owners_r10(seed: Seed) -> None:
    anna, boris = await seed.agent("anna", admin=True), await seed.agent("boris")
    account = await seed.account("boris", role="personal", owner_id=boris)
    item = await seed.add(
        t.receipt,
        account_id=account,
        key="1",
        received_at=NOW,
        raw=b"\xff",
        sha256="1" * 64,
        size=1,
        state="quarantined",
        reason={"kind": "unreadable", "args": {"detail": "x"}},
    )
    async with seed.store.read() as uow:
        assert await read.quarantine(uow, AgentActor(anna)) == ()
        with pytest.raises(NotFound):
            await read.quarantine_raw(uow, AgentActor(anna), item)
        assert [row.id for row in await read.quarantine(uow, AgentActor(boris))] == [item]
        assert await read.quarantine_raw(uow, AgentActor(boris), item) == b"\xff"
        assert (await read.quarantine_item(uow, None, item)).account == "boris"
