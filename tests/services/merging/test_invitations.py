"""Invitation links (R30): a client's chat joins the very task that it was invited to."""

import itertools

import pytest
from sqlalchemy import select

from pfinbox.domain.actor import AgentActor
from pfinbox.domain.contract.batch import Batch, Profile
from pfinbox.domain.contract.incoming import ChatStarted, Incoming
from pfinbox.domain.contract.party import Party
from pfinbox.domain.inviting import STALE
from pfinbox.errors import NotFound, Refused
from pfinbox.services.inbound import receiving
from pfinbox.services.merging import invitations
from pfinbox.services.merging.invitations import Invitation
from pfinbox.services.people import contacts
from pfinbox.services.tasks import spam, tasks
from pfinbox.store import settings
from pfinbox.store import tables as t
from pfinbox.store.uow import Store
from tests.builders import Inbox, chat_account, client, mail_account
from tests.services.inbound.test_arrival import change, count, task_of, the_task

_numbers = itertools.count(1)


async def knows_its_name(inbox: Inbox, account: str = "bot") -> None:
    """The account has been connected once, and the other side has told its name."""
    profile = Profile("@shop_bot", "https://chat.example/shop_bot?start={token}")
    account_id = inbox.account_ids[account]
    await inbox.store.run(lambda uow: receiving.receive(uow, account_id, Batch(profile=profile)))


async def invite(inbox: Inbox, task_id: int, account: str | None = "bot") -> Invitation:
    me = inbox.agent_ids["anna"]
    if account in inbox.account_ids and account != "support":
        await knows_its_name(inbox, account or "bot")
    return await inbox.store.run(
        lambda uow: invitations.invite(uow, AgentActor(me), task_id, account)
    )


async def starts(
    inbox: Inbox, payload: str, user: str = "501", account: str = "bot", name: str = "Maria"
) -> list[str]:
    """What the client was told."""
    started = ChatStarted(
        chat_key=user, sender=Party(user, name), at=inbox.clock.advance(seconds=1), payload=payload
    )
    incoming = Incoming(key=f"s{next(_numbers)}", raw=b"/start", event=started)
    done = await inbox.receive(account, incoming)
    return [reply.text for reply in done.replies]


async def made(inbox: Inbox, *, contact_id: int | None = None) -> int:
    me = inbox.agent_ids["anna"]
    return await inbox.store.run(
        lambda uow: tasks.new(uow, AgentActor(me), "By hand", contact_id=contact_id)
    )


async def kinds(inbox: Inbox, task_id: int) -> list[str]:
    async with inbox.store.read() as uow:
        return list(
            await uow.connection.scalars(
                select(t.activity.c.kind)
                .where(t.activity.c.task_id == task_id)
                .order_by(t.activity.c.id)
            )
        )


async def test_r30_the_chat_joins_the_task_and_its_messages_land_there(inbox: Inbox) -> None:
    task_id = await made(inbox)
    await starts(inbox, (await invite(inbox, task_id)).token)
    task = await the_task(inbox, task_id)
    assert task.contact_id is not None, "a task without a client has one now"
    assert await task_of(inbox, await inbox.says("Here I am")) == task_id
    saved = await inbox.comment(task_id, to=[client(task.contact_id)])
    async with inbox.store.read() as uow:
        address = select(t.delivery.c.address).where(t.delivery.c.comment_id == saved.comment_id)
        assert await uow.connection.scalar(address) == "501"
    assert await kinds(inbox, task_id) == ["created", "invited", "invitation_used"]


async def test_r30_with_mail_in_the_same_task_a_comment_goes_by_both(inbox: Inbox) -> None:
    task_id = await task_of(inbox, await inbox.mails())
    contact_id = (await the_task(inbox, task_id)).contact_id
    assert contact_id is not None
    me = inbox.agent_ids["anna"]
    await inbox.store.run(
        lambda uow: contacts.set_(uow, AgentActor(me), contact_id, add_addresses=[("bot", "501")])
    )
    await starts(inbox, (await invite(inbox, task_id)).token)
    saved = await inbox.comment(task_id, to=[client(contact_id)])
    async with inbox.store.read() as uow:
        rows = await uow.connection.scalars(
            select(t.delivery.c.address).where(t.delivery.c.comment_id == saved.comment_id)
        )
        assert sorted(rows) == ["501", "maria@client.example"]


async def test_r26_r30_another_card_takes_part_and_the_task_says_so(inbox: Inbox) -> None:
    task_id = await task_of(inbox, await inbox.mails())
    owner = (await the_task(inbox, task_id)).contact_id
    await starts(inbox, (await invite(inbox, task_id)).token)
    task = await the_task(inbox, task_id)
    assert task.contact_id == owner
    assert [who.kind for who in task.participants] == ["contact"]
    assert "invitation_used" in await kinds(inbox, task_id)


async def test_r30_a_token_is_used_once(inbox: Inbox) -> None:
    task_id = await made(inbox)
    token = (await invite(inbox, task_id)).token
    assert await starts(inbox, token) == []
    assert await starts(inbox, token, user="666", name="Eve") == [STALE]
    assert (await the_task(inbox, task_id)).participants == ()
    assert await task_of(inbox, await inbox.says(user="666")) != task_id


async def test_r30_it_is_stored_as_a_hash_and_cannot_be_guessed(inbox: Inbox) -> None:
    task_id = await made(inbox)
    tokens = {(await invite(inbox, task_id)).token for _ in range(3)}
    assert len(tokens) == 3
    assert all(len(token) >= 32 for token in tokens)
    async with inbox.store.read() as uow:
        stored = set(await uow.connection.scalars(select(t.invitation.c.token_hash)))
    assert not stored & tokens


async def test_r30_it_expires(inbox: Inbox) -> None:
    task_id = await made(inbox)
    token = (await invite(inbox, task_id)).token
    inbox.clock.advance(days=14, seconds=1)
    assert await starts(inbox, token) == [STALE]
    assert (await the_task(inbox, task_id)).chats == ()


async def test_r30_of_another_account_it_is_worth_nothing(own_store: Store) -> None:
    inbox = await Inbox.make(own_store, chat_account("one"), chat_account("two"))
    task_id = await made(inbox)
    token = (await invite(inbox, task_id, "one")).token
    await starts(inbox, token, account="two")
    assert (await the_task(inbox, task_id)).chats == ()
    await starts(inbox, token, account="one")
    assert len((await the_task(inbox, task_id)).chats) == 1
    await inbox.store.close()


async def test_r30_r42_a_foreign_word_is_a_bare_start(inbox: Inbox) -> None:
    assert await starts(inbox, "campaign-7") == []
    assert await count(inbox, t.task) == 0
    assert await count(inbox, t.contact) == 1


async def test_r30_r32_with_an_open_task_of_the_same_client_the_two_become_one(
    inbox: Inbox,
) -> None:
    busy = await task_of(inbox, await inbox.says("Earlier"))
    contact_id = (await the_task(inbox, busy)).contact_id
    assert contact_id is not None
    task_id = await made(inbox, contact_id=contact_id)
    assert await starts(inbox, (await invite(inbox, task_id)).token) == []
    assert (await the_task(inbox, busy)).id == task_id
    assert await task_of(inbox, await inbox.says("Now here")) == task_id
    assert {"merged", "invited"} <= set(await kinds(inbox, task_id))


async def test_r30_a_stale_link_is_answered_once_a_day_and_not_for_ever(inbox: Inbox) -> None:
    task_id = await made(inbox)
    token = (await invite(inbox, task_id)).token
    await starts(inbox, token)
    told = [await starts(inbox, token, user="7") for _ in range(3)]
    assert told == [[STALE], [], []]
    inbox.clock.advance(days=1)
    assert await starts(inbox, token, user="7") == [STALE]
    crowd = [await starts(inbox, token, user=str(9000 + n)) for n in range(30)]
    assert sum(map(len, crowd)) < 20
    async with inbox.store.write() as uow:
        await settings.write_setting(uow, "inbox", {"stale_invitation": ""})
        await uow.commit()
    inbox.clock.advance(days=2)
    assert await starts(inbox, token, user="7") == [], "configured to say nothing"


async def test_r4_r30_a_chat_with_an_open_task_is_left_to_a_person(inbox: Inbox) -> None:
    busy = await task_of(inbox, await inbox.says())
    other = await task_of(inbox, await inbox.mails(sender="ewa@client.example", name="Ewa"))
    task_id = await made(inbox, contact_id=(await the_task(inbox, other)).contact_id or 0)
    await starts(inbox, (await invite(inbox, task_id)).token)
    assert (await the_task(inbox, task_id)).chats == ()
    assert await task_of(inbox, await inbox.says("Still here")) == busy
    assert "invitation_conflict" in await kinds(inbox, task_id)
    assert "invitation_conflict" in await kinds(inbox, busy)


async def test_r30_a_chat_whose_task_is_finished_joins(inbox: Inbox) -> None:
    old = await task_of(inbox, await inbox.says())
    await change(inbox, old, status="done")
    task_id = await made(inbox)
    await starts(inbox, (await invite(inbox, task_id)).token)
    assert await task_of(inbox, await inbox.says("Again")) == task_id


async def test_r7_r30_a_deleted_task_is_joined_by_nobody(inbox: Inbox) -> None:
    task_id = await made(inbox)
    token = (await invite(inbox, task_id)).token
    me = inbox.agent_ids["anna"]
    await inbox.store.run(lambda uow: tasks.delete(uow, AgentActor(me), (task_id,)))
    await starts(inbox, token)
    assert (await the_task(inbox, task_id)).chats == ()


async def test_r30_r42_a_blocked_chat_joins_nothing(inbox: Inbox) -> None:
    unwanted = await task_of(inbox, await inbox.says())
    me = inbox.agent_ids["anna"]
    await inbox.store.run(lambda uow: spam.spam(uow, AgentActor(me), (unwanted,)))
    task_id = await made(inbox)
    await starts(inbox, (await invite(inbox, task_id)).token)
    assert (await the_task(inbox, task_id)).chats == ()


async def test_r30_refusals_say_what_to_do(own_store: Store) -> None:
    inbox = await Inbox.make(own_store, mail_account(), chat_account())
    task_id = await made(inbox)
    with pytest.raises(Refused, match="needs no invitation"):
        await invite(inbox, task_id, "support")
    with pytest.raises(NotFound, match="no account"):
        await invite(inbox, task_id, "fax")
    me = inbox.agent_ids["anna"]
    with pytest.raises(Refused, match="has not been connected yet"):
        await inbox.store.run(lambda uow: invitations.invite(uow, AgentActor(me), task_id))
    made_link = await invite(inbox, task_id)
    assert made_link.link == f"https://chat.example/shop_bot?start={made_link.token}"
    await starts(inbox, made_link.token)
    with pytest.raises(Refused, match="has a chat by bot already"):
        await invite(inbox, task_id)
    await change(inbox, task_id, status="done")
    with pytest.raises(Refused, match="reopen it first"):
        await invite(inbox, task_id)
    await inbox.configure(mail_account())
    with pytest.raises(Refused, match="no account has invitation links"):
        await inbox.store.run(lambda uow: invitations.invite(uow, AgentActor(me), task_id))
    await inbox.configure(mail_account(), chat_account(), chat_account("two"))
    with pytest.raises(Refused, match="one of bot, two"):
        await inbox.store.run(lambda uow: invitations.invite(uow, AgentActor(me), task_id))
    await inbox.store.close()


async def test_r30_by_which_accounts_a_client_can_be_invited(inbox: Inbox) -> None:
    async def inviters(task_id: int) -> tuple[str, ...]:
        me = inbox.agent_ids["anna"]
        async with inbox.store.read() as uow:
            return await invitations.inviters(uow, AgentActor(me), task_id)

    task_id = await made(inbox)
    with pytest.raises(Refused, match="has not been connected yet"):
        await inviters(task_id)
    await knows_its_name(inbox)
    assert await inviters(task_id) == ("bot",)
    await change(inbox, task_id, status="done")
    with pytest.raises(Refused, match="reopen it first"):
        await inviters(task_id)
