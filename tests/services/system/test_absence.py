"""Agents who are away or leave (R44): nobody waits for somebody who does not come."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from pfinbox.domain.actor import AgentActor
from pfinbox.domain.outbound.delivery import State
from pfinbox.domain.people.handover import Handover
from pfinbox.errors import NotFound, Refused
from pfinbox.services.people import agents
from pfinbox.services.system import absence
from pfinbox.services.tasks import drafts
from pfinbox.store import read
from pfinbox.store import tables as t
from pfinbox.store.uow import Store
from tests.builders import Inbox, client, mail_account
from tests.services.inbound.test_arrival import change, task_of, the_task
from tests.services.tasks.test_spam import unread


async def away(inbox: Inbox, login: str, deputy: str | None = None, by: str = "anna") -> None:
    me = inbox.agent_ids[by]
    until = inbox.clock.now + timedelta(days=7)
    await inbox.store.run(lambda uow: absence.away(uow, AgentActor(me), login, until, deputy))


async def deactivate(inbox: Inbox, login: str, deputy: str | None = None) -> Handover:
    me = inbox.agent_ids["anna"]
    return await inbox.store.run(lambda uow: absence.deactivate(uow, AgentActor(me), login, deputy))


async def preview(inbox: Inbox, login: str, deputy: str | None = None) -> Handover:
    async with inbox.store.read() as uow:
        return await absence.preview_deactivate(uow, inbox.actor("anna"), login, deputy)


async def lines(inbox: Inbox, task_id: int, kind: str) -> list[dict[str, object]]:
    async with inbox.store.read() as uow:
        return list(
            await uow.connection.scalars(
                select(t.activity.c.args)
                .where(t.activity.c.task_id == task_id, t.activity.c.kind == kind)
                .order_by(t.activity.c.id)
            )
        )


async def three(own_store: Store) -> Inbox:
    return await Inbox.make(own_store, logins=("anna", "boris", "cecylia"))


async def boris_s_task(inbox: Inbox, text: str = "Hello", user: str = "501") -> int:
    task_id = await task_of(inbox, await inbox.says(text, user=user))
    await change(inbox, task_id, assignee=inbox.agent("boris"))
    return task_id


async def all_read(inbox: Inbox) -> None:
    async with inbox.store.write() as uow:
        await uow.connection.execute(t.notice.delete())
        await uow.connection.execute(t.task.update().values(last_notable_id=0))
        await uow.commit()


async def test_r44_a_message_in_an_absent_agent_s_task_comes_before_the_deputy(
    own_store: Store,
) -> None:
    inbox = await three(own_store)
    task_id = await boris_s_task(inbox)
    await all_read(inbox)
    await away(inbox, "boris", "cecylia")
    await inbox.says("Anybody there?")
    assert await unread(inbox, "cecylia") == {task_id}
    assert await unread(inbox, "anna") == set()
    assert await unread(inbox, "boris") == {task_id}, "found when back"
    assert (await the_task(inbox, task_id)).assignee == inbox.agent("boris")
    to, gone = inbox.agent_ids["cecylia"], inbox.agent_ids["boris"]
    assert await lines(inbox, task_id, "put_before") == [{"to": to, "instead_of": gone}]
    await inbox.store.close()


async def test_r44_it_is_said_once_in_an_absence(own_store: Store) -> None:
    inbox = await three(own_store)
    task_id = await boris_s_task(inbox)
    await away(inbox, "boris", "cecylia")
    await inbox.says("One")
    await inbox.says("Two")
    assert len(await lines(inbox, task_id, "put_before")) == 1
    # Back for a while, then away again.
    inbox.clock.advance(days=8)
    await inbox.comment(task_id, "I am back", by="boris", to=[inbox.agent("anna")])
    await away(inbox, "boris", "cecylia")
    await inbox.says("Three")
    assert len(await lines(inbox, task_id, "put_before")) == 2
    await inbox.store.close()


async def test_r44_without_a_deputy_it_is_new_for_everybody(own_store: Store) -> None:
    inbox = await three(own_store)
    task_id = await boris_s_task(inbox)
    await all_read(inbox)
    await away(inbox, "boris")
    await inbox.says("Anybody there?")
    assert await unread(inbox, "anna") == {task_id}
    assert await unread(inbox, "cecylia") == {task_id}
    await inbox.store.close()


async def test_r44_a_deputy_who_is_away_too_is_none(own_store: Store) -> None:
    inbox = await three(own_store)
    task_id = await boris_s_task(inbox)
    await all_read(inbox)
    await away(inbox, "boris", "cecylia")
    await away(inbox, "cecylia")
    await inbox.says("Anybody there?")
    assert await unread(inbox, "anna") == {task_id}
    await inbox.store.close()


async def test_r41_r44_whom_the_answered_comment_notified_has_it_still(own_store: Store) -> None:
    inbox = await three(own_store)
    task_id = await boris_s_task(inbox)
    contact_id = (await the_task(inbox, task_id)).contact_id
    assert contact_id is not None
    await inbox.comment(
        task_id, by="boris", to=[client(contact_id), inbox.agent("cecylia")], undo_seconds=0
    )
    await all_read(inbox)
    await away(inbox, "boris")
    await inbox.says("Thanks")
    assert await unread(inbox, "cecylia") == {task_id}
    assert await unread(inbox, "anna") == set(), "somebody who knows it is here"
    await inbox.store.close()


async def test_r6_r44_a_new_task_goes_to_the_deputy(own_store: Store) -> None:
    inbox = await three(own_store)
    first = await boris_s_task(inbox)
    await change(inbox, first, status="done")
    await away(inbox, "boris", "cecylia")
    second = await task_of(inbox, await inbox.says("Again"))
    assert (await the_task(inbox, second)).assignee == inbox.agent("cecylia")
    assert len(await lines(inbox, second, "put_before")) == 1
    await inbox.store.close()


async def test_r44_who_may_say_that_somebody_is_away(own_store: Store) -> None:
    inbox = await three(own_store)
    await away(inbox, "boris", "anna", by="boris")
    with pytest.raises(Refused, match="only an admin"):
        await away(inbox, "anna", by="boris")
    with pytest.raises(Refused, match="nobody stands in"):
        await away(inbox, "boris", "boris")
    with pytest.raises(NotFound, match="no agent"):
        await away(inbox, "boris", "nobody")
    me = inbox.agent_ids["boris"]
    past = inbox.clock.now - timedelta(days=1)
    with pytest.raises(Refused, match="has passed"):
        await inbox.store.run(lambda uow: absence.away(uow, AgentActor(me), "boris", past))
    await inbox.store.run(lambda uow: absence.away(uow, AgentActor(me), "boris", None))
    async with inbox.store.read() as uow:
        row = next(one for one in await read.agents(uow) if one.login == "boris")
    assert (row.away_until, row.deputy) == (None, None)
    await inbox.store.close()


async def test_r44_deactivating_previews_and_hands_over_to_the_deputy(own_store: Store) -> None:
    inbox = await three(own_store)
    first = await boris_s_task(inbox, user="1")
    asleep = await boris_s_task(inbox, user="2")
    await change(inbox, asleep, snooze_until=inbox.clock.now + timedelta(days=3))
    done = await boris_s_task(inbox, user="3")
    await change(inbox, done, status="done")
    boris, deputy = inbox.agent_ids["boris"], inbox.agent_ids["cecylia"]
    await inbox.store.run(
        lambda uow: drafts.save(uow, AgentActor(boris), first, "reply", "Dear", {})
    )
    said = await preview(inbox, "boris", "cecylia")
    assert (said.open, said.snoozed, said.drafts, said.scheduled) == (1, 1, 1, 0)
    await all_read(inbox)
    assert await deactivate(inbox, "boris", "cecylia") == said
    for task_id in (first, asleep):
        assert (await the_task(inbox, task_id)).assignee == inbox.agent("cecylia")
        expected = [{"to": deputy, "instead_of": boris}]
        assert await lines(inbox, task_id, "handed_over") == expected
    assert (await the_task(inbox, asleep)).snoozed_until is not None
    # A finished one keeps its name, and what waits for an answer is new for the heir.
    assert (await the_task(inbox, done)).assignee == inbox.agent("boris")
    assert await unread(inbox, "cecylia") == {first}
    async with inbox.store.read() as uow:
        draft = await drafts.load(uow, AgentActor(deputy), first, "reply")
    assert draft is not None
    assert draft.text == "Dear"
    await inbox.store.close()


async def test_r44_without_a_deputy_tasks_are_unassigned_and_new_for_all(own_store: Store) -> None:
    inbox = await three(own_store)
    task_id = await boris_s_task(inbox)
    await all_read(inbox)
    await deactivate(inbox, "boris")
    assert (await the_task(inbox, task_id)).assignee is None
    assert await unread(inbox, "anna") == {task_id}
    assert await unread(inbox, "cecylia") == {task_id}
    await inbox.store.close()


async def test_r44_the_agent_s_own_deputy_is_the_heir(own_store: Store) -> None:
    inbox = await three(own_store)
    task_id = await boris_s_task(inbox)
    await away(inbox, "boris", "cecylia")
    await deactivate(inbox, "boris")
    assert (await the_task(inbox, task_id)).assignee == inbox.agent("cecylia")
    await inbox.store.close()


async def test_r18_r44_a_scheduled_comment_is_held_and_shown_to_who_has_the_task(
    own_store: Store,
) -> None:
    inbox = await three(own_store)
    task_id = await boris_s_task(inbox)
    contact_id = (await the_task(inbox, task_id)).contact_id
    assert contact_id is not None
    later = inbox.clock.now + timedelta(days=1)
    await inbox.comment(task_id, by="boris", to=[client(contact_id)], send_at=later)
    await all_read(inbox)
    assert (await deactivate(inbox, "boris", "cecylia")).scheduled == 1
    async with inbox.store.read() as uow:
        row = (await uow.connection.execute(select(t.delivery))).one()
    assert row.state == State.HELD
    assert row.error["kind"] == "author_deactivated"
    assert task_id in await unread(inbox, "cecylia")
    await inbox.store.close()


async def test_r44_drafts_for_one_task_are_kept_both(own_store: Store) -> None:
    inbox = await three(own_store)
    task_id = await boris_s_task(inbox)
    for login in ("boris", "anna"):
        await inbox.acting(login).write(drafts.save, task_id, "note", login, {})
    await deactivate(inbox, "boris", "anna")
    async with inbox.store.read() as uow:
        draft = await drafts.load(uow, inbox.actor("anna"), task_id, "note")
    assert draft is not None
    assert draft.text == "anna\n\nboris"
    await inbox.store.close()


async def test_r44_old_comments_keep_the_name(inbox: Inbox) -> None:
    task_id = await boris_s_task(inbox)
    saved = await inbox.comment(task_id, by="boris", to=[inbox.agent("anna")])
    await deactivate(inbox, "boris")
    async with inbox.store.read() as uow:
        row = await read.comment(uow, inbox.actor("anna"), saved.comment_id)
    assert row.author.name == "boris"
    with pytest.raises(Refused, match="deactivated"):
        await inbox.store.run(lambda uow: agents.sign_in(uow, "boris"))


async def test_r44_the_last_admin_stays(inbox: Inbox) -> None:
    with pytest.raises(Refused, match="active admin"):
        await deactivate(inbox, "anna", "boris")
    async with inbox.store.read() as uow:
        assert all(row.active for row in await read.agents(uow))
    await deactivate(inbox, "boris")
    with pytest.raises(Refused, match="deactivated already"):
        await deactivate(inbox, "boris")
    boris = inbox.agent_ids["boris"]
    with pytest.raises(Refused, match="only an admin"):
        await inbox.store.run(lambda uow: absence.deactivate(uow, AgentActor(boris), "anna"))


async def test_r10_r44_private_conversations_need_somebody_to_take_them(own_store: Store) -> None:
    own = mail_account("own", role="personal", owner="boris")
    inbox = await Inbox.make(own_store, own)
    task_id = await task_of(inbox, await inbox.mails(account="own"))
    assert (await preview(inbox, "boris")).private == 1
    with pytest.raises(Refused, match="name a deputy"):
        await deactivate(inbox, "boris")
    await deactivate(inbox, "boris", "anna")
    handed = await the_task(inbox, task_id)
    assert (handed.assignee, handed.private_to_id) == (inbox.agent("anna"), inbox.agent("anna").id)
    # And what comes later is not put where nobody looks.
    later = await task_of(inbox, await inbox.mails(account="own", subject="Later"))
    assert (await the_task(inbox, later)).assignee == inbox.agent("anna")
    assert later in await unread(inbox, "anna")
    await inbox.store.close()


async def test_r10_r44_without_a_deputy_a_gone_owner_s_mail_is_for_everybody(
    own_store: Store,
) -> None:
    inbox = await Inbox.make(own_store, mail_account("own", role="personal", owner="boris"))
    await deactivate(inbox, "boris")
    task_id = await task_of(inbox, await inbox.mails(account="own"))
    assert (await the_task(inbox, task_id)).private_to_id is None
    assert await unread(inbox, "anna") == {task_id}
    await inbox.store.close()
