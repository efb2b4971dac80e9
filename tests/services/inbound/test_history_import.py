"""Imported history is read newest first, and gives the same inbox as in any other order.

``PFINBOX_HYPOTHESIS=long`` runs many more examples than the normal suite.
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import count
from typing import Any

import pytest
from hypothesis import HealthCheck, event, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from pfinbox.domain.actor import SystemActor
from pfinbox.domain.contract.incoming import Incoming, Message, Sort, Unreadable
from pfinbox.domain.contract.party import Party
from pfinbox.domain.contract.reason import Reason
from pfinbox.services.events import awaiting_reply
from pfinbox.services.inbound import receiving
from pfinbox.store import tables as t
from pfinbox.store.uow import UnitOfWork
from tests.builders import Inbox, client
from tests.services.doing import change, the_task

LONG = os.environ.get("PFINBOX_HYPOTHESIS") == "long"
KINDS = ("maria", "maria", "bob", "eve", "robot", "agent", "sent to maria", "sent to bob")
_imports = count()


@dataclass(frozen=True)
class Mail:
    """``answers``: an earlier mail of the same mailbox, by its place in it."""

    kind: str
    answers: int | None


@st.composite
def mailboxes(draw: st.DrawFn) -> tuple[list[Mail], list[int]]:
    """Mails, oldest first, and an order to read them in."""
    mails: list[Mail] = []
    for n in range(draw(st.integers(1, 10 if LONG else 7))):
        answers = draw(st.one_of(st.none(), st.integers(0, n - 1))) if n else None
        kind = draw(st.sampled_from(KINDS))
        # An agent's own mail that answers nothing has no thread yet: whoever reads it first, cannot
        # know what will answer it.
        mails.append(Mail("maria" if kind == "agent" and answers is None else kind, answers))
    return mails, draw(st.permutations(range(len(mails))))


def ancestors(mails: Sequence[Mail], n: int) -> list[int]:
    found = []
    parent = mails[n].answers
    while parent is not None:
        found.append(parent)
        parent = mails[parent].answers
    return found


class Import:
    """One mailbox read in one order, beside others in the same store."""

    def __init__(self, inbox: Inbox, mails: Sequence[Mail], begins: datetime) -> None:
        self.inbox = inbox
        self.mails = mails
        self.begins = begins
        self.name = f"n{next(_imports)}"

    def address(self, who: str) -> str:
        return f"{who}@{self.name}.example"

    def message(self, n: int) -> Message:
        mail = self.mails[n]
        who = mail.kind.removeprefix("sent to ")
        address = "anna@ours.example" if who == "agent" else self.address(who)
        sent = mail.kind.startswith("sent to ")
        return Message(
            source_id=f"<{n}@{self.name}>",
            chat_key=None,
            sender=Party("support@ours.example") if sent else Party(address, who.title()),
            to=(Party(address, who.title()),) if sent else (),
            sent_elsewhere=sent,
            sort=Sort.AUTOMATIC if who == "robot" else Sort.HUMAN,
            sent_at=self.begins + timedelta(hours=n),
            text=f"text{n}",
            answered_text="what they answer" if mail.answers is not None else None,
            title=f"subject{n}",
            references=tuple(f"<{a}@{self.name}>" for a in ancestors(self.mails, n)),
        )

    async def read(self, order: Sequence[int]) -> Any:
        for n in order:
            mail = self.message(n)
            key = f"{self.name}:1:{n}"
            incoming = Incoming(key=key, raw=key.encode(), event=mail, history=True)
            await self.inbox.receive("support", incoming)
        async with self.inbox.store.read() as uow:
            return await self.photograph(uow)

    async def photograph(self, uow: UnitOfWork) -> Any:
        """What there is to see of it, by the places of its mails."""
        ours = t.comment.c.source_id.endswith(f"@{self.name}>")
        rows = (await uow.connection.execute(select(t.comment).where(ours))).all()
        place = {row.id: int(row.source_id[1:].partition("@")[0]) for row in rows}
        tasks: dict[int, list[int]] = {}
        for row in rows:
            tasks.setdefault(row.task_id, []).append(place[row.id])
        first = {task_id: min(places) for task_id, places in tasks.items()}
        names = {
            row.id: row.name
            for row in await uow.connection.execute(select(t.contact.c.id, t.contact.c.name))
        }
        found: dict[str, Any] = {"tasks": [], "comments": {}}
        chats = {}
        for row in await uow.connection.execute(select(t.chat)):
            chats[row.id] = (names[row.contact_id], row.last_incoming_at)
        for task in await uow.connection.execute(select(t.task).where(t.task.c.id.in_(tasks))):
            part = await uow.connection.scalars(
                select(t.participant.c.contact_id).where(t.participant.c.task_id == task.id)
            )
            bound = await uow.connection.scalars(
                select(t.binding.c.chat_id).where(
                    t.binding.c.task_id == task.id, t.binding.c.current
                )
            )
            found["tasks"].append(
                (
                    sorted(tasks[task.id]),
                    task.title,
                    names.get(task.contact_id),
                    sorted(names[one] for one in part),
                    task.created_at - self.begins,
                    first[task.previous_task_id] if task.previous_task_id else None,
                    (task.status, task.active, task.waiting_since),
                    (task.last_activity_at, task.last_line, task.last_direction),
                    [chats[one] for one in bound],
                )
            )
        found["tasks"].sort()
        for row in rows:
            got = await uow.connection.scalars(
                select(t.notify.c.contact_id).where(t.notify.c.comment_id == row.id)
            )
            words = await uow.connection.scalar(
                select(t.search_text.c.folded).where(t.search_text.c.comment_id == row.id)
            )
            found["comments"][place[row.id]] = (
                place.get(row.quote_id),
                row.quote_text,
                [names[one] for one in got],
                sorted((words or "").replace(self.name, "").split()),
            )
        return found


@pytest.fixture
async def shared(inbox: Inbox) -> Inbox:
    async with inbox.store.write() as uow:
        await uow.connection.execute(t.agent.update().values(email="anna@ours.example"))
        await uow.commit()
    return inbox


@pytest.mark.timeout(3600 if LONG else 120)
@settings(
    max_examples=400 if LONG else 5,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@example(drawn=([Mail("robot", None), Mail("robot", 0)], [1, 0]))
@given(mailboxes())
async def test_r5_r8_r19_any_order_gives_the_same_inbox(
    shared: Inbox, drawn: tuple[list[Mail], list[int]]
) -> None:
    mails, order = drawn
    begins = shared.clock.now - timedelta(days=900)
    places = list(range(len(mails)))
    oldest_first = await Import(shared, mails, begins).read(places)
    event(f"{len(oldest_first['tasks'])} tasks of {len(mails)} mails")
    for other in (places[::-1], order):
        found = await Import(shared, mails, begins).read(other)
        for what, expected in oldest_first.items():
            assert found[what] == expected


async def test_r1_a_task_that_somebody_dealt_with_stays_as_they_know_it(shared: Inbox) -> None:
    mails = [Mail("maria", None), Mail("bob", 0), Mail("eve", 1)]
    begins = shared.clock.now - timedelta(days=900)
    mailbox = Import(shared, mails, begins)
    await mailbox.read([2])
    await change(shared, 1, title="Eve's question")
    await mailbox.read([1, 0])
    task = await the_task(shared, 1)
    assert (task.title, task.contact_id) == ("Eve's question", 1)
    assert [who.id for who in task.participants] == [2, 3]


async def test_r41_what_is_imported_into_a_task_in_work_waits_for_nobody(shared: Inbox) -> None:
    mails = [Mail("maria", None), Mail("sent to maria", 0)]
    mailbox = Import(shared, mails, shared.clock.now - timedelta(days=900))
    asked = await shared.mails("New", answers=mailbox.message(1).source_id)
    waits = (await the_task(shared, 1)).waiting_since
    # What was said years ago is neither an answer to it nor a question.
    await mailbox.read([1, 0])
    assert (await the_task(shared, 1)).waiting_since == waits is not None
    await shared.comment(1, to=[client(1)], quote_id=asked)
    # Computed anew from all that was said.
    await shared.store.run(lambda uow: awaiting_reply.refresh(uow, 1))
    assert (await the_task(shared, 1)).waiting_since is None
    async with shared.store.read() as uow:
        row = (await uow.connection.execute(select(t.task.c.last_line))).one()
    assert row.last_line == "Hello back"


async def test_r17_an_answer_goes_where_the_client_writes_today(shared: Inbox) -> None:
    mails = [Mail("maria", None), Mail("sent to maria", 0), Mail("bob", 1), Mail("maria", 2)]
    mailbox = Import(shared, mails, shared.clock.now - timedelta(days=900))
    reply_to = {0: "old@client.example", 1: "all@ours.example", 3: "new@client.example"}

    def with_reply_to(n: int) -> Message:
        asked = Party(reply_to[n]) if n in reply_to else None
        return replace(Import.message(mailbox, n), answer_to=asked)

    mailbox.message = with_reply_to  # type: ignore[method-assign]
    await mailbox.read([2, 3, 1, 0])
    async with shared.store.read() as uow:
        chat = (await uow.connection.execute(select(t.chat))).one()
    assert chat.answer_to == "new@client.example"
    assert chat.last_incoming_at == mailbox.begins + timedelta(hours=3)


async def test_r42_old_spam_takes_over_no_clients_thread(shared: Inbox) -> None:
    mailbox = Import(shared, [Mail("eve", None), Mail("maria", 0)], shared.clock.now)
    await mailbox.read([1])
    spam = replace(mailbox.message(0), spam=True)
    key = f"{mailbox.name}:1:0"
    await shared.receive("support", Incoming(key=key, raw=b"spam", event=spam, history=True))
    task = await the_task(shared, 1)
    assert (task.title, task.contact_id) == ("subject1", 1)


async def test_r6_what_could_not_be_read_at_the_import_is_no_news_when_it_can(
    shared: Inbox,
) -> None:
    mail = Import(shared, [Mail("maria", None)], shared.clock.now - timedelta(days=900)).message(0)
    why = Reason("unreadable", {"detail": "x"})
    unreadable = Unreadable(reason=why, sender=mail.sender, sent_at=mail.sent_at)
    await shared.receive(
        "support", Incoming(key="INBOX:1:5", raw=b"x", event=unreadable, history=True)
    )
    again = Incoming(key="INBOX:1:5", raw=b"x", event=mail)
    await shared.store.run(
        lambda uow: receiving.reprocess(uow, SystemActor("test"), 1, lambda _key, _raw: again)
    )
    async with shared.store.read() as uow:
        rows = await uow.connection.execute(select(t.task).where(t.task.c.deleted_at.is_(None)))
        assert [(row.active, row.waiting_since) for row in rows] == [(False, None)]
