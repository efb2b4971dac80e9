"""What a visitor of a website chat has not seen follows by e-mail, once (R15, R16, R23)."""

from dataclasses import replace
from typing import Any

from sqlalchemy import select

from pfinbox.channels.webchat import SPEC
from pfinbox.daemon.chores.follower import Follower
from pfinbox.daemon.outbound.sender import Sender
from pfinbox.domain.actor import SystemActor
from pfinbox.domain.contract.incoming import Incoming, Introduction
from pfinbox.domain.contract.reason import Reason
from pfinbox.domain.model import Notify
from pfinbox.domain.people.account_setup import AccountSetup
from pfinbox.services.chat import reading, seeing
from pfinbox.services.chat.reading import Visited
from pfinbox.services.comments import corrections, planning
from pfinbox.services.outbound import restore_guard
from pfinbox.services.people import agents
from pfinbox.services.privacy import erasing
from pfinbox.services.tasks import tasks
from pfinbox.store import tables as t
from tests.builders import Inbox, a_file, client, mail_account
from tests.daemon.scripted import ScriptedChannel
from tests.daemon.test_sender import a_lease

VISITOR = "visitor:7"
HERE = Visited("chat", VISITOR)


def chat() -> AccountSetup:
    limits = replace(SPEC.limits, mail_after=600)
    return AccountSetup("chat", SPEC.name, "chat", SPEC.capabilities, limits, sign=SPEC.sign)


async def a_visitor(inbox: Inbox, email: str = "Maria@Client.example") -> None:
    """Writes, and says then who they are."""
    await inbox.configure(mail_account(), chat())
    await inbox.says("In stock?", account="chat", user=VISITOR, name="Visitor 7")
    who = Introduction(
        chat_key=VISITOR, name="Maria", instead_of="Visitor 7", email=email, at=inbox.clock.now
    )
    await inbox.receive("chat", Incoming(key="who", raw=b"who", event=who))


class Daemon:
    """Sends by both accounts, and lets follow what is due."""

    def __init__(self, inbox: Inbox) -> None:
        self.inbox, self.chat, self.mail = inbox, ScriptedChannel(), ScriptedChannel()

    async def work(self) -> None:
        ids = self.inbox.account_ids
        channels = {ids["chat"]: self.chat, ids["support"]: self.mail}
        lease = await a_lease(self.inbox, dead=True)
        await Sender(self.inbox.store, lease, channels).run_once()
        await Follower(self.inbox.store, lease, channels).run_once()
        await Sender(self.inbox.store, lease, channels).run_once()

    @property
    def mailed(self) -> list[tuple[str, str]]:
        return [(one.to[0].value, one.text) for one in self.mail.sent]


async def contacts(inbox: Inbox) -> list[Any]:
    async with inbox.store.read() as uow:
        query = select(t.contact.c.name, t.address.c.value).outerjoin(t.address)
        return list(await uow.connection.execute(query.order_by(t.address.c.id)))


async def test_r16_what_was_not_seen_follows_in_one_mail_and_its_answer_comes_here(
    inbox: Inbox,
) -> None:
    await a_visitor(inbox)
    daemon = Daemon(inbox)
    await inbox.acting("anna").write(agents.appear, "anna", public_name="Anna K.")
    await inbox.comment(1, "Yes", to=[client(1)])
    await inbox.comment(1, "Three of them", to=[client(1)], attachments=(a_file(),))
    await inbox.comment(1, "Only among us")
    hidden = await inbox.comment(1, "To be hidden", to=[client(1)])
    await daemon.work()
    assert [one.text for one in daemon.chat.sent][:2] == ["Yes", "Three of them"]
    assert daemon.mailed == []
    # What contacts are no longer shown is neither counted for them nor mailed (R38).
    await inbox.acting("anna").write(corrections.set_hidden, hidden.comment_id, True)
    assert (
        await inbox.store.run(lambda uow: reading.talk(uow, SystemActor("web"), HERE))
    ).unseen == 2
    inbox.clock.advance(minutes=10)
    await daemon.work()
    await daemon.work()
    assert daemon.mailed == [("maria@client.example", "Yes\n\nThree of them")]
    (mail,) = daemon.mail.sent
    # Clients read the public name.
    assert mail.sender_name == "Anna K."
    assert (mail.subject, [one.name for one in mail.files]) == ("In stock?", ["photo.png"])
    # Answering the signed address proves whose it is (R2); the answer is in the same task (R5).
    async with inbox.store.read() as uow:
        thread = await uow.connection.scalar(
            select(t.chat.c.id)
            .where(t.chat.c.left_address.is_not(None))
            .order_by(t.chat.c.id.desc())
        )
    await inbox.mails("Keep one", sender="maria@client.example", tokens=(f"c{thread}",))
    assert await contacts(inbox) == [("Maria", VISITOR), ("Maria", "maria@client.example")]
    # What is said next goes to the chat again (R16), and in the same thread where it is not seen.
    await inbox.comment(1, "Kept", to=[client(1)])
    await daemon.work()
    inbox.clock.advance(minutes=10)
    await daemon.work()
    assert [one.text for one in daemon.chat.sent][3:] == ["Kept"]
    assert [one.text for one in daemon.mail.sent][1:] == ["Kept"]
    async with inbox.store.read() as uow:
        assert len(list(await uow.connection.execute(select(t.chat.c.id)))) == 2
        assert len(list(await uow.connection.execute(select(t.task.c.id)))) == 1


async def test_r16_nothing_follows_that_was_seen_or_cannot(inbox: Inbox) -> None:
    await a_visitor(inbox, email="support@ours.example")
    daemon = Daemon(inbox)
    # Our own address is no way to a client (R43).
    await inbox.comment(1, "One", to=[client(1)])
    await daemon.work()
    who = Introduction(
        chat_key=VISITOR, name="M", instead_of="Visitor 7", email="m@c.example", at=inbox.clock.now
    )
    await inbox.receive("chat", Incoming(key="again", raw=b"", event=who))
    saved = await inbox.comment(1, "Two", to=[client(1)])
    await daemon.work()
    assert await inbox.store.run(
        lambda uow: seeing.seen(uow, SystemActor("web"), HERE, saved.comment_id)
    )
    await inbox.comment(1, "Three", to=[client(1)])
    await daemon.work()
    # A deleted task takes nothing of the chat's next one with it.
    await inbox.acting("anna").write(tasks.delete, [1])
    await inbox.says("And now?", account="chat", user=VISITOR, name="Visitor 7")
    await inbox.comment(2, "Four", to=[client(1)])
    await daemon.work()
    inbox.clock.advance(minutes=10)
    await daemon.work()
    await daemon.work()
    assert daemon.mailed == [("m@c.example", "Four")]
    await inbox.comment(2, "Five", to=[client(1)])
    await daemon.work()
    async with inbox.store.write() as uow:
        await uow.connection.execute(t.chat.update().values(blocked_at=inbox.clock.now))
        await uow.commit()
    inbox.clock.advance(minutes=10)
    await daemon.work()
    assert len(daemon.mailed) == 1
    assert (await contacts(inbox))[0][0] == "Maria"


async def test_r34_a_restored_database_and_an_erased_card_follow_nobody(inbox: Inbox) -> None:
    await a_visitor(inbox)
    daemon = Daemon(inbox)
    await inbox.comment(1, "One", to=[client(1)])
    await daemon.work()
    await inbox.store.run(lambda uow: restore_guard.hold(uow, Reason("stamp_missing")))
    await inbox.acting("anna").write(restore_guard.release)
    inbox.clock.advance(minutes=10)
    await daemon.work()
    assert daemon.mailed == []
    await inbox.comment(1, "Two", to=[client(1)])
    await daemon.work()
    await inbox.acting("anna").write(erasing.erase_contact, 1)
    inbox.clock.advance(minutes=10)
    await daemon.work()
    assert daemon.mailed == []
    async with inbox.store.read() as uow:
        left = await uow.connection.scalars(
            select(t.chat.c.left_address).where(t.chat.c.left_address.is_not(None))
        )
        assert list(left) == []


async def test_r16_the_plan_says_where_it_follows(inbox: Inbox) -> None:
    await a_visitor(inbox)
    plan = await inbox.acting("anna").read(planning.plan, 1, Notify((client(1),)))
    (row,) = plan.rows
    assert row.later is not None
    assert (row.later.address, row.later.account.name, row.later.seconds) == (
        "maria@client.example",
        "support",
        600,
    )
    # By e-mail alone nothing follows.
    by_mail = Notify((client(1),), reply_via="support")
    plan = await inbox.acting("anna").read(planning.plan, 1, by_mail)
    assert [one.later for one in plan.rows] == [None]
