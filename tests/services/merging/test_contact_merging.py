"""Cards of one person are merged and taken apart again: R9, R26, R31, R33, on both databases."""

from typing import Any

import pytest
from sqlalchemy import select

from pfinbox.domain.actor import AgentActor
from pfinbox.domain.model import Notify
from pfinbox.domain.tasks.change import TaskChange
from pfinbox.errors import NotFound, Refused, UsageError
from pfinbox.services.merging.contact_merging import merge_contacts, unmerge_contact
from pfinbox.services.people import contacts
from pfinbox.services.tasks import tasks
from pfinbox.store import read, snapshots
from pfinbox.store import tables as t
from tests.builders import Inbox, client
from tests.services.doing import merge, routes, the_task, unmerge
from tests.services.inbound.test_arrival import task_of
from tests.services.photograph import differences, photograph


async def merge_cards(inbox: Inbox, survivor: int, *others: int) -> int:
    inbox.clock.advance(seconds=1)
    anna = inbox.agent_ids["anna"]
    return await inbox.store.run(
        lambda uow: merge_contacts(uow, AgentActor(anna), survivor, others)
    )


async def unmerge_card(inbox: Inbox, contact_id: int) -> int:
    inbox.clock.advance(seconds=1)
    anna = inbox.agent_ids["anna"]
    return await inbox.store.run(lambda uow: unmerge_contact(uow, AgentActor(anna), contact_id))


async def card(inbox: Inbox, contact_id: int) -> Any:
    async with inbox.store.read() as uow:
        return await read.contact(uow, inbox.actor("anna"), contact_id)


async def two_cards(inbox: Inbox) -> None:
    """Maria in a messenger (contact 1, task 1) and by mail (contact 2, task 2)."""
    await inbox.says("By chat")
    await inbox.mails("By mail")


async def test_r26_addresses_and_tasks_come_together_and_every_task_keeps_its_chat(
    inbox: Inbox,
) -> None:
    await two_cards(inbox)
    assert await merge_cards(inbox, 1, 2) == 1
    one = await card(inbox, 2)
    assert one.id == 1
    assert {a.value for a in one.addresses} == {"501", "maria@client.example"}
    assert sorted(row.id for row in one.tasks) == [1, 2]
    by_mail = await inbox.comment(2, to=[client(1)])
    by_chat = await inbox.comment(1, to=[client(2)])
    assert await routes(inbox, by_mail.comment_id) == [("support", "maria@client.example")]
    assert await routes(inbox, by_chat.comment_id) == [("bot", "501")]


async def test_r26_the_main_address_is_the_survivor_s(inbox: Inbox) -> None:
    await inbox.mails(sender="one@x.example")
    await inbox.mails(sender="two@x.example")
    before = await photograph(inbox)
    await merge_cards(inbox, 2, 1)
    assert [a.value for a in (await card(inbox, 2)).addresses if a.main] == ["two@x.example"]
    await unmerge_card(inbox, 1)
    assert differences(before, await photograph(inbox)) == []


async def test_r26_another_main_address_chosen_meanwhile_stays_chosen(inbox: Inbox) -> None:
    await inbox.mails(sender="one@x.example")
    await inbox.mails(sender="two@x.example")
    await merge_cards(inbox, 1, 2)
    anna = inbox.agent_ids["anna"]
    await inbox.store.run(
        lambda uow: contacts.set_(uow, AgentActor(anna), 1, main_address="two@x.example")
    )
    await unmerge_card(inbox, 2)
    assert [a.main for a in (await card(inbox, 1)).addresses] == [True]
    assert [a.main for a in (await card(inbox, 2)).addresses] == [True]


async def test_r9_the_link_to_the_task_before_goes_across_channels(inbox: Inbox) -> None:
    await two_cards(inbox)
    await merge_cards(inbox, 1, 2)
    anna = inbox.agent_ids["anna"]
    await inbox.store.run(
        lambda uow: tasks.change(uow, AgentActor(anna), (1,), TaskChange(status="done"))
    )
    third = await task_of(inbox, await inbox.says("Again by chat"))
    assert (await the_task(inbox, third)).previous_task_id == 2


async def test_r31_notes_of_both_cards_are_read_on_one(inbox: Inbox) -> None:
    await two_cards(inbox)
    anna = inbox.agent_ids["anna"]
    await inbox.store.run(lambda uow: contacts.set_(uow, AgentActor(anna), 1, notes="Pays late"))
    await inbox.store.run(
        lambda uow: contacts.set_(uow, AgentActor(anna), 2, notes="Likes mail", company="Wool Ltd")
    )
    before = await photograph(inbox)
    await merge_cards(inbox, 1, 2)
    one = await card(inbox, 1)
    assert (one.notes, one.company) == ("Pays late\n\nLikes mail", "Wool Ltd")
    await unmerge_card(inbox, 2)
    assert differences(before, await photograph(inbox)) == []


async def test_r33_what_came_and_went_since_goes_with_the_address_it_used(inbox: Inbox) -> None:
    await two_cards(inbox)
    await merge_cards(inbox, 1, 2)
    new_thread = await inbox.mails("A new thread", subject="Another thing")
    third = await task_of(inbox, new_thread)
    assert (await the_task(inbox, third)).contact_id == 1
    sent = await inbox.comment(third, to=[client(1)])
    both = await inbox.comment(1, notify=Notify((client(1),)))
    await unmerge_card(inbox, 2)
    assert (await the_task(inbox, third)).contact_id == 2
    assert [row.id for row in (await card(inbox, 2)).tasks] == [third, 2]
    assert [row.id for row in (await card(inbox, 1)).tasks] == [1]
    async with inbox.store.read() as uow:
        rows = await uow.connection.execute(
            select(t.notify.c.comment_id, t.notify.c.contact_id).order_by(t.notify.c.comment_id)
        )
        assert [tuple(row) for row in rows] == [(sent.comment_id, 2), (both.comment_id, 1)]
        rows = await uow.connection.execute(
            select(t.delivery.c.comment_id, t.delivery.c.contact_id).order_by(t.delivery.c.id)
        )
        assert [tuple(row) for row in rows] == [(sent.comment_id, 2), (both.comment_id, 1)]
    # R15: the chat of a person is nobody else's any more.
    with pytest.raises(Refused, match="is not part of this task"):
        await inbox.comment(third, to=[client(1)])


async def test_r33_a_conversation_of_one_person_becomes_one_of_two(inbox: Inbox) -> None:
    await two_cards(inbox)
    await merge_cards(inbox, 1, 2)
    await merge(inbox, 1, 2)
    await unmerge_card(inbox, 2)
    # Both can still be answered in the merged task, each by their own chat.
    both = await inbox.comment(1, notify=Notify((client(1), client(2))))
    assert await routes(inbox, both.comment_id) == [
        ("bot", "501"),
        ("support", "maria@client.example"),
    ]
    await unmerge(inbox, 2)
    assert (await the_task(inbox, 2)).participants == ()


async def test_r33_nested_cards_come_apart(inbox: Inbox) -> None:
    for name in ("one", "two", "three"):
        await inbox.mails(sender=f"{name}@x.example", name=name)
    before = await photograph(inbox)
    await merge_cards(inbox, 2, 3)
    await merge_cards(inbox, 1, 2)
    assert len((await card(inbox, 3)).addresses) == 3
    await unmerge_card(inbox, 3)
    assert [a.value for a in (await card(inbox, 3)).addresses] == ["three@x.example"]
    assert [a.value for a in (await card(inbox, 1)).addresses if a.main] == ["one@x.example"]
    await unmerge_card(inbox, 2)
    assert differences(before, await photograph(inbox)) == []


async def test_r26_what_makes_no_sense_is_refused_and_changes_nothing(inbox: Inbox) -> None:
    for name in ("one", "two", "three"):
        await inbox.mails(sender=f"{name}@x.example", name=name)
    await merge_cards(inbox, 1, 2)
    before = await photograph(inbox)
    for survivor, others, error, words in (
        (1, [1], Refused, "1 cannot be merged with itself"),
        (1, [], UsageError, "name at least one"),
        (1, [99], NotFound, "no contact 99"),
        (99, [1], NotFound, "no contact 99"),
        (3, [2], Refused, "2 is merged into 1 already"),
        (2, [1], Refused, "2 is a part of 1"),
    ):
        with pytest.raises(error, match=words):
            await merge_cards(inbox, survivor, *others)
    with pytest.raises(Refused, match="1 is not merged"):
        await unmerge_card(inbox, 1)
    assert differences(before, await photograph(inbox)) == []


async def test_r2_a_merged_address_makes_no_second_card(inbox: Inbox) -> None:
    await two_cards(inbox)
    await merge_cards(inbox, 1, 2)
    await inbox.mails("Again")
    async with inbox.store.read() as uow:
        assert len(list(await uow.connection.scalars(select(t.contact.c.id)))) == 2
        assert set(await snapshots.contacts(uow, [1, 2])) == {1, 2}
