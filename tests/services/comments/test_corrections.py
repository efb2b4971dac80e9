"""Editing, deleting and hiding what an agent wrote (R11, R18, R38)."""

import pytest
from sqlalchemy import select, update

from pfinbox.domain.actor import AgentActor
from pfinbox.domain.contract.channel import Capability
from pfinbox.errors import NotFound, Refused, UsageError
from pfinbox.services.comments import corrections
from pfinbox.services.comments.corrections import Outlook
from pfinbox.services.outbound import outbox
from pfinbox.store import read
from pfinbox.store import tables as t
from pfinbox.store.rows import CommentRow
from tests.builders import Inbox, client
from tests.services.inbound.test_arrival import task_of, the_task


async def edit(inbox: Inbox, comment_id: int, text: str, by: str = "anna") -> None:
    me = inbox.agent_ids[by]
    await inbox.store.run(
        lambda uow: corrections.edit_comment(uow, AgentActor(me), comment_id, text)
    )


async def delete(inbox: Inbox, comment_id: int, by: str = "anna") -> None:
    me = inbox.agent_ids[by]
    await inbox.store.run(lambda uow: corrections.delete_comment(uow, AgentActor(me), comment_id))


async def row(inbox: Inbox, comment_id: int) -> CommentRow:
    async with inbox.store.read() as uow:
        return await read.comment(uow, inbox.actor("anna"), comment_id)


async def note(inbox: Inbox) -> tuple[int, int]:
    task_id = await task_of(inbox, await inbox.mails("Hello"))
    saved = await inbox.comment(task_id, "He is angry", to=[inbox.agent("boris")])
    return task_id, saved.comment_id


async def answer(inbox: Inbox, state: str = "pending") -> tuple[int, int]:
    task_id = await task_of(inbox, await inbox.mails("Hello"))
    contact_id = (await the_task(inbox, task_id)).contact_id
    assert contact_id is not None
    saved = await inbox.comment(task_id, "An answer", to=[client(contact_id)])
    async with inbox.store.write() as uow:
        await uow.connection.execute(update(t.delivery).values(state=state))
        if state in ("sent", "unknown", "transmitting"):
            await uow.connection.execute(update(t.part).values(state=state))
        await uow.commit()
    return task_id, saved.comment_id


async def test_r11_an_edited_note_keeps_its_earlier_text(inbox: Inbox) -> None:
    _task, comment_id = await note(inbox)
    await edit(inbox, comment_id, "He is upset")
    found = await row(inbox, comment_id)
    assert found.text == "He is upset"
    assert [text for text, _at in found.edits] == ["He is angry"]
    assert found.edited_at is not None


async def test_r18_what_waits_goes_out_with_its_new_text(inbox: Inbox) -> None:
    task_id, comment_id = await answer(inbox)
    await edit(inbox, comment_id, "A better answer")
    async with inbox.store.read() as uow:
        content = (await uow.connection.execute(select(t.part.c.content))).scalar_one()
        line = await uow.connection.scalar(select(t.task.c.last_line).where(t.task.c.id == task_id))
    assert content["text"] == "A better answer"
    assert line == "A better answer"


async def test_r18_what_waits_beside_a_withdrawn_delivery_can_be_edited(inbox: Inbox) -> None:
    task_id = await task_of(inbox, await inbox.mails("Hello"))
    other = await task_of(inbox, await inbox.mails("Hi", sender="ewa@client.example", name="Ewa"))
    first = (await the_task(inbox, task_id)).contact_id
    second = (await the_task(inbox, other)).contact_id
    assert first is not None
    assert second is not None
    async with inbox.store.write() as uow:
        await uow.connection.execute(update(t.contact).values(selectable=True))
        await uow.commit()
    saved = await inbox.comment(task_id, "To both", to=[client(first), client(second)])
    async with inbox.store.read() as uow:
        ids = list(await uow.connection.scalars(select(t.delivery.c.id).order_by(t.delivery.c.id)))
    me = inbox.agent_ids["anna"]
    await inbox.store.run(lambda uow: outbox.withdraw(uow, AgentActor(me), ids[0]))
    await edit(inbox, saved.comment_id, "To one")
    assert (await row(inbox, saved.comment_id)).text == "To one"


@pytest.mark.parametrize("state", ["sent", "unknown", "transmitting", "sending"])
async def test_r11_what_has_left_is_refused_with_what_is_possible(inbox: Inbox, state: str) -> None:
    _task, comment_id = await answer(inbox, state)
    with pytest.raises(Refused, match="write another comment"):
        await edit(inbox, comment_id, "Something else")
    with pytest.raises(Refused, match="write another comment"):
        await delete(inbox, comment_id)
    assert (await row(inbox, comment_id)).text == "An answer"


async def test_r24_a_failed_one_is_withdrawn_first(inbox: Inbox) -> None:
    _task, comment_id = await answer(inbox, "failed")
    with pytest.raises(Refused, match="withdraw that first"):
        await edit(inbox, comment_id, "Something else")


async def test_r13_only_the_author_edits_and_deletes(inbox: Inbox) -> None:
    _task, comment_id = await note(inbox)
    asked = await inbox.mails("Mine")
    for verb in (edit(inbox, comment_id, "x", "boris"), delete(inbox, comment_id, "boris")):
        with pytest.raises(Refused, match="only its author"):
            await verb
    with pytest.raises(Refused, match="only its author"):
        await edit(inbox, asked, "x")
    with pytest.raises(NotFound):
        await edit(inbox, 999, "x")
    with pytest.raises(UsageError):
        await edit(inbox, comment_id, "  \n")


async def test_r18_r41_deleting_an_answer_that_waits_makes_the_client_wait_again(
    inbox: Inbox,
) -> None:
    task_id, comment_id = await answer(inbox)
    assert (await the_task(inbox, task_id)).waiting_since is None
    await delete(inbox, comment_id)
    assert (await the_task(inbox, task_id)).waiting_since is not None
    found = await row(inbox, comment_id)
    assert found.deleted_at is not None
    assert [delivery.state for delivery in found.deliveries] == ["withdrawn"]


async def test_r11_a_deleted_note_is_marked_and_no_news_any_more(inbox: Inbox) -> None:
    _task, comment_id = await note(inbox)
    await delete(inbox, comment_id)
    found = await row(inbox, comment_id)
    assert (found.deleted_at is not None, found.text) == (True, "He is angry")
    async with inbox.store.read() as uow:
        notices = await uow.connection.scalars(
            select(t.notice.c.comment_id).where(t.notice.c.comment_id == comment_id)
        )
        assert list(notices) == []
    with pytest.raises(Refused, match="deleted already"):
        await delete(inbox, comment_id)


async def test_r38_hiding_is_for_everybody_who_sees_the_task_and_is_told(inbox: Inbox) -> None:
    task_id, comment_id = await answer(inbox, "sent")
    boris = inbox.agent_ids["boris"]
    await inbox.store.run(
        lambda uow: corrections.set_hidden(uow, AgentActor(boris), comment_id, True)
    )
    await inbox.store.run(
        lambda uow: corrections.set_hidden(uow, AgentActor(boris), comment_id, True)
    )
    assert (await row(inbox, comment_id)).hidden
    async with inbox.store.read() as uow:
        kinds = list(
            await uow.connection.scalars(
                select(t.activity.c.kind).where(t.activity.c.task_id == task_id)
            )
        )
    assert kinds.count("hidden") == 1


async def test_r11_what_a_correction_would_do_is_known_before(inbox: Inbox) -> None:
    async def outlook(comment_id: int, by: str = "anna", *, deleting: bool = False) -> Outlook:
        me = inbox.agent_ids[by]
        async with inbox.store.read() as uow:
            return await corrections.outlook(uow, AgentActor(me), comment_id, deleting=deleting)

    _task, internal = await note(inbox)
    assert await outlook(internal) == Outlook("inside")
    with pytest.raises(Refused, match="only its author"):
        await outlook(internal, by="boris")
    _task, waiting = await answer(inbox)
    assert await outlook(waiting, deleting=True) == Outlook("waiting")
    _task, sent = await answer(inbox, "sent")
    for deleting in (False, True):
        with pytest.raises(Refused, match="stays with the client"):
            await outlook(sent, deleting=deleting)
    able = int(Capability.EDITS | Capability.DELETES)
    values = update(t.account).values(capabilities=t.account.c.capabilities.op("|")(able))
    await inbox.store.run(lambda uow: uow.connection.execute(values))
    assert await outlook(sent) == Outlook("outside", ("support",))
    assert await outlook(sent, deleting=True) == Outlook("outside", ("support",))
