"""Arriving wakes no past, stumbles over nothing purged, opens no second task for a chat."""

from datetime import timedelta
from typing import Any

from sqlalchemy import select

from pfinbox.domain.actor import AgentActor
from pfinbox.domain.contract.incoming import Incoming, Message, Sort
from pfinbox.domain.contract.party import Party
from pfinbox.domain.contract.reason import Reason
from pfinbox.store import tables as t
from pfinbox.store.load import accounts as load_accounts
from pfinbox.store.uow import Store
from tests.builders import Inbox, client, mail_account
from tests.services.doing import a_person_with_two_tasks as two_tasks
from tests.services.doing import change, merge, the_task
from tests.services.inbound.test_arrival import task_of


async def imported(
    inbox: Inbox,
    n: int,
    answers: tuple[str, ...] = (),
    *,
    days_ago: int = 0,
    answer_to: Party | None = None,
) -> int:
    inbox.clock.advance(seconds=1)
    message = Message(
        source_id=f"<old{n}@x>",
        chat_key=None,
        sender=Party("maria@client.example", "Maria"),
        sent_at=inbox.clock.now - timedelta(days=days_ago),
        answer_to=answer_to,
        text=f"Old mail {n}",
        title="Old times",
        references=answers,
    )
    incoming = Incoming(key=f"Old:1:{n}", raw=b"old", event=message, history=True)
    done = await inbox.receive("support", incoming)
    return int(done.comment_ids[0])


async def test_r6_imported_history_stays_done_and_read_through_a_whole_thread(
    inbox: Inbox,
) -> None:
    first = await imported(inbox, 1)
    second = await imported(inbox, 2, ("<old1@x>",))
    assert await task_of(inbox, first) == await task_of(inbox, second)
    task = await the_task(inbox, 1)
    assert (task.active, task.waiting_since) == (False, None)
    # A new mail in the old thread is news all the same.
    await inbox.mails("New", answers="<old2@x>")
    task = await the_task(inbox, 1)
    assert task.active
    assert task.waiting_since is not None


async def test_r34_a_subject_that_names_a_purged_task_is_just_a_subject(inbox: Inbox) -> None:
    await inbox.mails()
    async with inbox.store.write() as uow:
        await uow.connection.execute(t.task.update().values(deleted_at=uow.now, purged_at=uow.now))
        await uow.commit()
    assert await task_of(inbox, await inbox.mails(task_number=1)) == 2


async def test_r4_reopening_beside_a_purged_task_takes_the_chat_back(inbox: Inbox) -> None:
    await inbox.says()
    await change(inbox, 1, status="done")
    await inbox.says("Second")
    async with inbox.store.write() as uow:
        await uow.connection.execute(
            t.task.update().where(t.task.c.id == 2).values(deleted_at=uow.now, purged_at=uow.now)
        )
        await uow.commit()
    await change(inbox, 1, status="open")
    assert await task_of(inbox, await inbox.says("Third")) == 1


async def test_r4_a_mail_reopens_no_task_whose_other_chat_goes_on_elsewhere(inbox: Inbox) -> None:
    await two_tasks(inbox)
    await merge(inbox, 2, 1)
    await change(inbox, 2, status="done")
    assert await task_of(inbox, await inbox.says("By chat, anew")) == 3
    assert await task_of(inbox, await inbox.mails("By mail, still", tokens=("c2",))) == 4
    assert not (await the_task(inbox, 2)).active
    assert (await the_task(inbox, 4)).previous_task_id == 3


async def test_r4_a_failed_delivery_reopens_no_task_whose_chat_goes_on_elsewhere(
    inbox: Inbox,
) -> None:
    await inbox.says()
    await inbox.comment(1, to=[client(1)])
    await change(inbox, 1, status="done")
    await inbox.says("Anew")
    await inbox.fails(Reason("rejected"))
    assert not (await the_task(inbox, 1)).active
    async with inbox.store.read() as uow:
        notices = list(await uow.connection.scalars(select(t.notice.c.agent_id)))
    assert inbox.agent_ids["anna"] in notices


async def test_r24_a_failed_delivery_reopens_the_task_with_its_chat(inbox: Inbox) -> None:
    await inbox.says()
    await inbox.comment(1, to=[client(1)])
    await change(inbox, 1, status="done")
    await inbox.fails(Reason("rejected"))
    assert (await the_task(inbox, 1)).active
    assert await task_of(inbox, await inbox.says("Here")) == 1


async def test_r41_a_withdrawn_answer_leaves_the_client_waiting(inbox: Inbox) -> None:
    from pfinbox.services.outbound import outbox

    await inbox.says()
    since = (await the_task(inbox, 1)).waiting_since
    await inbox.comment(1, to=[client(1)], undo_seconds=10)
    assert (await the_task(inbox, 1)).waiting_since is None
    anna = inbox.agent_ids["anna"]
    await inbox.store.run(lambda uow: outbox.withdraw(uow, AgentActor(anna), 1))
    assert (await the_task(inbox, 1)).waiting_since == since


async def test_r5_a_number_in_the_subject_is_a_hint_where_a_stranger_names_it(
    inbox: Inbox,
) -> None:
    await inbox.mails()
    stranger = await inbox.mails(sender="eve@else.example", name="Eve", task_number=1)
    assert await task_of(inbox, stranger) == 2
    assert await warnings_of(inbox, stranger) == ["perhaps_belongs"]
    hers = await inbox.mails("And this", task_number=1)
    assert await task_of(inbox, hers) == 1
    assert await warnings_of(inbox, hers) == []
    nonsense = await inbox.mails(sender="eve@else.example", name="Eve", task_number=77)
    assert await warnings_of(inbox, nonsense) == []


async def test_r5_subject_and_sender_together_where_the_account_says_so(inbox: Inbox) -> None:
    await inbox.mails(subject="AW: Order 12")
    await inbox.mails(subject="Order 13")
    same = await inbox.mails(subject="Re: order 12", answered_subject="order 12")
    assert await task_of(inbox, same) == 1
    other = await inbox.mails(sender="eve@else.example", name="Eve", answered_subject="order 12")
    assert await task_of(inbox, other) == 3


async def test_r6_history_that_comes_after_its_answer_joins_it_and_stays_silent(
    inbox: Inbox,
) -> None:
    """Years of old mail are read while new mail arrives."""
    new = await inbox.mails("The answer", answers="<old1@x>")
    before = await the_task(inbox, 1)
    old = await imported(inbox, 1)
    assert await task_of(inbox, old) == await task_of(inbox, new) == 1
    after = await the_task(inbox, 1)
    assert after.waiting_since == before.waiting_since


async def test_r5_r12_what_names_a_thread_counts_within_its_account(own_store: Store) -> None:
    """One mail to two of our accounts is two messages, each with a conversation of its own."""
    inbox = await Inbox.make(own_store, mail_account("one"), mail_account("two"))
    asked: dict[str, Any] = {"source_id": "<same@x>", "answers": "<colleague@client.example>"}
    first = await task_of(inbox, await inbox.mails("Both", account="one", **asked))
    second = await task_of(inbox, await inbox.mails("Both", account="two", **asked))
    assert first != second
    named: list[dict[str, Any]] = [
        {"answers": "<same@x>"},
        # Somebody's mail that we never got, but that was named before.
        {"answers": "<colleague@client.example>"},
    ]
    for by in named:
        assert await task_of(inbox, await inbox.mails(account="one", **by)) == first
        assert await task_of(inbox, await inbox.mails(account="two", **by)) == second
    # The signed address and id of the first account's chat mean nothing in the second one.
    signed: list[dict[str, Any]] = [{"tokens": ("c1",)}, {"id_tokens": ("c1",)}]
    for tokens in signed:
        assert await task_of(inbox, await inbox.mails(account="one", **tokens)) == first
        assert await task_of(inbox, await inbox.mails(account="two", **tokens)) not in (first, 0)
    await inbox.store.close()


async def test_r43_a_mail_of_our_own_that_comes_back_is_recorded_and_shown_nowhere(
    inbox: Inbox,
) -> None:
    looped = Message(
        source_id="<o@x>",
        chat_key=None,
        sender=Party("support@ours.example"),
        sent_at=inbox.clock.now,
        text="Loop",
        sort=Sort.OWN_LOOP,
    )
    done = await inbox.receive("support", Incoming(key="INBOX:1:9", raw=b"x", event=looped))
    assert done.comment_ids == []
    async with inbox.store.read() as uow:
        row = (await uow.connection.execute(select(t.receipt.c.state, t.receipt.c.reason))).one()
    assert (row.state, row.reason["kind"]) == ("ignored", "own_loop")


async def test_r8_history_stands_before_what_came_while_it_was_imported(inbox: Inbox) -> None:
    """Oldest first, and the new one links to the last that is known: the past goes between."""
    await imported(inbox, 1, days_ago=900)
    await inbox.mails("New")
    await inbox.mails("Newer")
    for n, days_ago in ((2, 500), (3, 100)):
        await imported(inbox, n, days_ago=days_ago)
    await inbox.mails("Newest")
    async with inbox.store.read() as uow:
        rows = await uow.connection.execute(
            select(t.task.c.id, t.task.c.previous_task_id).order_by(t.task.c.id)
        )
        assert {row.id: row.previous_task_id for row in rows} == {
            1: None,
            4: 1,
            5: 4,
            2: 5,
            3: 2,
            6: 3,
        }


async def test_r17_what_was_imported_changes_nothing_of_how_the_client_writes_today(
    inbox: Inbox,
) -> None:
    desk = Party("desk@client.example", "Desk")
    await inbox.mails("The answer", answers="<old1@x>", answer_to=desk)
    await imported(inbox, 1, days_ago=900, answer_to=Party("old@client.example"))
    async with inbox.store.read() as uow:
        chat = (await uow.connection.execute(select(t.chat))).one()
        assert chat.answer_to == "desk@client.example"
        assert chat.last_incoming_at > inbox.clock.now - timedelta(days=1)


async def warnings_of(inbox: Inbox, comment_id: int) -> list[str]:
    async with inbox.store.read() as uow:
        found = await uow.connection.scalar(
            select(t.comment.c.warnings).where(t.comment.c.id == comment_id)
        )
    return [one["kind"] for one in found or ()]


async def test_r12_the_keys_that_a_sweep_compares_with(inbox: Inbox) -> None:
    await imported(inbox, 12)
    await imported(inbox, 2)
    async with inbox.store.read() as uow:
        account_id = await uow.connection.scalar(
            select(t.account.c.id).where(t.account.c.name == "support")
        )
        found = await load_accounts.receipt_keys(uow, int(account_id or 0), "Old:1:")
        assert found == {"Old:1:12", "Old:1:2"}
        assert await load_accounts.receipt_keys(uow, int(account_id or 0), "O_d:1:") == set()
        assert await load_accounts.receipt_keys(uow, 99, "Old:1:") == set()
