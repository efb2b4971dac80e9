"""*Message* on a card (R29): by which channels, into which task."""

from dataclasses import replace

import pytest
from sqlalchemy import select, update

from pfinbox.domain.actor import AgentActor
from pfinbox.domain.contract.channel import Capability
from pfinbox.domain.people.ways import Way
from pfinbox.errors import NotFound, Refused, UsageError
from pfinbox.services.comments import conversations, starting
from pfinbox.services.comments.starting import StartRequest
from pfinbox.services.outbound import undo_send
from pfinbox.services.people import contacts
from pfinbox.services.tasks import drafts, spam
from pfinbox.store import tables as t
from pfinbox.store.rows import DraftRow
from pfinbox.store.uow import Store
from tests.builders import Inbox, chat_account, client, mail_account
from tests.services.inbound.test_arrival import change, task_of, the_task


async def message(
    inbox: Inbox, contact_id: int, account: str, title: str | None = "About you", by: str = "anna"
) -> int:
    me = inbox.agent_ids[by]
    return await inbox.store.run(
        lambda uow: conversations.message(uow, AgentActor(me), contact_id, account, title=title)
    )


async def ways(inbox: Inbox, contact_id: int, by: str = "anna") -> dict[str, Way]:
    async with inbox.store.read() as uow:
        found = await conversations.ways(uow, inbox.actor(by), contact_id)
    return {way.account.name: way for way in found}


async def contact_of(inbox: Inbox, comment_id: int) -> tuple[int, int]:
    task_id = await task_of(inbox, comment_id)
    contact_id = (await the_task(inbox, task_id)).contact_id
    assert contact_id is not None
    return task_id, contact_id


async def routes(inbox: Inbox, comment_id: int) -> list[tuple[str, str]]:
    async with inbox.store.read() as uow:
        rows = await uow.connection.execute(
            select(t.account.c.name, t.delivery.c.address)
            .join(t.delivery, t.delivery.c.account_id == t.account.c.id)
            .where(t.delivery.c.comment_id == comment_id)
        )
        return [(row.name, row.address) for row in rows]


async def test_r29_the_chat_s_open_task_goes_on(inbox: Inbox) -> None:
    task_id, contact_id = await contact_of(inbox, await inbox.says())
    assert (await ways(inbox, contact_id))["bot"].task_id == task_id
    assert await message(inbox, contact_id, "bot") == task_id


async def test_r4_r29_a_finished_one_gives_way_to_a_new_task_bound_to_the_chat(
    inbox: Inbox,
) -> None:
    first, contact_id = await contact_of(inbox, await inbox.says())
    await change(inbox, first, status="done")
    second = await message(inbox, contact_id, "bot", title=None)
    assert second != first
    task = await the_task(inbox, second)
    assert (task.title, task.previous_task_id, task.open) == ("Maria", first, True)
    saved = await inbox.comment(second, to=[client(contact_id)])
    assert await routes(inbox, saved.comment_id) == [("bot", "501")]
    # The answer comes back here, and pressing the key twice opens nothing.
    assert await task_of(inbox, await inbox.says("Yes?")) == second
    assert await message(inbox, contact_id, "bot") == second


async def test_r29_by_mail_it_is_a_conversation_of_its_own(inbox: Inbox) -> None:
    first, contact_id = await contact_of(inbox, await inbox.mails())
    second = await message(inbox, contact_id, "support", "Your invoice")
    assert second != first
    saved = await inbox.comment(second, to=[client(contact_id)])
    assert await routes(inbox, saved.comment_id) == [("support", "maria@client.example")]
    async with inbox.store.read() as uow:
        subject = await uow.connection.scalar(
            select(t.chat.c.subject)
            .join(t.binding, t.binding.c.chat_id == t.chat.c.id)
            .where(t.binding.c.task_id == second)
        )
    assert subject == "Your invoice"
    with pytest.raises(UsageError, match="subject"):
        await message(inbox, contact_id, "support", title=" ")


async def test_r29_a_channel_that_forbids_writing_first_says_so_beforehand(inbox: Inbox) -> None:
    me = inbox.agent_ids["anna"]
    card = await inbox.store.run(
        lambda uow: contacts.new(uow, AgentActor(me), "Ewa", addresses=[("bot", "777")])
    )
    error = (await ways(inbox, card))["bot"].error
    assert error is not None
    assert error.kind == "cannot_write_first"
    with pytest.raises(Refused, match="cannot write first"):
        await message(inbox, card, "bot")
    with pytest.raises(Refused, match="no channel to reach"):
        await message(inbox, card, "support")


async def test_r29_a_channel_that_allows_it_opens_a_chat(own_store: Store) -> None:
    setup = chat_account("bot")
    able = replace(setup, capabilities=setup.capabilities | Capability.WRITE_FIRST)
    inbox = await Inbox.make(own_store, able)
    me = inbox.agent_ids["anna"]
    card = await inbox.store.run(
        lambda uow: contacts.new(uow, AgentActor(me), "Ewa", addresses=[("bot", "777")])
    )
    task_id = await message(inbox, card, "bot")
    saved = await inbox.comment(task_id, to=[client(card)])
    assert await routes(inbox, saved.comment_id) == [("bot", "777")]
    assert await task_of(inbox, await inbox.says("Hello!", user="777")) == task_id
    await inbox.store.close()


async def test_r25_r29_a_closed_chat_and_a_blocked_contact_say_so(inbox: Inbox) -> None:
    task_id, contact_id = await contact_of(inbox, await inbox.says())
    async with inbox.store.write() as uow:
        await uow.connection.execute(
            update(t.chat).values(
                writable=False, state_reason={"kind": "blocked_by_client", "args": {}}
            )
        )
        await uow.commit()
    with pytest.raises(Refused, match="the client has blocked"):
        await message(inbox, contact_id, "bot")
    me = inbox.agent_ids["anna"]
    await inbox.store.run(lambda uow: spam.spam(uow, AgentActor(me), (task_id,)))
    with pytest.raises(Refused, match="the contact is blocked"):
        await message(inbox, contact_id, "bot")


async def test_r10_r29_a_personal_account_is_its_owner_s(own_store: Store) -> None:
    inbox = await Inbox.make(
        own_store, mail_account(), mail_account("own", role="personal", owner="boris")
    )
    _task, contact_id = await contact_of(inbox, await inbox.mails())
    assert set(await ways(inbox, contact_id)) == {"support"}
    assert set(await ways(inbox, contact_id, "boris")) == {"support", "own"}
    with pytest.raises(NotFound, match="no account own; known: support"):
        await message(inbox, contact_id, "own")
    mine = await message(inbox, contact_id, "own", by="boris")
    assert (await the_task(inbox, mine)).private_to_id == inbox.agent_ids["boris"]
    await inbox.store.close()


async def test_r29_unknown_accounts_and_contacts(inbox: Inbox) -> None:
    with pytest.raises(NotFound, match="no contact"):
        await message(inbox, 99, "bot")
    _task, contact_id = await contact_of(inbox, await inbox.says())
    with pytest.raises(NotFound, match="no account"):
        await message(inbox, contact_id, "fax")


async def test_r29_an_address_that_is_typed_has_one_card(inbox: Inbox) -> None:
    anna = inbox.agent_ids["anna"]

    async def write(address: str) -> tuple[int, int]:
        return await inbox.store.run(
            lambda uow: conversations.message_to(
                uow, AgentActor(anna), address, "support", title="Hello"
            )
        )

    task_id, contact_id = await write("Zoe Bell <Zoe@new.example>")
    again, same = await write("zoe@new.example")
    assert same == contact_id
    assert again != task_id
    saved = await inbox.comment(again, to=[client(contact_id)])
    assert await routes(inbox, saved.comment_id) == [("support", "zoe@new.example")]
    _first, maria = await contact_of(inbox, await inbox.mails())
    assert (await write("maria@client.example"))[1] == maria
    for wrong, said in (("support@ours.example", "our own"), ("nobody", "no e-mail address")):
        with pytest.raises((Refused, UsageError), match=said):
            await write(wrong)
    async with inbox.store.read() as uow:
        card, found = await conversations.ways_to(uow, AgentActor(anna), "zoe@new.example")
        assert (card, [way.account.name for way in found]) == (contact_id, ["support"])


async def test_r29_r45_a_conversation_begins_with_its_first_mail_or_not_at_all(
    inbox: Inbox,
) -> None:
    """To and Cc are chosen; the same key is one mail; taken back, it is the draft that it was."""
    anna = inbox.acting("anna")
    first, maria = await contact_of(inbox, await inbox.mails())
    request = StartRequest(
        "support",
        "Dear both",
        "About you",
        to=("Maria <maria@client.example>", "zoe@new.example"),
        cc=("boss@new.example", "zoe@new.example"),
        client_key="k1",
        undo_seconds=10,
    )
    plan = await anna.read(starting.plan, request)
    found = [(row.address, row.copy) for row in plan.rows]
    assert found == [
        ("maria@client.example", False),
        ("zoe@new.example", False),
        ("boss@new.example", True),
    ]
    started = await anna.write(starting.start, request)
    assert started == await anna.write(starting.start, request)
    task = await the_task(inbox, started.task_id)
    assert (task.title, task.contact_id, task.previous_task_id) == ("About you", maria, first)
    assert len(task.participants) == 2
    ours = ("support@ours.example",)
    for own in (replace(request, to=ours), replace(request, cc=ours)):
        with pytest.raises(Refused, match="our own"):
            await anna.write(starting.start, replace(own, client_key=None))
    with pytest.raises(UsageError, match="subject"):
        await anna.write(starting.start, replace(request, title="", client_key=None))

    draft = DraftRow(0, "mail", "Dear both", {"to": "maria@client.example"}, inbox.clock())
    assert await anna.write(undo_send.take_back_mail, started.saved.comment_id, draft)
    kept = await anna.read(drafts.load, 0, "mail")
    assert kept is not None
    assert (kept.text, kept.choices) == (draft.text, draft.choices)
    assert not (await the_task(inbox, started.task_id)).living
    # Another draft is in the way by now: this mail is one in its task.
    second = await anna.write(starting.start, replace(request, client_key="k2", draft="mail:1"))
    assert not await anna.write(undo_send.take_back_mail, second.saved.comment_id, draft)
    assert (await the_task(inbox, second.task_id)).living
