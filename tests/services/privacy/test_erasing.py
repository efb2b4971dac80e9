"""Erasing a person, and handing out what is kept about one (R34)."""

import json

import pytest
from sqlalchemy import select, update

from pfinbox.domain.actor import AgentActor
from pfinbox.domain.contract.incoming import ChatStarted, Ignored, Incoming, Unreadable
from pfinbox.domain.contract.party import Party
from pfinbox.domain.contract.reason import Reason
from pfinbox.domain.model import Notify
from pfinbox.domain.purging import NOBODY, Erasure
from pfinbox.errors import NotFound, Refused
from pfinbox.services.comments.starting import NO_TASK
from pfinbox.services.merging import contact_merging
from pfinbox.services.people import contacts
from pfinbox.services.privacy import erasing, exporting
from pfinbox.services.tasks import drafts, tasks
from pfinbox.store import read
from pfinbox.store import tables as t
from pfinbox.store.uow import Store
from tests.builders import Inbox, a_file, client, mail_account
from tests.services.inbound.test_arrival import count, task_of, the_task
from tests.services.privacy.test_trash import everything
from tests.services.tasks.test_spam import source


async def erase(inbox: Inbox, contact_id: int, by: str = "anna") -> Erasure:
    me = inbox.agent_ids[by]
    return await inbox.store.run(lambda uow: erasing.erase_contact(uow, AgentActor(me), contact_id))


async def card_of(inbox: Inbox, comment_id: int) -> tuple[int, int]:
    task_id = await task_of(inbox, comment_id)
    contact_id = (await the_task(inbox, task_id)).contact_id
    assert contact_id is not None
    return task_id, contact_id


async def test_r34_erasing_leaves_nothing_of_a_person(inbox: Inbox) -> None:
    mail, person = await card_of(
        inbox, await inbox.mails("Hello", sender="zofia@client.example", name="Zofia")
    )
    _chat, other = await card_of(
        inbox, await inbox.says("Hi", user="80085", name="Zosia", files=(a_file(),))
    )
    me = inbox.agent_ids["anna"]
    await inbox.store.run(
        lambda uow: contacts.set_(
            uow, AgentActor(me), person, company="Zofia and sons", notes="zofia is shy"
        )
    )
    await inbox.store.run(
        lambda uow: contact_merging.merge_contacts(uow, AgentActor(me), person, [other])
    )
    await inbox.comment(mail, "Dear Zofia", to=[client(person)])
    async with inbox.store.read() as uow:
        before = await erasing.preview_erase(uow, AgentActor(me), person)
    assert before.conversations.tasks == 2
    assert before.conversations.comments == 3
    assert before.addresses == 2
    assert await erase(inbox, person) == before
    left = (await everything(inbox)).lower()
    for word in ("zofia", "zosia", "80085", "client.example"):
        assert word not in left, word
    async with inbox.store.read() as uow:
        assert (await read.contact(uow, AgentActor(me), person)).name == NOBODY


async def test_r2_r34_who_writes_again_is_somebody_new(inbox: Inbox) -> None:
    first = await inbox.mails("Hello")
    message_id = await source(inbox, first)
    mail, person = await card_of(inbox, first)
    _chat, other = await card_of(inbox, await inbox.says("Hi"))
    await erase(inbox, person)
    await erase(inbox, other)
    for comment_id in (
        await inbox.mails("Again", answers=message_id, tokens=("c1",)),
        await inbox.says("Again"),
    ):
        task_id, again = await card_of(inbox, comment_id)
        assert again not in (person, other)
        assert task_id > mail
        saved = await inbox.comment(task_id, to=[client(again)])
        async with inbox.store.read() as uow:
            address = select(t.delivery.c.address).where(
                t.delivery.c.comment_id == saved.comment_id
            )
            assert await uow.connection.scalar(address) in ("maria@client.example", "501")


async def test_r34_conversations_of_others_go_on_without_them(inbox: Inbox) -> None:
    first = await inbox.mails("Hello", sender="ewa@client.example", name="Ewa")
    task_id, ewa = await card_of(inbox, first)
    await inbox.mails(
        "I am her boss",
        sender="jan@client.example",
        name="Jan",
        answers=await source(inbox, first),
    )
    jan = next(who.id for who in (await the_task(inbox, task_id)).participants)
    chosen = Notify((client(ewa), client(jan)), {jan: "jan@client.example"}, separately=True)
    await inbox.comment(task_id, "To both", notify=chosen)
    await inbox.comment(task_id, "To Jan", to=[client(jan)])
    async with inbox.store.write() as uow:
        await uow.connection.execute(update(t.delivery).values(state="sent"))
        await uow.commit()
    named = {"newcomers": [["jan@client.example", "Jan"]]}
    copies = {"copies": ["jan@client.example", "z@y.example"]}
    typed = {"to": "Jan <jan@client.example>, x@y.example", "account": "support"}
    anna = inbox.acting("anna")
    for place, mode, text, choices in (
        (NO_TASK, f"mail:{jan}", "Dear Jan", {}),
        (NO_TASK, "mail", "Dear all", typed),
        (
            task_id,
            "forward",
            "See below",
            typed | named | copies,
        ),
        (task_id, "reply", "Dear Ewa", {"who": [["contact", ewa]], "separately": True}),
    ):
        await anna.write(drafts.save, place, mode, text, choices)
    done = await erase(inbox, jan)
    assert (done.conversations.tasks, done.elsewhere) == (0, 2)
    left = await everything(inbox)
    assert "jan@client.example" not in left
    assert "her boss" not in left
    assert "To Jan" not in left
    assert "Dear Jan" not in left
    assert "Dear all" not in left
    kept = [await anna.read(drafts.load, task_id, mode) for mode in ("forward", "reply")]
    assert [one.choices for one in kept if one is not None] == [
        {"account": "support", "newcomers": [], "copies": ["z@y.example"]},
        {"who": [["contact", ewa]], "separately": True},
    ]
    assert "To both" in left
    assert "Hello" in left
    task = await the_task(inbox, task_id)
    assert (task.contact_id, task.participants) == (ewa, ())


async def test_r34_only_an_admin_and_only_what_they_see(own_store: Store) -> None:
    inbox = await Inbox.make(
        own_store, mail_account(), mail_account("own", role="personal", owner="boris")
    )
    _task, person = await card_of(inbox, await inbox.mails())
    with pytest.raises(Refused, match="only an admin"):
        await erase(inbox, person, by="boris")
    await inbox.mails("In private", account="own")
    with pytest.raises(Refused, match="a colleague has conversations"):
        await erase(inbox, person)
    assert await count(inbox, t.comment) == 2
    with pytest.raises(NotFound):
        await erase(inbox, 99)
    await inbox.store.close()


async def test_r34_what_waits_for_them_is_withdrawn(inbox: Inbox) -> None:
    first = await inbox.mails("Hello", sender="ewa@client.example", name="Ewa")
    task_id, ewa = await card_of(inbox, first)
    _other, jan = await card_of(inbox, await inbox.mails(sender="jan@x.example", name="Jan"))
    me = inbox.agent_ids["anna"]
    await inbox.store.run(lambda uow: contacts.set_(uow, AgentActor(me), jan, selectable=True))
    saved = await inbox.comment(task_id, "To both", to=[client(ewa), client(jan)])
    await erase(inbox, jan)
    async with inbox.store.read() as uow:
        rows = await uow.connection.execute(
            select(t.delivery.c.contact_id, t.delivery.c.state, t.delivery.c.address)
            .where(t.delivery.c.comment_id == saved.comment_id)
            .order_by(t.delivery.c.id)
        )
        assert [tuple(row) for row in rows] == [
            (ewa, "pending", "ewa@client.example"),
            (jan, "withdrawn", ""),
        ]


async def test_r34_an_export_holds_everything_about_a_card_as_json(inbox: Inbox) -> None:
    task_id, person = await card_of(inbox, await inbox.mails("Hello", files=(a_file(),)))
    await inbox.comment(task_id, "An answer", to=[client(person)])
    await inbox.comment(task_id, "A note", to=[inbox.agent("boris")])
    thrown = await task_of(inbox, await inbox.mails("Deleted", subject="Other"))
    me = inbox.agent_ids["anna"]
    await inbox.store.run(lambda uow: contacts.set_(uow, AgentActor(me), person, notes="Likes tea"))
    await inbox.store.run(lambda uow: tasks.delete(uow, AgentActor(me), (thrown,)))
    async with inbox.store.read() as uow:
        found = await exporting.export_contact(uow, AgentActor(me), person)
    written = json.loads(json.dumps(found))
    assert written["contact"]["notes"] == "Likes tea"
    assert written["contact"]["addresses"][0]["value"] == "maria@client.example"
    assert [one["task"]["id"] for one in written["tasks"]] == [task_id, thrown]
    comments = written["tasks"][0]["comments"]
    assert [one["text"] for one in comments] == ["Hello", "An answer", "A note"]
    assert comments[0]["attachments"][0]["name"] == "photo.png"
    assert written["chats"][0]["account"] == "support"


async def test_r10_r46_an_export_leaves_out_what_the_agent_may_not_see(own_store: Store) -> None:
    inbox = await Inbox.make(
        own_store, mail_account(), mail_account("own", role="personal", owner="boris")
    )
    private = await inbox.mails("In private", account="own", subject="A private matter")
    _task, person = await card_of(inbox, private)
    async with inbox.store.read() as uow:
        # Whoever writes to boris alone is his contact.
        with pytest.raises(NotFound, match="no contact"):
            await exporting.export_contact(uow, inbox.actor("anna"), person)
    await inbox.mails("To all of you", subject="For all")
    async with inbox.store.read() as uow:
        found = await exporting.export_contact(uow, inbox.actor("anna"), person)
        mine = await exporting.export_contact(uow, inbox.actor("boris"), person)
    assert [task["task"]["title"] for task in found["tasks"]] == ["For all"]
    assert [chat["subject"] for chat in found["chats"]] == ["For all"]
    assert (len(mine["tasks"]), len(mine["chats"])) == (2, 2)
    await inbox.store.close()


async def test_r34_receipts_that_show_nothing_are_forgotten_too(inbox: Inbox) -> None:
    _task, person = await card_of(inbox, await inbox.says("Hi", user="80085", name="Zosia"))
    async with inbox.store.write() as uow:
        await uow.add(t.address, contact_id=person, channel="email", value="zofia@client.example")
        await uow.commit()
    zosia = Party("80085", "Zosia", "zosia")
    started = ChatStarted(chat_key="80085", sender=zosia, at=inbox.clock.now)
    why = Unreadable(reason=Reason("unreadable", {"detail": "x"}), sent_at=inbox.clock.now)
    ours = Ignored(reason=Reason("own_loop"))
    somebody = b'{"from": {"id": 1800851}, "chat": {"id": 5}}'
    for account, key, raw, event in (
        ("bot", "s1", b'{"message": {"from": {"id": 80085, "first_name": "Zosia"}}}', started),
        ("bot", "s2", b'{"from": {"id":80085}, "text": {"Zosia": broken', why),
        ("support", "Sent:1:1", b"To: ZOFIA@client.example\n\nDear Zofia", ours),
        ("bot", "s3", somebody, ours),
        ("support", "INBOX:1:9", b"Fr\xc3m: <other@client.example>", why),
    ):
        await inbox.receive(account, Incoming(key=key, raw=raw, event=event))
    me = inbox.agent_ids["anna"]
    async with inbox.store.read() as uow:
        before = await erasing.preview_erase(uow, AgentActor(me), person)
    assert before.conversations.tasks == 2
    assert await erase(inbox, person) == before
    left = (await everything(inbox)).lower()
    for word in ("zofia", "zosia", "'80085'", '"80085"', ": 80085", ":80085"):
        assert word not in left, word
    assert "1800851" in left
    assert "other@client.example" in left
    # It does not come back under another key.
    again = Incoming(key="Sent:2:7", raw=b"To: ZOFIA@client.example\n\nDear Zofia", event=ours)
    await inbox.receive("support", again)
    async with inbox.store.read() as uow:
        kept = select(t.receipt.c.reason, t.receipt.c.raw).where(t.receipt.c.key == "Sent:2:7")
        row = (await uow.connection.execute(kept)).one()
    assert (row.reason["kind"], bytes(row.raw)) == ("purged", b"")
    if inbox.store.path is not None:
        # Not in the file either, where what is deleted is only unlinked otherwise.
        async with inbox.store.engine.connect() as connection:
            await connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        content = inbox.store.path.read_bytes().lower()
        assert b"zofia" not in content
        assert b"zosia" not in content
