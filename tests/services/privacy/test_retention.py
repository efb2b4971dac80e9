"""Bytes that are older than they are kept go; what was written stays, and says so."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from pfinbox.daemon.chores.retention import Retention
from pfinbox.domain.contract.channel import PermanentFailure
from pfinbox.domain.contract.files import Encoding, File, Slice
from pfinbox.domain.contract.incoming import Incoming, Unreadable
from pfinbox.domain.contract.reason import Reason
from pfinbox.domain.outbound.delivery import Step
from pfinbox.domain.tasks.change import TaskChange
from pfinbox.errors import NotFound
from pfinbox.services import queries
from pfinbox.services.comments import forwarding
from pfinbox.services.comments.forwarding import ForwardRequest
from pfinbox.services.outbound import outbox
from pfinbox.services.outbound.rerouting import reroute
from pfinbox.services.people import contacts
from pfinbox.services.privacy.retention import remove_files
from pfinbox.services.system import configuration, soundness
from pfinbox.services.tasks import tasks
from pfinbox.store import files, read
from pfinbox.store import tables as t
from pfinbox.store.write.outbound import deliveries
from tests.builders import START, STATUSES, Inbox, a_file, chat_account, client, mail_account
from tests.daemon.scripted import ScriptedChannel
from tests.daemon.test_sender import a_lease, a_sender
from tests.waiting import waits

OLD = a_file("old.png", b"old bytes")


def within(text: str) -> File:
    """A file whose bytes stand in those of its mail."""
    content = text.encode()
    return replace(a_file("in.txt", content), slice=Slice(0, len(content), Encoding.NONE))


async def keep(inbox: Inbox, **days: str) -> None:
    setups = (mail_account(), chat_account())
    await inbox.store.run(lambda uow: configuration.configure(uow, setups, STATUSES, days))


async def tidied(inbox: Inbox) -> None:
    lease = await a_lease(inbox, dead=True)
    channels = dict.fromkeys(inbox.account_ids.values(), ScriptedChannel())
    await Retention(inbox.store, lease, channels).run_once()


async def content(inbox: Inbox, attachment_id: int) -> bytes:
    return await inbox.acting("anna").read(queries.attachment_content, attachment_id)


async def sizes(inbox: Inbox) -> list[int]:
    """How many bytes there are of each receipt."""
    async with inbox.store.read() as uow:
        rows = await uow.connection.scalars(select(t.receipt.c.raw).order_by(t.receipt.c.id))
        return [len(one) for one in rows]


async def done(inbox: Inbox, *task_ids: int) -> None:
    await inbox.acting("anna").write(tasks.change, task_ids, TaskChange(status="done"))


async def filled(inbox: Inbox) -> None:
    """A finished task, an open one with the same file and one more, and an unreadable mail."""
    await inbox.mails("First", subject="A", files=(OLD,))
    await inbox.says("Second", files=(OLD, a_file("mine.png", b"of the open task")))
    await inbox.mails("Third", subject="B", files=(within("Third"),))
    broken = Unreadable(reason=Reason("broken", {"detail": "x"}), sent_at=START)
    await inbox.receive("support", Incoming(key="k9", raw=b"From: x", event=broken))
    await done(inbox, 1)
    inbox.clock.advance(days=100)


async def test_r34_what_is_too_old_goes_and_says_so_where_it_was(inbox: Inbox) -> None:
    await filled(inbox)
    before = await sizes(inbox)
    await tidied(inbox)
    assert await sizes(inbox) == before, "for ever is the default"
    await keep(inbox, keep_attachments="90d")
    await tidied(inbox)
    # A mail goes with its files, and the others stay as they came.
    assert [size > 0 for size in await sizes(inbox)] == [False, True, True, True]
    await keep(inbox, keep_raw="90d", keep_attachments="90d")
    await tidied(inbox)
    # Open tasks keep their files, also where they stood in the mail; so does what was not read.
    assert [size > 0 for size in await sizes(inbox)] == [False, False, False, True]
    assert await content(inbox, 2) == b"old bytes"
    assert await content(inbox, 4) == b"Third"
    with pytest.raises(NotFound, match=r"old\.png was removed on 2027-02-10"):
        await content(inbox, 1)
    async with inbox.store.read() as uow:
        with pytest.raises(NotFound, match="the original of comment 1 was removed on 2027"):
            await read.raw(uow, inbox.actor("anna"), 1)
    talk = await inbox.acting("anna").read(queries.conversation, 1)
    (row,) = talk.comments[0].attachments
    assert (talk.comments[0].text, row.name, row.removed_at is not None) == (
        "First",
        "old.png",
        True,
    )
    request = ForwardRequest(1, ("partner@client.example",), (1,))
    with pytest.raises(NotFound, match="was removed on"):
        await inbox.acting("anna").write(forwarding.forward, request)
    await done(inbox, 2, 3)
    await tidied(inbox)
    assert await stored(inbox) == 0
    assert [one async for one in soundness.faults(inbox.store)] == []
    # It comes again, and is here again; the old one stays removed.
    await inbox.says("Once more", user="502", name="Olga", files=(OLD,))
    assert await content(inbox, 5) == b"old bytes"
    with pytest.raises(NotFound):
        await content(inbox, 1)


async def stored(inbox: Inbox) -> int:
    """How many bytes of files there are."""
    async with inbox.store.read() as uow:
        size = func.sum(func.length(t.blob.c.content))
        return int(await uow.connection.scalar(select(size)) or 0)


async def test_r24_what_is_still_to_be_sent_is_kept(inbox: Inbox) -> None:
    await inbox.mails("First")
    later: Any = inbox.clock.now + timedelta(days=300)
    await inbox.comment(1, "Later", to=[client(1)], send_at=later, attachments=(OLD,))
    await done(inbox, 1)
    inbox.clock.advance(days=100)
    await keep(inbox, keep_attachments="30d")
    await tidied(inbox)
    assert await content(inbox, 1) == b"old bytes"
    # Only what has files goes with them.
    assert all(await sizes(inbox))


async def test_r24_what_has_lost_its_file_is_not_tried_for_a_day(inbox: Inbox) -> None:
    await inbox.mails("First")
    await inbox.comment(1, "Answer", to=[client(1)], attachments=(OLD,))
    sender, channel = await a_sender(inbox)
    channel.outcomes = [("before", PermanentFailure(Reason("rejected", {"detail": "no"})))]
    await sender.run_once()
    await done(inbox, 1)
    acting = inbox.acting("anna")
    await acting.write(outbox.dismiss, 1)
    await acting.write(contacts.set_, 1, add_addresses=(("email", "m@home.example"),))
    inbox.clock.advance(days=100)
    await keep(inbox, keep_attachments="30d")
    await tidied(inbox)
    with pytest.raises(NotFound, match=r"old\.png was removed on"):
        await acting.write(outbox.retry, 1)
    with pytest.raises(NotFound, match=r"old\.png was removed on"):
        await acting.write(reroute, 1, address="m@home.example")
    # Its file goes between the retry and the attempt.
    async with inbox.store.write() as uow:
        await deliveries.move_parts(uow, Step.RETRIED, [1])
        await deliveries.move(uow, Step.RETRIED, [1], due_at=uow.now)
        await uow.commit()
    sender, channel = await a_sender(inbox)
    await sender.run_once()
    async with inbox.store.read() as uow:
        row = (await uow.connection.execute(select(t.delivery.c.state, t.delivery.c.error))).one()
    assert (row.state, row.error["kind"], channel.sent) == ("failed", "file_removed", [])


async def test_r34_a_file_that_is_attached_meanwhile_is_not_removed(inbox: Inbox) -> None:
    await inbox.mails("First", subject="A", files=(OLD,))
    await inbox.says("Second")
    await done(inbox, 1)
    inbox.clock.advance(days=100)
    await keep(inbox, keep_attachments="90d")
    async with inbox.store.write() as uow:
        (again,) = await files.attach(uow, 2, [OLD])
        removing = asyncio.create_task(inbox.store.run(lambda other: remove_files(other, 0)))
        await waits(inbox.store, removing)
        await uow.commit()
    assert (await removing).removed == 1
    assert await content(inbox, again) == b"old bytes"
    with pytest.raises(NotFound):
        await content(inbox, 1)
