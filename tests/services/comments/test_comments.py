"""Comments go out: R13-R19, R23, R41 through the real service on both databases."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from pfinbox.domain.actor import AgentActor
from pfinbox.domain.contract.files import Weighed
from pfinbox.domain.contract.reason import Reason
from pfinbox.domain.model import Notify
from pfinbox.domain.recipients.original import QuoteUnseen
from pfinbox.domain.tasks.then import STAYS, Then
from pfinbox.errors import NotFound, Refused, UsageError
from pfinbox.services.comments import planning
from pfinbox.services.comments.comments import ClientWrote, SaidMeanwhile
from pfinbox.services.comments.planning import Along
from pfinbox.services.merging import contact_merging
from pfinbox.services.merging.merging import merge_tasks
from pfinbox.services.outbound import outbox, undo_send
from pfinbox.services.people import contacts
from pfinbox.services.tasks import tasks
from pfinbox.store import read, snapshots
from pfinbox.store import tables as t
from pfinbox.tui.compose.writing import Writing
from tests.builders import Inbox, a_file, client


async def deliveries(inbox: Inbox) -> list[tuple[str, str, str]]:
    async with inbox.store.read() as uow:
        rows = await uow.connection.execute(
            select(t.account.c.name, t.delivery.c.address, t.delivery.c.state)
            .join(t.account, t.account.c.id == t.delivery.c.account_id)
            .order_by(t.delivery.c.id)
        )
        return [tuple(row) for row in rows]


async def waiting(inbox: Inbox, task_id: int = 1) -> bool:
    async with inbox.store.read() as uow:
        return (await snapshots.task(uow, task_id)).waiting_since is not None


async def test_r13_a_comment_goes_to_exactly_those_chosen(inbox: Inbox) -> None:
    await inbox.says(user="501")
    await inbox.comment(1, "To you", to=[client(1), inbox.agent("boris")])
    await inbox.comment(1, "Among us", to=[inbox.agent("boris")])
    assert await deliveries(inbox) == [("bot", "501", "pending")]


async def test_r14_nobody_is_preselected_when_joining_a_colleague_s_talk(inbox: Inbox) -> None:
    said = await inbox.says()
    await inbox.comment(1, by="anna", to=[client(1)])
    anna, boris = inbox.agent_ids["anna"], inbox.agent_ids["boris"]
    async with inbox.store.read() as uow:
        assert (await planning.preselect(uow, AgentActor(boris), 1)).who == ()
        assert (await planning.preselect(uow, AgentActor(anna), 1)).who == (client(1),)
        assert (await planning.preselect(uow, AgentActor(boris), 1, answers=said)).who == (
            client(1),
        )
        assert (await planning.preselect(uow, AgentActor(anna), 1, note=True)).who == ()


async def test_r15_the_answer_goes_by_the_channel_the_task_came_from(inbox: Inbox) -> None:
    await inbox.mails()
    await inbox.comment(1, to=[client(1)])
    assert await deliveries(inbox) == [("support", "maria@client.example", "pending")]


async def test_r15_a_chat_is_never_used_for_another_contact(inbox: Inbox) -> None:
    await inbox.says(user="501", name="Maria")
    await inbox.says(user="502", name="Eve")
    with pytest.raises(Refused, match="Eve is not part of this task"):
        await inbox.comment(1, to=[client(2)])
    assert await deliveries(inbox) == []


async def test_r17_the_address_that_the_client_wrote_from_else_the_chosen_one(
    inbox: Inbox,
) -> None:
    await inbox.mails(sender="work@client.example")
    anna = inbox.agent_ids["anna"]
    await inbox.store.run(
        lambda uow: contacts.set_(
            uow, AgentActor(anna), 1, add_addresses=[("email", "home@client.example")]
        )
    )
    await inbox.comment(1, to=[client(1)])
    await inbox.comment(1, notify=Notify((client(1),), {1: "home@client.example"}))
    with pytest.raises(Refused, match="is not an address of Maria"):
        await inbox.comment(1, notify=Notify((client(1),), {1: "eve@evil.example"}))
    assert [d[1] for d in await deliveries(inbox)] == [
        "work@client.example",
        "home@client.example",
    ]


async def test_r18_undo_gives_the_draft_back_and_the_client_waits_again(inbox: Inbox) -> None:
    await inbox.says()
    saved = await inbox.comment(1, "Too fast", to=[client(1)], undo_seconds=10)
    assert saved.due_at == inbox.clock.now + timedelta(seconds=10)
    assert not await waiting(inbox)
    anna = inbox.agent_ids["anna"]
    draft = await inbox.store.run(
        lambda uow: undo_send.take_back(uow, AgentActor(anna), saved.comment_id)
    )
    assert draft.text == "Too fast"
    assert [d[2] for d in await deliveries(inbox)] == ["withdrawn"]
    assert await waiting(inbox)


async def test_r17_r45_undo_gives_back_what_was_chosen_too(inbox: Inbox) -> None:
    """Or an edited comment would go another way, or show its recipients to each other."""
    await inbox.mails()
    olga = await inbox.acting("anna").write(
        contacts.new, "Olga", selectable=True, addresses=[("email", "olga@x.example")]
    )
    home = {1: "home@client.example"}
    await inbox.acting("anna").write(contacts.set_, 1, add_addresses=[("email", home[1])])
    chosen = Notify((client(1), client(olga)), home, separately=True, reply_via="support")
    later = inbox.clock.now + timedelta(hours=1)
    saved = await inbox.comment(1, notify=chosen, send_at=later, send_anyway=True)
    draft = await inbox.acting("anna").write(undo_send.take_back, saved.comment_id)
    writing = Writing(1, "reply")
    writing.restore(draft.choices)
    assert writing.notify == chosen
    assert (writing.send_at, writing.anyway) == (later, True)
    # What was to go at once goes at once; a moment that has passed is none.
    for moment in (None, later):
        saved = await inbox.comment(1, notify=chosen, send_at=moment, undo_seconds=10)
        inbox.clock.advance(hours=2 if moment else 0)
        draft = await inbox.acting("anna").write(undo_send.take_back, saved.comment_id)
        assert "send_at" not in draft.choices


async def test_r17_an_address_chosen_on_a_card_that_is_merged_meanwhile_stays_chosen(
    inbox: Inbox,
) -> None:
    await inbox.mails()
    anna = inbox.acting("anna")
    other = await anna.write(
        contacts.new, "Maria at home", selectable=True, addresses=[("email", "home@client.example")]
    )
    chosen = Notify((client(other),), {other: "home@client.example"})
    await anna.write(contact_merging.merge_contacts, 1, [other])
    await inbox.comment(1, notify=chosen)
    assert [address for _id, address, _state in await deliveries(inbox)] == ["home@client.example"]


async def test_r35_a_comment_closes_or_hides_its_task_and_undo_takes_back_both(
    inbox: Inbox,
) -> None:
    await inbox.says()
    await inbox.says(user="502", name="Eve")
    anna = inbox.acting("anna")

    async def state() -> tuple[str, bool, bool]:
        async with inbox.store.read() as uow:
            task = await snapshots.task(uow, 1)
        return task.status, task.snoozed_until is not None, task.waiting_since is not None

    later = inbox.clock.now + timedelta(days=1)
    for then, done in (
        (Then(close=True), ("done", False, False)),
        (Then(snooze_until=later), ("new", True, False)),
    ):
        saved = await inbox.comment(1, "Bye", to=[client(1)], undo_seconds=10, then=then)
        assert saved.back is not None
        assert await state() == done
        taken = await anna.write(undo_send.take_back_with, saved.comment_id, saved.back)
        assert taken.restored
        assert taken.draft is not None
        assert await state() == ("new", False, True)
    # What has left stays said; the task is open again.
    saved = await inbox.comment(1, "Bye", to=[client(1)], then=Then(close=True))
    async with inbox.handing_over():
        pass
    assert saved.back is not None
    taken = await anna.write(undo_send.take_back_with, saved.comment_id, saved.back)
    assert (taken.draft, await state()) == (None, ("new", False, False))
    # A plan with an error stores nothing, and nothing of it is refused alone.
    for who, then in ((2, Then(close=True)), (1, Then(snooze_until=inbox.clock.now))):
        count = len(await deliveries(inbox))
        with pytest.raises(Refused):
            await inbox.comment(1, to=[client(who)], then=then)
        assert (await state(), len(await deliveries(inbox))) == (("new", False, False), count)
    # Whoever waits longest besides this one is next.
    saved = await inbox.comment(1, to=[client(1)], then=Then(next=True))
    assert (saved.next_id, saved.back) == (2, None)
    assert (await inbox.comment(2, to=[client(2)], then=Then(next=True))).next_id is None


async def test_r18_the_past_is_refused(inbox: Inbox) -> None:
    await inbox.says()
    with pytest.raises(Refused, match="has passed"):
        await inbox.comment(1, to=[client(1)], send_at=inbox.clock.now - timedelta(hours=1))


async def test_r19_a_note_is_quoted_to_the_client_on_purpose_only(inbox: Inbox) -> None:
    from pfinbox.domain.outbound.delivery import Claim, Job
    from pfinbox.services.outbound import message_building

    await inbox.says()
    note = (await inbox.comment(1, "He pays\nlate", to=[])).comment_id
    with pytest.raises(QuoteUnseen, match="Maria would see words"):
        await inbox.comment(1, "Dear client", to=[client(1)], quote_id=note)
    # To colleagues it may be.
    await inbox.comment(1, "Really?", to=[inbox.agent("boris")], quote_id=note)
    answer = await inbox.comment(
        1, "Dear client", to=[client(1)], quote_id=note, quote_unseen="send"
    )
    job = Job(inbox.account_ids["bot"], 1, answer.comment_id, (1,), (1,), Claim(1, 1))
    async with inbox.store.read() as uow:
        outgoing, _nonce = await message_building.outgoing(uow, job, 1)
        shown = await read.comment(uow, AgentActor(1), answer.comment_id)
    # No reply of the messenger's own: there is nothing in the chat to reply to.
    assert outgoing.text == "> He pays\n> late\nDear client"
    assert outgoing.quote_source_id is None
    assert shown.quote == (note, "He pays\nlate")
    # A program that answers leaves the words out, and shows none.
    silent = await inbox.comment(1, "Hm", to=[client(1)], quote_id=note, quote_unseen="omit")
    async with inbox.store.read() as uow:
        assert (await read.comment(uow, AgentActor(1), silent.comment_id)).quote is None


async def test_r19_only_a_comment_of_the_same_task_is_quoted(inbox: Inbox) -> None:
    await inbox.says()
    other = await inbox.says("I am Olga", user="502", name="Olga")
    for to in ([client(1)], []):
        with pytest.raises(NotFound, match=f"comment {other} is not in task #1"):
            await inbox.comment(1, "x", to=to, quote_id=other, quote_unseen="send")
    # What the client was told by another way has been seen: quoted where no reply can.
    await inbox.store.run(lambda uow: merge_tasks(uow, AgentActor(1), 1, [2], force=True))
    with pytest.raises(QuoteUnseen, match="Maria would see"):
        await inbox.comment(1, "x", to=[client(1)], quote_id=other)
    assert await inbox.comment(1, "x", to=[client(2)], quote_id=other)


async def test_r23_a_contact_in_a_task_without_a_messenger_is_written_to_by_mail(
    inbox: Inbox,
) -> None:
    anna = inbox.agent_ids["anna"]
    contact_id = await inbox.store.run(
        lambda uow: contacts.new(
            uow, AgentActor(anna), "Olga", addresses=[("email", "olga@x.example")]
        )
    )
    task_id = await inbox.store.run(
        lambda uow: tasks.new(uow, AgentActor(anna), "Call Olga", contact_id=contact_id)
    )
    await inbox.comment(task_id, to=[client(contact_id)])
    assert await deliveries(inbox) == [("support", "olga@x.example", "pending")]
    answer = await inbox.mails(sender="olga@x.example", tokens=("c1",))
    async with inbox.store.read() as uow:
        origin = await uow.connection.scalar(
            select(t.comment.c.task_id).where(t.comment.c.id == answer)
        )
    assert origin == task_id


async def test_r25_a_file_too_large_is_refused_before_sending(inbox: Inbox) -> None:
    await inbox.says()
    along = Along(files=[Weighed("film.mp4", "video/mp4", 50 * 1024 * 1024 + 1)])
    notify = Notify((client(1),))
    plan = await inbox.acting("anna").read(planning.plan, 1, notify, along=along)
    assert [one.kind for one in plan.errors] == ["file_too_large"]
    with pytest.raises(Refused, match="too large"):
        await inbox.comment(
            1, to=[client(1)], attachments=(a_file(content=bytes(50 * 1024 * 1024 + 1)),)
        )


async def test_r28_a_contact_outside_the_task_must_be_selectable(inbox: Inbox) -> None:
    """R28: the card's switch "can be chosen in tasks"."""
    await inbox.says()
    anna = inbox.agent_ids["anna"]
    olga = await inbox.store.run(
        lambda uow: contacts.new(
            uow, AgentActor(anna), "Olga", addresses=[("email", "olga@x.example")]
        )
    )
    with pytest.raises(Refused):
        await inbox.comment(1, to=[client(olga)])
    await inbox.store.run(lambda uow: contacts.set_(uow, AgentActor(anna), olga, selectable=True))
    await inbox.comment(1, to=[client(olga)])
    assert await deliveries(inbox) == [("support", "olga@x.example", "pending")]


async def test_r41_a_comment_to_the_client_ends_to_answer_and_a_note_does_not(
    inbox: Inbox,
) -> None:
    await inbox.says()
    await inbox.comment(1, "Who knows?", to=[inbox.agent("boris")])
    assert await waiting(inbox)
    await inbox.comment(1, "Yes", to=[client(1)])
    assert not await waiting(inbox)
    await inbox.says("And?")
    assert await waiting(inbox)


async def test_r24_r41_a_failed_delivery_keeps_its_task_among_those_to_answer(
    inbox: Inbox,
) -> None:
    me = inbox.acting("anna")

    async def to_answer() -> list[int]:
        return [row.id for row in (await me.read(read.tasks, "to_answer")).rows]

    later = inbox.clock.now + timedelta(days=1)
    for n, then in enumerate((STAYS, Then(close=True), Then(snooze_until=later)), start=1):
        await inbox.says(user=f"50{n}")
        await inbox.comment(n, to=[client(n)], then=then)
        assert await to_answer() == []
        await inbox.fails(Reason("refused"))
        assert await to_answer() == [n]
        failed = max(row.id for row in await me.read(read.deliveries))
        await me.write(outbox.retry, failed)
        assert await to_answer() == []
        await inbox.fails(Reason("refused"), unknown=True)
        assert await to_answer() == [n]
        await me.write(outbox.mark_sent if n == 1 else outbox.dismiss, failed)
        assert await to_answer() == []


async def test_the_client_wrote_meanwhile_keeps_the_comment_back(inbox: Inbox) -> None:
    first = await inbox.says()
    second = await inbox.says("Forget it")
    with pytest.raises(ClientWrote) as refused:
        await inbox.comment(1, to=[client(1)], seen=first)
    assert refused.value.comment_ids == (second,)
    await inbox.comment(1, to=[client(1)], seen=second)
    await inbox.comment(1, to=[client(1)], seen=first, force=True)
    # What a colleague answered is news to whoever asks for one answer; an own answer is not.
    await inbox.comment(1, "A note", by="boris", seen=second)
    await inbox.comment(1, to=[client(1)], seen=second, one_answer=True)
    answer = await inbox.comment(1, to=[client(1)], by="boris", seen=second)
    with pytest.raises(SaidMeanwhile, match="answered meanwhile") as held:
        await inbox.comment(1, to=[client(1)], seen=second, one_answer=True)
    assert held.value.comment_ids == (answer.comment_id,)


async def test_the_same_client_key_is_one_comment(inbox: Inbox) -> None:
    await inbox.says()
    first = await inbox.comment(1, to=[client(1)], client_key="k")
    second = await inbox.comment(1, to=[client(1)], client_key="k")
    assert first.comment_id == second.comment_id
    assert len(await deliveries(inbox)) == 1


async def test_refused_leaves_nothing_behind(inbox: Inbox) -> None:
    await inbox.says()
    with pytest.raises(UsageError):
        await inbox.comment(1, "  \n ", to=[client(1)])
    async with inbox.store.read() as uow:
        n = await uow.connection.scalar(select(func.count()).select_from(t.comment))
    assert n == 1
