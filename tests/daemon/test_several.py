"""One mail to several through a real SMTP server, and what comes back of it (R45), both databases.

Only IMAP is left out: what "arrives" is read by the account's own reader.
"""

from collections.abc import AsyncIterator, Callable, Collection
from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import pytest
from sqlalchemy import select

from pfinbox.channels.mail import SPEC
from pfinbox.channels.mail.account import MailAccount
from pfinbox.cli.show import present
from pfinbox.daemon.outbound.sender import Sender
from pfinbox.domain.actor import AgentActor
from pfinbox.domain.contract.channel import AccountContext
from pfinbox.domain.contract.settings import Secret, check
from pfinbox.domain.leasing import Process
from pfinbox.domain.model import Notify
from pfinbox.domain.recipients.original import QuoteUnseen
from pfinbox.domain.tasks.change import TaskChange
from pfinbox.errors import Refused, UsageError
from pfinbox.services.comments import bulk, forwarding, planning
from pfinbox.services.comments.comments import ClientWrote
from pfinbox.services.comments.forwarding import ForwardRequest
from pfinbox.services.merging import merging, unmerging
from pfinbox.services.outbound import outbox
from pfinbox.services.system import leases
from pfinbox.services.tasks import tasks
from pfinbox.store import read, snapshots
from pfinbox.store import tables as t
from pfinbox.store.rows import CommentRow, Conversation
from tests.builders import Inbox, a_file, client
from tests.servers.smtp import SmtpServer

OURS = "support@ours.example"


class Post:
    """The inbox with one e-mail account on a real SMTP server."""

    def __init__(self, inbox: Inbox, account: MailAccount, sender: Sender, server: SmtpServer):
        self.inbox, self.account, self.sender, self.server = inbox, account, sender, server
        self._uid = 0

    async def arrives(self, text: str, **fields: str) -> int:
        """A mail as another program would write it; returns the comment's id."""
        self._uid += 1
        self.inbox.clock.advance(seconds=1)
        mail = EmailMessage(policy=policy.SMTP)
        mail["Message-ID"] = f"<{self._uid}@client.example>"
        given = {"From": "Maria <maria@client.example>", "To": OURS, "Subject": "Order"} | fields
        for name, value in given.items():
            mail[name.replace("_", "-")] = value
        mail.set_content(text)
        incoming = self.account.parse(f"INBOX:1:{self._uid}", mail.as_bytes())
        done = await self.inbox.receive("support", incoming)
        assert len(done.comment_ids) == 1, done
        return int(done.comment_ids[0])

    async def comes_back(self, address: str, source_id: str) -> None:
        """A delivery report (RFC 3464) about one recipient of a mail of ours."""
        report = (
            "From: MAILER-DAEMON@mx.example\r\nMessage-ID: <dsn@mx.example>\r\nSubject: no\r\n"
            'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n'
            "--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx\r\n\r\n"
            f"Final-Recipient: rfc822; {address}\r\nAction: failed\r\nStatus: 5.2.2\r\n\r\n"
            f"--b\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: {source_id}\r\n\r\n"
            "--b--\r\n"
        )
        incoming = self.account.parse("INBOX:1:9999", report.encode())
        assert (await self.inbox.receive("support", incoming)).comment_ids == []

    async def goes(self) -> list[tuple[tuple[str, ...], Any]]:
        """What left now: envelope recipients and the parsed mail."""
        before = len(self.server.taken)
        await self.sender.run_once()
        taken = self.server.taken[before:]
        return [
            (one.recipients, message_from_bytes(one.content, policy=policy.default))
            for one in taken
        ]

    async def shown(self, task_id: int = 1) -> Conversation:
        async with self.inbox.store.read() as uow:
            return await read.conversation(uow, self.inbox.actor("anna"), task_id)

    async def states(self, comment_id: int) -> dict[str, str]:
        async with self.inbox.store.read() as uow:
            row = await read.comment(uow, self.inbox.actor("anna"), comment_id)
        return {one.address: one.state for one in row.deliveries}

    async def everyone(self, comment_id: int, task_id: int = 1) -> Notify:
        anna = self.inbox.agent_ids["anna"]
        async with self.inbox.store.read() as uow:
            return await planning.preselect(
                uow, AgentActor(anna), task_id, answers=comment_id, reply_all=True
            )

    async def forward(self, *to: str, **values: Any) -> int:
        self.inbox.clock.advance(seconds=1)
        request = ForwardRequest(values.pop("task_id", 1), to, **values)
        anna = self.inbox.agent_ids["anna"]
        saved = await self.inbox.store.run(
            lambda uow: forwarding.forward(uow, AgentActor(anna), request)
        )
        return saved.comment_id

    async def do(self, use_case: Callable[..., Any], *arguments: Any, **values: Any) -> Any:
        return await self.inbox.acting("anna").write(use_case, *arguments, **values)


@pytest.fixture
async def post(inbox: Inbox, smtp_server: SmtpServer) -> AsyncIterator[Post]:
    given = {
        "address": OURS,
        "smtp": {"host": smtp_server.host, "port": smtp_server.port, "tls": "none"},
    }
    checked = check(
        given,
        SPEC.settings,
        where="accounts.support",
        source="test",
        secret=lambda v, _w: Secret(str(v)),
    )
    account = SPEC.open(AccountContext("support", checked, b"k" * 32))
    assert isinstance(account, MailAccount)
    lease = await inbox.store.run(lambda uow: leases.start(uow, Process("here", 1)))
    await inbox.store.run(lambda uow: leases.acquire(uow, lease))
    sender = Sender(inbox.store, lease, dict.fromkeys(inbox.account_ids.values(), account))
    yield Post(inbox, account, sender, smtp_server)
    await account.close()


def names(people: Collection[Any]) -> list[str]:
    return [one.name for one in people]


def incoming(shown: Conversation) -> list[CommentRow]:
    return [one for one in shown.comments if one.direction == "incoming"]


async def test_r45_reply_all_is_one_mail_and_each_recipient_is_told_apart(post: Post) -> None:
    post.server.refuse("bob@client.example", "550 5.1.1 no such user")
    post.server.refuse("eve@other.example", "451 4.7.1 greylisted")
    asked = await post.arrives(
        "Where is it?",
        To=f"{OURS}, Bob Jones <bob@client.example>",
        Cc="Support <Support+c9.x@ours.example>, eve@other.example, desk@client.example",
        Reply_To="desk@client.example",
    )
    notify = await post.everyone(asked)
    # No card before somebody writes to them.
    assert (notify.who, names(notify.newcomers)) == ((client(1),), ["Bob Jones", ""])
    anna = post.inbox.agent_ids["anna"]
    async with post.inbox.store.read() as uow:
        plan = await planning.plan(uow, AgentActor(anna), 1, notify, answers=asked)
        assert await uow.connection.scalar(select(t.contact.c.id).offset(1)) is None
    assert [[w.sentence() for w in row.warnings] for row in plan.rows] == [
        [],
        ["new here: Bob Jones <bob@client.example>"],
        ["new here: eve@other.example <eve@other.example>"],
    ]
    saved = await post.inbox.comment(1, "On its way", notify=notify, quote_id=asked)
    assert names((await post.shown()).participants) == ["Bob Jones", "eve@other.example"]

    ((recipients, mail),) = await post.goes()
    # Where she wants to be answered, and only once.
    assert recipients == ("desk@client.example",)
    assert mail["To"] == "Maria <desk@client.example>"
    assert mail["Cc"] == "Bob Jones <bob@client.example>, eve@other.example"
    assert mail["In-Reply-To"] == "<1@client.example>"
    assert mail["References"] == "<1@client.example>"
    assert mail["Subject"] == "Re: Order"
    assert "support+c1." in mail["Reply-To"]
    state = await post.states(saved.comment_id)
    assert state == {
        "desk@client.example": "sent",
        "bob@client.example": "failed",
        "eve@other.example": "pending",
    }
    # Who waits for Eve's server does not wait with her.
    await post.inbox.comment(1, "One more thing", to=[client(1)])
    assert [to for to, _mail in await post.goes()] == [("desk@client.example",)]

    # Each again, alone, as the same mail; the others have it.
    post.server.heal()
    post.inbox.clock.advance(minutes=30)
    row = next(one for one in (await post.shown()).comments if one.id == saved.comment_id)
    bob = next(one for one in row.deliveries if one.address == "bob@client.example")
    await post.do(outbox.retry, bob.id)
    again = await post.goes()
    assert sorted(to for to, _mail in again) == [("bob@client.example",), ("eve@other.example",)]
    for _to, same in again:
        for field in ("Message-ID", "To", "Cc", "In-Reply-To", "Subject", "Date"):
            assert same[field] == mail[field], field
        assert same["References"].split()[0] == "<1@client.example>"
        assert mail["Message-ID"] not in same["References"]
    assert set((await post.states(saved.comment_id)).values()) == {"sent"}

    # What comes back is about Eve alone.
    await post.comes_back("eve@other.example", mail["Message-ID"])
    assert [a for a, s in (await post.states(saved.comment_id)).items() if s == "failed"] == [
        "eve@other.example"
    ]

    # Bob answers to all: the same task, a contact of his own.
    await post.arrives(
        "I am his colleague",
        From="Bob Jones <bob@client.example>",
        To="Maria <maria@client.example>",
        Cc=mail["Reply-To"],
        Subject="Re: Order",
    )
    shown = await post.shown()
    assert names([one.author for one in incoming(shown)]) == ["Maria", "Bob Jones"]
    assert shown.comments[-1].matched_by is not None
    assert shown.comments[-1].matched_by.kind == "reply_address"
    # And answering him alone is an answer to his mail.
    bobs = shown.comments[-1]
    async with post.inbox.store.read() as uow:
        notify = await planning.preselect(uow, AgentActor(anna), 1, answers=bobs.id)
    await post.inbox.comment(1, "Good", notify=notify, quote_id=bobs.id)
    ((recipients, answer),) = await post.goes()
    assert recipients == ("bob@client.example",)
    assert (answer["In-Reply-To"], answer["Subject"]) == ("<2@client.example>", "Re: Order")


async def test_r45_held_withdrawn_and_separate_recipients(post: Post) -> None:
    asked = await post.arrives("Hello", Cc="Bob <bob@client.example>, Eve <eve@other.example>")
    notify = await post.everyone(asked)
    saved = await post.inbox.comment(1, "Hi", notify=notify, quote_id=asked)
    by_address = {
        one.address: one.id
        for one in next(
            c for c in (await post.shown()).comments if c.id == saved.comment_id
        ).deliveries
    }
    await post.do(outbox.withdraw, by_address["eve@other.example"])

    async def block(uow: Any, _agent: int, when: Any) -> None:
        bob = t.address.c.value == "bob@client.example"
        await uow.connection.execute(t.address.update().where(bob).values(blocked_at=when))

    await post.do(block, post.inbox.clock.now)
    ((recipients, mail),) = await post.goes()
    # Who does not get it is not named on it.
    assert (recipients, mail["To"], mail["Cc"]) == (
        ("maria@client.example",), "Maria <maria@client.example>", None,
    )  # fmt: skip
    await post.do(block, None)
    await post.do(outbox.send_now, by_address["bob@client.example"])
    ((recipients, later),) = await post.goes()
    assert (recipients, later["Cc"]) == (("bob@client.example",), "Bob <bob@client.example>")
    assert later["Message-ID"] == mail["Message-ID"]
    assert await post.states(saved.comment_id) == {
        "maria@client.example": "sent",
        "bob@client.example": "sent",
        "eve@other.example": "withdrawn",
    }

    each = Notify((client(1), client(2)), separately=True)
    await post.inbox.comment(1, "To each", notify=each)
    mails = dict(await post.goes())
    assert set(mails) == {("maria@client.example",), ("bob@client.example",)}
    assert all(mail["Cc"] is None for mail in mails.values())
    reply_to = {mail["Reply-To"] for mail in mails.values()}
    assert len(reply_to) == 2


async def test_r45_all_turned_away_now_or_for_good(post: Post) -> None:
    asked = await post.arrives("Hello", Cc="Bob <bob@client.example>")
    post.server.refuse("maria@client.example", "451 4.7.1 greylisted")
    post.server.refuse("bob@client.example", "550 5.1.1 no such user")
    saved = await post.inbox.comment(1, notify=await post.everyone(asked), quote_id=asked)
    assert await post.goes() == []
    expected = {"maria@client.example": "pending", "bob@client.example": "failed"}
    assert await post.states(saved.comment_id) == expected
    post.server.heal()
    # Scheduled for both; that another task is merged in is no reason to hold either of them.
    await post.arrives("Another")
    later = post.inbox.clock.now + timedelta(minutes=30)
    both = Notify((client(1), client(2)))
    scheduled = await post.inbox.comment(1, "Tomorrow", notify=both, send_at=later)
    await post.do(merging.merge_tasks, 1, [2])
    post.inbox.clock.advance(minutes=30)
    # Maria reads in the order written, and the second goes to both in one mail.
    left = [(recipients, mail["Cc"]) for recipients, mail in await post.goes()]
    assert [recipients for recipients, _cc in left] == [
        ("maria@client.example",),
        ("maria@client.example", "bob@client.example"),
    ]
    assert {cc for _recipients, cc in left} == {"Bob <bob@client.example>"}
    assert set((await post.states(scheduled.comment_id)).values()) == {"sent"}
    expected["maria@client.example"] = "sent"
    assert await post.states(saved.comment_id) == expected


async def test_r45_a_forward_has_a_thread_of_its_own_and_its_answers_come_back(post: Post) -> None:
    bait = "See [our shop](http://evil.example)\nIt is *broken*"
    first = await post.arrives(bait)
    await post.inbox.comment(1, "He pays late", to=[])
    await post.arrives("My card number", In_Reply_To="<1@client.example>")
    await post.do(tasks.change, (1,), TaskChange(reply_via="bot"))

    saved = await post.forward(
        "Supplier <parts@supplier.example>",
        comment_ids=(first,),
        text="Can you help?",
        attachments=(a_file(),),
    )
    ((recipients, mail),) = await post.goes()
    assert recipients == ("parts@supplier.example",)
    assert (mail["To"], mail["Subject"]) == ("Supplier <parts@supplier.example>", "Fwd: Order")
    assert (mail["In-Reply-To"], mail["References"]) == (None, None)
    parts = {part.get_content_type(): part for part in mail.walk()}
    plain = parts["text/plain"].get_payload(decode=True).decode()
    assert plain.replace("\r\n", "\n").startswith(
        "Can you help?\n\n---------- Forwarded message ----------\n"
        "From: Maria <maria@client.example>\nDate: "
    )
    assert f"Subject: Order\n\n{bait}\n" in plain.replace("\r\n", "\n")
    # Their words are no Markdown of ours.
    assert "<a " not in parts["text/html"].get_payload(decode=True).decode()
    assert parts["image/png"].get_filename() == "photo.png"
    assert "late" not in str(mail)
    assert "card" not in str(mail)

    shown = await post.shown()
    row = next(one for one in shown.comments if one.id == saved)
    assert (row.hidden, row.aside) == (True, True)
    assert (row.quote is not None, names(shown.participants)) == (True, ["Supplier"])
    # The client still waits; the forward is no answer to them.
    assert shown.task.waiting_since == incoming(shown)[0].created_at
    assert shown.task.last_direction == "incoming"

    answer = await post.arrives(
        "42 euros",
        From="Supplier <parts@supplier.example>",
        To=mail["Reply-To"],
        Cc="maria@client.example, Zed <zed@supplier.example>",
        Subject="Re: Fwd: Order",
    )
    shown = await post.shown()
    row = next(one for one in shown.comments if one.id == answer)
    assert (row.author.name, row.hidden, row.aside) == ("Supplier", True, True)
    assert [one.aside for one in shown.comments[:2]] == [False, False]
    anna = post.inbox.agent_ids["anna"]
    async with post.inbox.store.read() as uow:
        alone = await planning.preselect(uow, AgentActor(anna), 1, answers=answer)
    assert alone.who == (client(2),)
    everyone = await post.everyone(answer)
    assert (everyone.who, names(everyone.newcomers)) == ((client(2),), ["Zed"])
    # Chosen together, client and supplier still never share a mail.
    both = Notify((client(1), client(2)), reply_via="own")
    with pytest.raises(QuoteUnseen, match="Maria"):
        await post.inbox.comment(1, "42", notify=both, quote_id=answer)
    await post.inbox.comment(1, "42", notify=both, quote_id=answer, quote_unseen="omit")
    mails = dict(await post.goes())
    assert set(mails) == {("maria@client.example",), ("parts@supplier.example",)}
    to_client = mails["maria@client.example",]
    assert "42 euros" not in str(to_client)
    assert to_client["In-Reply-To"] == "<2@client.example>"
    assert mails["parts@supplier.example",]["In-Reply-To"] == "<3@client.example>"
    assert (await post.shown()).task.waiting_since is None


async def test_r45_r32_the_thread_outside_is_never_the_way_to_the_client(post: Post) -> None:
    await post.arrives("Old", From="Jan <jan@client.example>", Subject="First")
    await post.do(tasks.new, "By hand")
    # A task that nobody wrote in has but the thread with the supplier.
    with pytest.raises(Refused, match="no client wrote in task #2"):
        await post.forward("parts@supplier.example", task_id=2)
    note = await post.inbox.comment(2, "Ask them", to=[])
    with pytest.raises(Refused, match="is internal"):
        await post.forward("parts@supplier.example", task_id=2, comment_ids=(note.comment_id,))
    async with post.inbox.store.read() as uow:
        (old,) = await uow.connection.scalars(
            select(t.comment.c.id).where(t.comment.c.direction == "incoming")
        )
    await post.forward("parts@supplier.example", comment_ids=(old,))
    await post.inbox.says("By messenger", user="501")
    for other in (1, 3):
        await post.do(
            merging.merge_tasks, 2, [other], force=True, reply_via=None if other == 1 else "support"
        )
    async with post.inbox.store.read() as uow:
        task = await snapshots.task(uow, 2)
        assert task.contact_id == 1
        plan = await planning.plan(uow, post.inbox.actor("anna"), 2, Notify((client(1),)))
    assert [(row.address, row.chat_id) for row in plan.rows] == [("jan@client.example", 1)]
    await post.do(unmerging.unmerge_task, 1)
    async with post.inbox.store.read() as uow:
        task = await snapshots.task(uow, 1)
    assert [(chat.outside, chat.contact_id) for chat in task.chats] == [(False, 1), (True, 2)]


async def test_r45_a_forward_goes_to_somebody_outside_or_nothing_is_stored(post: Post) -> None:
    await post.arrives("Hello")

    async def mail_of_boris(uow: Any, _agent: int) -> None:
        boris = t.agent.c.login == "boris"
        await uow.connection.execute(
            t.agent.update().where(boris).values(email="Boris@ours.example")
        )

    await post.do(mail_of_boris)
    cases: list[tuple[str, type[Exception], str]] = [
        ("maria@client.example", Refused, "client's own"),
        ("Support+c1.x@ours.example", Refused, "address of our own"),
        ("boris@ours.example", Refused, "colleague"),
        ("nobody", UsageError, "no e-mail address"),
        ("a@b.c\r\nBcc: x@y.z", UsageError, "cannot be seen"),
    ]
    for to, error, said in cases:
        with pytest.raises(error, match=said):
            await post.forward("parts@supplier.example", to)
    assert len((await post.shown()).comments) == 1
    async with post.inbox.store.read() as uow:
        with pytest.raises(UsageError, match="which comment"):
            await planning.preselect(uow, post.inbox.actor("anna"), 1, reply_all=True)


async def test_r18_only_the_clients_own_words_are_what_the_client_wrote_since(post: Post) -> None:
    """R18, R45: neither a robot's answer nor a supplier's, in the composer, in bulk, when due."""
    await post.arrives("Where is it?")
    await post.forward("parts@supplier.example")
    ((_to, passed_on),) = await post.goes()
    when = post.inbox.clock.now + timedelta(hours=2)
    to_maria: dict[str, Any] = {"to": [client(1)], "send_at": when}
    await post.inbox.comment(1, "Tomorrow", **to_maria)
    (row,) = await post.do(bulk.plan, (1,))
    await post.arrives(
        "I am away", In_Reply_To="<1@client.example>", Auto_Submitted="auto-replied (vacation)"
    )
    await post.arrives(
        "42 euros",
        From="Supplier <parts@supplier.example>",
        To=passed_on["Reply-To"],
        Subject="Re: Fwd: Order",
    )
    assert len((await post.shown()).comments) == 5

    async def bulk_goes() -> bool:
        async with post.inbox.store.read() as uow:
            return (await bulk.check(uow, AgentActor(1), [row], "k"))[0].goes

    async def gone() -> list[str]:
        bodies = [mail.get_body(("plain",)) for _to, mail in await post.goes()]
        return [body.get_content().split()[0] for body in bodies]

    assert await bulk_goes()
    await post.inbox.comment(1, "Composed", seen=row.seen, to=[client(1)])
    assert await gone() == ["Composed"]
    post.inbox.clock.advance(hours=2)
    assert await gone() == ["Tomorrow"]

    to_maria["send_at"] = post.inbox.clock.now + timedelta(hours=2)
    held = await post.inbox.comment(1, "Then", **to_maria)
    await post.inbox.comment(1, "Anyway", send_anyway=True, **to_maria)
    await post.arrives("Forget it", In_Reply_To="<1@client.example>")
    assert not await bulk_goes()
    with pytest.raises(ClientWrote):
        await post.inbox.comment(1, "Composed", seen=row.seen, to=[client(1)])
    post.inbox.clock.advance(hours=2)
    assert await gone() == ["Anyway"]
    (waits,) = [one for one in (await post.shown()).comments if one.id == held.comment_id]
    (delivery,) = waits.deliveries
    assert delivery.error is not None
    assert (delivery.state, delivery.error.kind) == ("held", "client_wrote")

    # Whoever gives it another moment knows what it was held for; what comes later holds it again.
    await post.do(outbox.reschedule, delivery.id, post.inbox.clock.now + timedelta(hours=1))
    await post.arrives("And that too", In_Reply_To="<1@client.example>")
    post.inbox.clock.advance(hours=1)
    assert await gone() == []
    await post.do(outbox.reschedule, delivery.id, post.inbox.clock.now + timedelta(hours=1))
    post.inbox.clock.advance(hours=1)
    assert await gone() == ["Then"]


async def test_r24_what_proves_that_a_mail_was_handed_over(post: Post) -> None:
    """R24: an answer, a bounce of one of several, our own copy; each ends what nobody knew."""
    asked = await post.arrives("Hello", Cc="Bob <bob@client.example>")
    both = await post.everyone(asked)
    post.server.drop("dot")

    async def lost() -> tuple[int, Any]:
        saved = await post.inbox.comment(1, "Hi", notify=both, quote_id=asked)
        ((_recipients, mail),) = await post.goes()
        assert set((await post.states(saved.comment_id)).values()) == {"unknown"}
        return saved.comment_id, mail

    answered, first = await lost()
    # That its sender knows of it proves nothing: our later mails name the earlier ones.
    later = {"In_Reply_To": "<1@client.example>", "References": f"{first['Message-ID']} <x@y>"}
    await post.arrives("Anything new?", **later)
    assert set((await post.states(answered)).values()) == {"unknown"}
    await post.arrives("Thank you", In_Reply_To=first["Message-ID"])
    assert set((await post.states(answered)).values()) == {"sent"}

    bounced, second = await lost()
    await post.comes_back("bob@client.example", second["Message-ID"])
    assert await post.states(bounced) == {
        "maria@client.example": "sent",
        "bob@client.example": "failed",
    }

    copied, third = await lost()
    raw = post.server.taken[-1].content
    post.inbox.clock.advance(seconds=1)
    copy = post.account.parse("INBOX:1:777", raw)
    assert (await post.inbox.receive("support", copy)).comment_ids == []
    assert set((await post.states(copied)).values()) == {"sent"}
    assert third["Message-ID"] != second["Message-ID"]

    # Whom the server turned away before the mail left has it not, whatever came of the rest.
    post.server.refuse("bob@client.example", "550 5.1.1 no such user")
    saved = await post.inbox.comment(1, "Hi", notify=both, quote_id=asked)
    ((recipients, _mail),) = await post.goes()
    assert recipients == ("maria@client.example",)
    assert await post.states(saved.comment_id) == {
        "maria@client.example": "unknown",
        "bob@client.example": "failed",
    }


async def test_r24_what_came_back_is_sent_again_when_somebody_says_so(post: Post) -> None:
    """R24: its part had been sent; it was claimed again, and stayed so for ever."""
    await post.arrives("Hello")
    saved = await post.inbox.comment(1, "Hi", to=[client(1)])
    ((_recipients, mail),) = await post.goes()
    await post.comes_back("maria@client.example", mail["Message-ID"])
    assert await post.states(saved.comment_id) == {"maria@client.example": "failed"}
    await post.do(outbox.retry, 1)
    ((_recipients, again),) = await post.goes()
    assert again["Message-ID"] == mail["Message-ID"]
    assert await post.states(saved.comment_id) == {"maria@client.example": "sent"}


async def test_r24_a_refusal_is_one_attempt_and_its_words_are_harmless(post: Post) -> None:
    """What a server answers is somebody else's text, in JSON and in a terminal."""
    post.server.refuse("maria@client.example", "550 5.1.1 no \x9b31m such\x07 user")
    await post.arrives("Where is it?")
    saved = await post.inbox.comment(1, to=[client(1)])
    assert await post.goes() == []
    shown = [one for one in (await post.shown()).comments if one.id == saved.comment_id]
    (said,) = [present.delivery(one) for one in shown[0].deliveries]
    assert (said["state"], said["attempts"]) == ("failed", 1)
    assert "such" in said["error"]["args"]["detail"]
    assert str(said["error"]["args"]["detail"]).isprintable()
