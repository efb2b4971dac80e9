"""Agents by e-mail (R22): notices leave by the outbox, only a proven answer reaches a client."""

import itertools
from typing import Any

import pytest
from sqlalchemy import func, select, update

from pfinbox.daemon.outbound.sender import Sender
from pfinbox.domain.actor import AgentActor
from pfinbox.domain.contract.channel import PermanentFailure
from pfinbox.domain.contract.incoming import Incoming, Message, Sort
from pfinbox.domain.contract.outgoing import Outgoing
from pfinbox.domain.contract.party import Party
from pfinbox.domain.contract.reason import Reason
from pfinbox.domain.leasing import Process
from pfinbox.domain.model import Who
from pfinbox.domain.notices.answers import VALID_FOR
from pfinbox.domain.notices.notices import TOLD_AN_HOUR
from pfinbox.errors import Refused, UsageError
from pfinbox.services.comments import forwarding
from pfinbox.services.comments.forwarding import ForwardRequest
from pfinbox.services.outbound import outbox, undo_send
from pfinbox.services.people import agents, contacts, portal_view
from pfinbox.services.system import absence, leases
from pfinbox.store import read
from pfinbox.store import tables as t
from pfinbox.store.rows import CommentRow
from pfinbox.store.uow import Store
from tests.builders import Inbox, a_file, chat_account, client, mail_account
from tests.daemon.scripted import ScriptedChannel
from tests.services.doing import change, merge, the_task, unmerge

_numbers = itertools.count(1000)
ANNA, BORIS = "anna@ours.example", "boris@ours.example"


class House(Inbox):
    """An inbox whose agents read their mail; ``letters`` are what left, in its order."""

    sender: Sender
    channel: ScriptedChannel

    async def open(self) -> None:
        for login in ("anna", "boris"):
            await self.set_agent(login, email=f"{login.title()}@Ours.example", notices="mail")
        lease = await self.store.run(lambda uow: leases.start(uow, Process("here", 1)))
        await self.store.run(lambda uow: leases.acquire(uow, lease))
        self.channel = ScriptedChannel()
        self.sender = Sender(
            self.store, lease, dict.fromkeys(self.account_ids.values(), self.channel)
        )

    async def set_agent(self, login: str, **values: Any) -> None:
        me = self.agent_ids["anna"]
        await self.store.run(lambda uow: agents.set_(uow, AgentActor(me), login, **values))

    async def post(self) -> list[Outgoing]:
        """Everything that leaves now."""
        before = len(self.channel.sent)
        await self.sender.run_once()
        # Several leave abreast.
        return sorted(self.channel.sent[before:], key=lambda part: part.to[0].value)

    async def notice(self, address: str = ANNA) -> Outgoing:
        """The one mail to this agent among everything that leaves now."""
        (found,) = [part for part in await self.post() if part.to[0].value == address]
        return found

    async def answer(self, notice: Outgoing, text: str = "On its way.", **values: Any) -> str:
        """The agent answers a notice by mail, as far as ``values`` do not spoil it; the state."""
        n = next(_numbers)
        self.clock.advance(seconds=1)
        message = Message(
            **{
                "source_id": f"<{n}@ours.example>",
                "chat_key": None,
                "sender": notice.to[0],
                "sent_at": self.clock.now,
                "text": text + "\n\n> " + notice.text.replace("\n", "\n> "),
                "tokens": (notice.answer_token,) if notice.answer_token else (),
                "references": (notice.source_id or "",),
                "verified": True,
                **values,
            }
        )
        await self.receive(
            "support", Incoming(key=f"INBOX:1:{n}", raw=text.encode(), event=message)
        )
        async with self.store.read() as uow:
            receipts = await uow.connection.execute(
                select(t.receipt.c.state).order_by(t.receipt.c.id.desc()).limit(1)
            )
            return str(receipts.scalar_one())

    async def comments(self, task_id: int = 1) -> tuple[CommentRow, ...]:
        async with self.store.read() as uow:
            found = await read.conversation(uow, self.actor("anna"), task_id)
        return found.comments

    async def newest_task(self) -> int:
        """Its number; PostgreSQL leaves some out, as a transaction that starts again takes more."""
        async with self.store.read() as uow:
            return int(await uow.connection.scalar(select(func.max(t.task.c.id))) or 0)

    async def last(self, task_id: int = 1) -> CommentRow:
        return (await self.comments(task_id))[-1]


async def a_house(where: Store, *setups: Any) -> House:
    made = await House.make(where, *setups)
    assert isinstance(made, House)
    await made.open()
    return made


@pytest.fixture
async def house(inbox: Inbox) -> House:
    made = House(inbox.store, inbox.clock)
    made.account_ids, made.agent_ids = inbox.account_ids, inbox.agent_ids
    await made.open()
    return made


async def told(house: House) -> str:
    """Nothing went to anybody but one mail to Anna, which says why."""
    (mail,) = await house.post()
    assert [party.value for party in mail.to] == [ANNA]
    assert (mail.subject or "").startswith("Not sent: #1")
    note = await house.last()
    assert (note.internal, note.deliveries[0].recipient.kind) == (True, "agent")
    assert not note.notified
    (warning,) = note.warnings
    assert warning.sentence() in mail.text
    return warning.kind


async def test_r22_a_client_s_message_goes_to_the_agents_and_the_answer_to_the_client(
    house: House,
) -> None:
    await house.says("Where is my order?")
    to_anna, to_boris = await house.post()
    assert [p.value for p in (*to_anna.to, *to_boris.to)] == [ANNA, BORIS]
    assert to_anna.answer_token != to_boris.answer_token
    assert (to_anna.automatic, to_anna.reply_token, to_anna.subject) == (
        *(True, None),
        "#1 Where is my order?",
    )
    assert "it goes to: Maria (client)." in to_anna.text
    assert "Maria · client ·" in to_anna.text
    task = await the_task(house, 1)
    assert task.waiting_since is not None  # a notice is no answer
    assert await house.answer(to_anna, files=(a_file(),)) == "shown"
    said = await house.last()
    assert (said.text, said.author.login, said.internal) == ("On its way.", "anna", False)
    assert (said.verified, said.matched_by) == (True, Reason("answer_notice"))
    assert [file.name for file in said.attachments] == ["photo.png"]
    assert (await the_task(house, 1)).waiting_since is None
    # To the client, where the client wrote; nobody else was notified.
    sent = await house.post()
    assert [(part.chat_key, part.text, part.sender_name) for part in sent] == [
        ("501", "On its way.", "anna")
    ]
    assert sent[0].quote_text == "Where is my order?"
    # Boris' own notice goes on working, and his answer stands beside Anna's.
    assert await house.answer(to_boris, "Tomorrow.") == "shown"
    assert [c.text for c in await house.comments()][1:] == ["On its way.", "Tomorrow."]


async def test_r22_a_notice_is_in_the_language_and_zone_of_its_agent(house: House) -> None:
    """As their own inbox was when they opened it; whoever sends it goes on in another."""

    async def remember(login: str, **values: str | None) -> None:
        agent_id = house.agent_ids[login]
        await house.store.run(lambda uow: agents.remember(uow, AgentActor(agent_id), **values))

    await remember("anna", language="ru", timezone="Asia/Tokyo")
    await remember("anna", language=None, timezone=None)  # not known is not forgotten
    await house.says("Where is my order?")
    to_anna, to_boris = await house.post()
    assert "его получат: Maria (клиент)." in to_anna.text
    assert "JST" in to_anna.text
    assert "it goes to: Maria (client)." in to_boris.text
    assert "UTC" in to_boris.text


async def test_r22_an_answer_goes_to_everyone_whom_the_notice_went_to(house: House) -> None:
    await house.says()
    await house.post()
    await house.comment(1, "Hello Maria", by="boris", to=[client(1), house.agent("anna")])
    sent = await house.post()
    (notice,) = [part for part in sent if part.to[0].value == ANNA]
    assert len(sent) == 2  # not to Boris himself
    assert "it goes to: boris, Maria (client)." in notice.text
    assert "boris · to Maria ·" in notice.text
    assert notice.sender_name == "boris"
    await house.answer(notice, "And from me")
    assert {p.name for p in (await house.last()).notified} == {"boris", "Maria"}
    # Talk among colleagues stays among them.
    await house.comment(1, "He owes us a lot of money", by="boris", to=[house.agent("anna")])
    notice = await house.notice()
    assert "boris · internal ·" in notice.text
    assert "it goes to: boris." in notice.text
    assert await house.answer(notice, "I know that") == "shown"
    last = await house.last()
    assert (last.internal, [p.name for p in last.notified], last.verified) == (
        *(True, ["boris"]),
        True,
    )
    (again,) = await house.post()
    assert again.to[0].value == BORIS
    # Threads for mail programs: by earlier notices to the same agent.
    assert len(again.references) >= 1


SPOILED: tuple[tuple[str, dict[str, Any]], ...] = (
    ("answer_unproven", {"verified": False}),
    ("answer_unprovable", {"verified": None}),
    ("answer_from_another", {"sender": Party("eve@evil.example", "Anna")}),
    ("answer_from_another", {"sender": Party(BORIS)}),
    ("answer_unaddressed", {"tokens": ()}),
    ("answer_empty", {"new_text": ""}),
)


async def test_r22_anything_less_becomes_an_unverified_note_and_the_agent_is_told(
    house: House,
) -> None:
    await house.says()
    notice = await house.notice()
    for why, spoiled in SPOILED:
        house.clock.advance(hours=1)
        assert await house.answer(notice, **spoiled) == "shown"
        note = await house.last()
        # An empty one was proven, but there is nothing to send.
        assert (note.internal, note.verified) == (True, why == "answer_empty")
        assert note.author.login == (None if "sender" in spoiled else "anna")
        assert await told(house) == why
    assert (await the_task(house, 1)).waiting_since is not None
    assert not any(part.chat_key for part in house.channel.sent)


async def test_r22_a_client_s_answer_to_a_forwarded_notice_is_the_client_s_own(
    house: House,
) -> None:
    """Never an agent's word, and no note: Anna passed the notice on, and Maria wrote back."""
    await house.mails("Where is my order?", subject="Order")
    notice = await house.notice()
    maria = Party("Maria@client.example", "Maria")
    await house.comment(1, "One moment", to=[client(1)])
    await house.answer(notice, "It came, thank you", sender=maria)
    said = await house.last()
    assert (said.direction, said.author.name, said.internal) == ("incoming", "Maria", False)
    assert (await the_task(house, 1)).waiting_since is not None
    # With no thread of theirs there it is a conversation of its own that says where it belongs.
    await house.says("In the chat", user="777", name="Olga")
    olga = await the_task(house, 2)
    await house.store.run(
        lambda uow: contacts.set_(
            uow,
            AgentActor(house.agent_ids["anna"]),
            olga.contact_id or 0,
            add_addresses=(("email", "olga@client.example"),),
        )
    )
    # What goes to several chats leaves side by side, in any order.
    (of_olga,) = [
        part
        for part in await house.post()
        if part.to[0].value == ANNA and "In the chat" in part.text
    ]
    await house.answer(of_olga, "By mail", sender=Party("olga@client.example"))
    newest = await house.newest_task()
    (alone,) = await house.comments(newest)
    assert newest > 2
    assert (alone.direction, alone.author.name) == ("incoming", "Olga")
    assert [one.kind for one in alone.warnings] == ["perhaps_belongs"]
    # A stranger's, whoever it says it is, is a note under no agent's name.
    await house.answer(notice, "I am Anna", sender=Party("eve@evil.example", "Anna"))
    note = await house.last()
    assert (note.author.kind, note.author.name) == ("contact", "eve@evil.example")
    assert (note.internal, note.verified) == (True, False)


async def test_r22_an_address_expires_and_is_revoked(house: House) -> None:
    await house.says()
    (notice, _boris) = await house.post()
    house.clock.advance(days=VALID_FOR.days)
    await house.answer(notice)
    assert await told(house) == "answer_expired"
    # The mail that says so can be answered.
    fresh = house.channel.sent[-1]
    assert "it goes to: Maria (client)." in fresh.text
    await house.answer(fresh, "Now then")
    assert (await house.last()).text == "Now then"
    await house.post()
    me = house.agent_ids["anna"]
    await house.set_agent("boris", admin=True)
    boris = house.agent_ids["boris"]
    await house.says("Once more")
    notice = await house.notice()
    await house.store.run(lambda uow: absence.deactivate(uow, AgentActor(boris), "anna", None))
    await house.answer(notice, "From a leaver")
    note = await house.last()
    assert (note.internal, note.verified, note.warnings[0].kind) == (True, False, "answer_revoked")
    # Not even after a comeback.
    house.clock.advance(minutes=2)
    await house.store.run(lambda uow: agents.set_(uow, AgentActor(boris), "anna", active=True))
    await house.answer(notice, "Back again")
    assert (await house.last()).warnings[0].kind == "answer_revoked"
    assert me == house.agent_ids["anna"]


async def test_r4_r22_the_answer_to_a_finished_task_names_the_chats_open_one(house: House) -> None:
    await house.says("Where is my order?")
    (notice, _boris) = await house.post()
    await change(house, 1, status="done")
    await house.says("Something else")
    await house.post()
    await house.answer(notice, "We send another one")
    assert await told(house) == "goes_on_in"
    assert "#2" in house.channel.sent[-1].text
    assert not [part for part in house.channel.sent if part.chat_key == "501"]


async def test_r22_the_client_wrote_meanwhile_so_the_answer_waits_for_its_author(
    house: House,
) -> None:
    """It might be wrong by now: kept as a note, told with the news, and one answer sends it."""
    await house.says("Where is my order?")
    (notice, _boris) = await house.post()
    await house.says("Forget it, I found it")
    await house.post()
    await house.answer(notice, "We send another one")
    assert await told(house) == "client_wrote"
    assert (await house.last()).verified is True
    mail = house.channel.sent[-1]
    assert "Forget it, I found it" in mail.text
    assert "You wrote:\nWe send another one" in mail.text
    await house.answer(mail, "Good!")
    (sent,) = await house.post()
    assert (sent.chat_key, sent.text) == ("501", "Good!")


async def test_r22_internal_words_in_a_quotation_keep_an_answer_back(house: House) -> None:
    await house.says("Where is my order?")
    await house.comment(1, "He owes us a lot of money", by="boris")
    await house.post()
    await house.says("Hello?")
    notice = await house.notice()
    text = "See below\n> He owes us a lot of money\nnot true"
    await house.answer(notice, text=text, new_text=text)
    assert (await house.last()).warnings[0].kind == "answer_quotes"
    await house.post()
    assert not any(part.chat_key for part in house.channel.sent)


async def test_r22_a_program_s_answer_is_only_recorded(house: House) -> None:
    """An absence note neither reaches a client nor makes a mail: that would be a loop."""
    await house.says()
    (notice, _boris) = await house.post()
    for sort in (Sort.AUTOMATIC, Sort.BOUNCE):
        assert await house.answer(notice, sort=sort) == "ignored"
        assert await house.answer(notice, sort=sort, tokens=()) == "ignored"
    # A copy in the Sent folder of the agent's own account.
    assert await house.answer(notice, sent_elsewhere=True) == "ignored"
    assert len(await house.comments()) == 1
    assert await house.post() == []


async def test_r22_being_told_has_a_limit(house: House) -> None:
    await house.says()
    (notice, _boris) = await house.post()
    for n in range(TOLD_AN_HOUR + 3):
        await house.answer(notice, f"Try {n}", verified=False)
    assert len(await house.post()) == TOLD_AN_HOUR
    assert len(await house.comments()) == TOLD_AN_HOUR + 4  # all are kept
    house.clock.advance(hours=1)
    await house.answer(notice, "Later", verified=False)
    assert len(await house.post()) == 1


async def test_r12_the_same_answer_twice_is_one_comment(own_store: Store) -> None:
    house = await a_house(own_store, mail_account(), mail_account("sales"), chat_account())
    await house.says()
    notice = (await house.post())[0]
    await house.answer(notice, source_id="<same@ours.example>", sent_at=house.clock.now)
    for account, key in (("support", "INBOX:1:7"), ("sales", "INBOX:1:8")):
        message = Message(
            source_id="<same@ours.example>",
            chat_key=None,
            sender=Party(ANNA),
            sent_at=house.clock.now,
            text="On its way.\n\n> " + notice.text.replace("\n", "\n> "),
            tokens=(notice.answer_token or "",),
            verified=True,
        )
        done = await house.receive(account, Incoming(key=key, raw=b"x", event=message))
        assert done.duplicates == 1
    assert len(await house.comments()) == 2
    await house.store.close()


async def test_r22_r33_an_answer_follows_its_task_through_merges(house: House) -> None:
    await house.says(user="1", name="Jan")
    await house.post()
    await house.says(user="2", name="Maria")
    notice = await house.notice()
    await merge(house, 1, 2, force=True)
    await house.answer(notice, "To Maria")
    assert (await house.last(1)).text == "To Maria"
    (sent,) = await house.post()
    assert sent.chat_key == "2"
    await unmerge(house, 2)
    assert [c.text for c in await house.comments(2)] == ["Hello", "To Maria"]


async def test_r22_an_account_may_keep_contacts_out(own_store: Store) -> None:
    house = await a_house(own_store, mail_account(), chat_account(contact_notices_by_mail=False))
    await house.says()
    notice = (await house.post())[0]
    assert "it goes into the task" in notice.text
    await house.answer(notice)
    said = await house.last()
    assert (said.internal, said.author.login, said.text, said.warnings) == (
        *(True, "anna", "On its way."),
        (),
    )
    assert await house.post() == []
    await house.store.close()


async def test_r22_who_gets_a_notice_and_who_does_not(own_store: Store) -> None:
    """R10: nobody who may not see the task; nor the author, the absent, the deactivated, spam."""
    own = mail_account("anna", role="personal", owner="anna")
    house = await a_house(own_store, mail_account(), own, chat_account(agents=("boris",)))
    await house.mails("For Anna alone", account="anna")
    assert [part.to[0].value for part in await house.post()] == [ANNA]
    # Robots, spam and history are no news.
    await house.mails("Away", sort=Sort.AUTOMATIC)
    await house.mails("Buy!", spam=True)
    assert await house.post() == []
    me = house.agent_ids["anna"]
    later = house.clock.now.replace(year=2027)
    await house.store.run(lambda uow: absence.away(uow, AgentActor(me), "boris", later))
    await house.mails("Anybody?")
    assert [part.to[0].value for part in await house.post()] == [ANNA]
    # Shared, and no longer before the mail left: nothing leaves.
    await house.comment(1, "Look", to=[])
    await house.set_agent("anna", notices="off")
    await house.mails("Still anybody?")
    assert await house.post() == []
    await house.store.close()


async def test_r18_a_notice_leaves_with_its_comment_or_not_at_all(house: House) -> None:
    await house.says()
    await house.post()
    both: list[Who] = [client(1), house.agent("boris")]
    saved = await house.comment(1, "Soon", to=both, undo_seconds=10)
    assert await house.post() == []
    me = house.agent_ids["anna"]
    draft = await house.store.run(
        lambda uow: undo_send.take_back(uow, AgentActor(me), saved.comment_id)
    )
    assert draft.text == "Soon"
    house.clock.advance(seconds=20)
    assert await house.post() == []
    saved = await house.comment(1, "At last", to=both, undo_seconds=10)
    house.clock.advance(seconds=20)
    assert {part.to[0].value for part in await house.post()} == {"501", BORIS}
    # What colleagues get by mail tells nothing of what the client has.
    async with house.store.read() as uow:
        looks = await portal_view.portal_view(uow, AgentActor(me), 1)
    assert [look.comment_id for look in looks if look.shown] == [1, saved.comment_id]


async def test_r22_an_answer_to_what_was_taken_back_reaches_no_client(house: House) -> None:
    """The client's account was down, and the colleague had been told of it."""
    await house.says()
    await house.post()
    both: list[Who] = [client(1), house.agent("anna")]
    saved = await house.comment(1, "Soon", by="boris", to=both)
    notice = await house.notice()
    ours = t.delivery.c.comment_id == saved.comment_id
    async with house.store.write() as uow:
        pending = update(t.delivery).where(ours, t.delivery.c.notice.is_(None))
        await uow.connection.execute(pending.values(state="pending"))
        own = update(t.part).where(t.part.c.comment_id == saved.comment_id)
        await uow.connection.execute(
            own.where(t.part.c.chat_id.is_not(None)).values(state="pending")
        )
        await uow.commit()
    boris = AgentActor(house.agent_ids["boris"])
    await house.store.run(lambda uow: undo_send.take_back(uow, boris, saved.comment_id))
    await house.answer(notice, "Yes, tomorrow")
    assert await told(house) == "answer_to_nothing"


async def test_r45_an_answer_to_a_reader_outside_never_goes_to_the_client(house: House) -> None:
    asked = await house.mails("Where is my order?")
    me = house.agent_ids["anna"]
    request = ForwardRequest(1, ("pal@partner.example",), (asked,), "Please look")
    await house.store.run(lambda uow: forwarding.forward(uow, AgentActor(me), request))
    (passed_on,) = [part for part in await house.post() if not part.automatic]
    token = passed_on.reply_token or ""
    await house.mails("I looked", sender="pal@partner.example", name="Pal", tokens=(token,))
    notice = await house.notice()
    assert "it goes to: pal@partner.example (contact)." in notice.text
    assert "pal@partner.example · somebody outside ·" in notice.text
    await house.answer(notice, "Thanks")
    sent = [part for part in await house.post() if not part.automatic]
    assert [[party.value for party in part.to] for part in sent] == [["pal@partner.example"]]
    assert (await the_task(house, 1)).waiting_since is not None


async def test_r24_a_notice_that_fails_shows_and_disturbs_nothing(house: House) -> None:
    await house.says()
    await change(house, 1, status="done")
    await house.post()
    await house.comment(1, "Look", to=[house.agent("boris")])
    gone = Reason("address_unknown", {"detail": "550 5.1.1"})
    house.channel.outcomes = [("before", PermanentFailure(gone))]
    assert await house.post() == []
    (delivery,) = (await house.last()).deliveries
    assert (delivery.state, delivery.error, delivery.recipient.login) == ("failed", gone, "boris")
    task = await the_task(house, 1)
    assert (task.active, task.status) == (False, "done")
    me = house.agent_ids["anna"]
    await house.store.run(lambda uow: outbox.retry(uow, AgentActor(me), delivery.id))
    assert [part.to[0].value for part in await house.post()] == [BORIS]


async def test_r22_notices_need_an_address(inbox: Inbox) -> None:
    me = inbox.agent_ids["anna"]
    with pytest.raises(Refused, match="no e-mail address"):
        await inbox.store.run(lambda uow: agents.set_(uow, AgentActor(me), "anna", notices="mail"))
    for wrong in ("anna", "a@b\nBcc: c@d", "a b@c.de"):
        with pytest.raises(UsageError):
            await inbox.acting("anna").write(agents.set_, "anna", email=wrong)
