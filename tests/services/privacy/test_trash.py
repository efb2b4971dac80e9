"""Purging (R34): it says what goes, only from the trash, and nothing brings it back."""

import json
from base64 import encodebytes
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import func, select, update

from pfinbox.domain.actor import AgentActor
from pfinbox.domain.contract.files import Encoding, Slice
from pfinbox.domain.contract.incoming import Incoming, Message, Sort
from pfinbox.domain.contract.party import Party
from pfinbox.domain.packing import pack
from pfinbox.domain.purging import Gone
from pfinbox.errors import NotFound, Refused
from pfinbox.services.merging import comment_moving, merging
from pfinbox.services.privacy import trash
from pfinbox.services.tasks import drafts, tasks
from pfinbox.store import read
from pfinbox.store import tables as t
from pfinbox.store.search import search
from pfinbox.store.tables import metadata
from tests.builders import Inbox, a_file, client
from tests.services.inbound.test_arrival import change, count, task_of, the_task


async def purge(inbox: Inbox, *task_ids: int, by: str = "anna") -> Gone:
    me = inbox.agent_ids[by]
    return await inbox.store.run(lambda uow: trash.purge(uow, AgentActor(me), task_ids))


async def delete(inbox: Inbox, *task_ids: int) -> None:
    me = inbox.agent_ids["anna"]
    await inbox.store.run(lambda uow: tasks.delete(uow, AgentActor(me), task_ids))


async def everything(inbox: Inbox, *but: str) -> str:
    """All that the database holds, as one text."""
    found: list[Any] = []
    async with inbox.store.read() as uow:
        for table in metadata.sorted_tables:
            if table.name not in but:
                rows = await uow.connection.execute(select(table))
                found += [[str(value) for value in row] for row in rows]
    return json.dumps(found, ensure_ascii=False)


def letter(text: str, name: str = "", **values: Any) -> Message:
    return Message(
        source_id=name,
        chat_key=None,
        sender=Party("maria@client.example", "Maria"),
        sent_at=values.pop("sent_at"),
        text=text,
        title="About it",
        **values,
    )


async def receive(inbox: Inbox, key: str, message: Message, **values: Any) -> Sequence[int]:
    values.setdefault("raw", f"raw {message.text}".encode())
    incoming = Incoming(key=key, event=message, **values)
    done = await inbox.receive("support", incoming)
    ids: Sequence[int] = done.comment_ids
    return ids


async def test_r34_purging_takes_the_content_away_for_good(inbox: Inbox) -> None:
    comment = await inbox.mails(
        "Xylophone one", subject="Xylophone two", files=(a_file("xylophone.png", b"xylophone"),)
    )
    task_id = await task_of(inbox, comment)
    contact_id = (await the_task(inbox, task_id)).contact_id
    assert contact_id is not None
    await inbox.comment(task_id, "Xylophone three", to=[client(contact_id)])
    me = inbox.agent_ids["anna"]
    await inbox.store.run(
        lambda uow: drafts.save(uow, AgentActor(me), task_id, "note", "xylophone", {})
    )
    await change(inbox, task_id, title="Xylophone five", add_tags=("xylophone",))
    await delete(inbox, task_id)
    async with inbox.store.read() as uow:
        before = await trash.preview_purge(uow, AgentActor(me), (task_id,))
    assert before == Gone(tasks=1, comments=2, files=1, bytes=9, unsent=1, drafts=1)
    assert await purge(inbox, task_id) == before
    assert "xylophone" not in (await everything(inbox)).lower()
    assert await count(inbox, t.blob) == 0
    async with inbox.store.read() as uow:
        row = (await uow.connection.execute(select(t.task).where(t.task.c.id == task_id))).one()
        assert (row.title, row.purged_at is not None) == ("", True)
        with pytest.raises(NotFound):
            await read.conversation(uow, AgentActor(me), task_id)
        assert (await search.search(uow, AgentActor(me), "xylophone")).rows == ()


async def test_r34_only_what_is_in_the_trash(inbox: Inbox) -> None:
    first = await task_of(inbox, await inbox.says())
    second = await task_of(inbox, await inbox.mails())
    await delete(inbox, first)
    with pytest.raises(Refused, match="delete it first"):
        await purge(inbox, first, second)
    assert await count(inbox, t.comment) == 2
    with pytest.raises(NotFound):
        await purge(inbox, 99)
    await purge(inbox, first)
    with pytest.raises(NotFound):
        await purge(inbox, first)


async def test_r7_r34_the_next_message_opens_a_new_task(inbox: Inbox) -> None:
    first = await task_of(inbox, await inbox.says("Old"))
    await delete(inbox, first)
    await purge(inbox, first)
    second = await task_of(inbox, await inbox.says("New"))
    assert second != first
    assert (await the_task(inbox, second)).previous_task_id is None


async def test_r34_a_repeated_poll_brings_nothing_back(inbox: Inbox) -> None:
    message = letter("Old", "<old@client.example>", sent_at=inbox.clock.now)
    task_id = await task_of(inbox, (await receive(inbox, "INBOX:1:1", message))[0])
    await delete(inbox, task_id)
    await purge(inbox, task_id)
    assert await receive(inbox, "INBOX:1:1", message) == []
    # A sweep of another folder, with other headers: the same mail.
    assert await receive(inbox, "Archive:1:7", message, raw=b"other headers") == []
    assert await count(inbox, t.comment) == 0
    # An id that was purged hides nothing else that somebody writes under it.
    other = replace(message, text="Something else")
    assert len(await receive(inbox, "Archive:1:8", other)) == 1


async def test_r34_a_mail_without_an_id_is_known_by_its_bytes(inbox: Inbox) -> None:
    message = letter("Nameless", sent_at=inbox.clock.now)
    task_id = await task_of(inbox, (await receive(inbox, "INBOX:1:1", message))[0])
    await delete(inbox, task_id)
    await purge(inbox, task_id)
    assert await receive(inbox, "INBOX:2:1", message, match_bytes=True) == []
    assert await receive(inbox, "Archive:1:3", message) == []
    assert await count(inbox, t.comment) == 0
    # Another mail without an id is none of them.
    assert await receive(inbox, "INBOX:2:2", letter("Other", sent_at=inbox.clock.now))


async def test_r34_what_stays_of_it_cannot_be_read_or_guessed(inbox: Inbox) -> None:
    message = letter("Old", "<old@client.example>", sent_at=inbox.clock.now)
    task_id = await task_of(inbox, (await receive(inbox, "INBOX:1:1", message))[0])
    async with inbox.store.read() as uow:
        digest = await uow.connection.scalar(select(t.comment.c.digest))
        sha256 = await uow.connection.scalar(select(t.receipt.c.sha256))
    await delete(inbox, task_id)
    await purge(inbox, task_id)
    left = await everything(inbox, "known_id")
    assert "old@client" not in left
    assert str(digest) not in left
    assert str(sha256) not in left
    async with inbox.store.read() as uow:
        receipt = (await uow.connection.execute(select(t.receipt))).one()
    assert (receipt.raw, receipt.reason["kind"]) == (b"", "purged")


async def test_r34_our_own_copy_in_sent_is_not_shown_again(inbox: Inbox) -> None:
    task_id = await task_of(inbox, await inbox.mails())
    contact_id = (await the_task(inbox, task_id)).contact_id
    assert contact_id is not None
    await inbox.comment(task_id, "Ours", to=[client(contact_id)])
    async with inbox.store.write() as uow:
        await uow.connection.execute(
            update(t.part).values(source_id="<ours@ours.example>", state="sent")
        )
        await uow.connection.execute(update(t.delivery).values(state="sent"))
        await uow.commit()
    await delete(inbox, task_id)
    await purge(inbox, task_id)
    copy = letter("Ours", "<ours@ours.example>", sent_at=inbox.clock.now, sent_elsewhere=True)
    assert await receive(inbox, "Sent:1:1", copy) == []
    assert await count(inbox, t.comment) == 0


async def test_r34_a_file_that_others_have_stays(inbox: Inbox) -> None:
    """Stored by itself, or standing in the raw bytes of the mail that goes."""
    content = b"the very bytes of a file " * 20
    raw = b"Some header\r\n\r\n" + encodebytes(content) + b"--B--"
    cut = Slice(raw.index(b"\r\n\r\n") + 4, len(encodebytes(content)), Encoding.BASE64)
    at = inbox.clock.now
    mail = letter("a", sent_at=at, files=(replace(a_file("a.pdf", content), slice=cut),))
    comments = await receive(inbox, "INBOX:1:1", mail, raw=raw, packed=pack(raw))
    first = await task_of(inbox, comments[0])
    async with inbox.store.read() as uow:
        blob = (await uow.connection.execute(select(t.blob))).one()
    assert (blob.content, blob.size) == (None, len(content))
    await inbox.says("b", files=(a_file("b.pdf", content),), user="2")
    await delete(inbox, first)
    assert (await purge(inbox, first)).bytes == 0
    assert await count(inbox, t.blob) == 1
    me = AgentActor(inbox.agent_ids["anna"])
    async with inbox.store.read() as uow:
        left = (await uow.connection.execute(select(t.attachment.c.id))).scalar_one()
        assert await read.attachment_content(uow, me, left) == content


def with_file(name: str, content: bytes, header: bytes, sort: Sort, at: datetime) -> Incoming:
    """A mail that has the file somewhere in its bytes."""
    raw = header + encodebytes(content)
    cut = Slice(len(header), len(encodebytes(content)), Encoding.BASE64)
    file = replace(a_file("a.pdf", content), slice=cut)
    mail = letter(name, f"<{name}@client.example>", sent_at=at, files=(file,), sort=sort)
    return Incoming(key=name, event=mail, raw=raw, packed=pack(raw))


async def test_r12_a_file_is_read_where_its_own_mail_has_it(inbox: Inbox) -> None:
    """Mails of one batch that are not shown have the same file elsewhere, or no bytes any more."""
    content = b"the very bytes of a file " * 20
    at = inbox.clock.now
    gone = with_file("gone", content, b"A: b\r\n\r\n", Sort.HUMAN, at)
    (comment,) = (await inbox.receive("support", gone)).comment_ids
    task_id = await task_of(inbox, comment)
    await delete(inbox, task_id)
    await purge(inbox, task_id)
    assert await count(inbox, t.blob) == 0
    again = replace(gone, key="gone again")
    looped = with_file("looped", content, b"A longer header: b\r\n\r\n", Sort.OWN_LOOP, at)
    shown = with_file("shown", content, b"An even longer header: b\r\n\r\n", Sort.HUMAN, at)
    done = await inbox.receive("support", again, looped, shown)
    assert len(done.comment_ids) == 1
    async with inbox.store.read() as uow:
        kept = (await uow.connection.execute(select(t.attachment.c.id))).scalar_one()
        assert await read.attachment_content(uow, inbox.actor("anna"), kept) == content


async def test_r32_r34_what_was_merged_in_goes_with_it(inbox: Inbox) -> None:
    first = await task_of(inbox, await inbox.mails("One"))
    second = await task_of(inbox, await inbox.mails("Two", subject="Zither"))
    me = inbox.agent_ids["anna"]
    await inbox.store.run(lambda uow: merging.merge_tasks(uow, AgentActor(me), first, [second]))
    await delete(inbox, first)
    assert (await purge(inbox, second)).tasks == 2
    assert await count(inbox, t.comment) == 0
    assert "Zither" not in await everything(inbox)
    for task_id in (first, second):
        async with inbox.store.read() as uow:
            with pytest.raises(NotFound):
                await read.conversation(uow, AgentActor(me), task_id)


async def test_r8_r34_the_chain_leads_past_a_purged_task(inbox: Inbox) -> None:
    ids = []
    for text in ("One", "Two", "Three"):
        ids.append(await task_of(inbox, await inbox.says(text)))
        await change(inbox, ids[-1], status="done")
    first, second, third = ids
    await delete(inbox, second)
    await purge(inbox, second)
    assert (await the_task(inbox, third)).previous_task_id == first
    await delete(inbox, first)
    await purge(inbox, first)
    assert (await the_task(inbox, third)).previous_task_id is None


async def test_r8_r34_two_at_once_leave_no_hole(inbox: Inbox) -> None:
    ids = []
    for text in ("One", "Two", "Three", "Four"):
        ids.append(await task_of(inbox, await inbox.says(text)))
        await change(inbox, ids[-1], status="done")
    await delete(inbox, ids[1], ids[2])
    await purge(inbox, ids[1], ids[2])
    assert (await the_task(inbox, ids[3])).previous_task_id == ids[0]


async def test_r24_r34_nothing_goes_while_it_is_being_sent(inbox: Inbox) -> None:
    task_id = await task_of(inbox, await inbox.says())
    contact_id = (await the_task(inbox, task_id)).contact_id
    assert contact_id is not None
    await inbox.comment(task_id, to=[client(contact_id)])
    await delete(inbox, task_id)
    async with inbox.store.write() as uow:
        await uow.connection.execute(update(t.delivery).values(state="transmitting"))
        await uow.commit()
    with pytest.raises(Refused, match="being sent"):
        await purge(inbox, task_id)
    assert await count(inbox, t.comment) == 2


async def test_r19_r34_a_quotation_elsewhere_keeps_its_words_and_loses_its_link(
    inbox: Inbox,
) -> None:
    comment = await inbox.says("Original")
    first = await task_of(inbox, comment)
    me = inbox.agent_ids["anna"]
    other = await inbox.store.run(lambda uow: tasks.new(uow, AgentActor(me), "By hand"))
    await inbox.comment(first, "See this", quote_id=comment)
    await inbox.store.run(
        lambda uow: comment_moving.move_comment(uow, AgentActor(me), comment, to_task=other)
    )
    await delete(inbox, other)
    await purge(inbox, other)
    async with inbox.store.read() as uow:
        row = (await uow.connection.execute(select(t.comment))).one()
    assert (row.quote_id, row.quote_text) == (None, "Original")


async def test_r12_r34_an_edit_of_something_purged_is_only_recorded(inbox: Inbox) -> None:
    from pfinbox.domain.contract.incoming import Edit

    first = await task_of(inbox, await inbox.says("Old", source_id="501:1"))
    await delete(inbox, first)
    await purge(inbox, first)
    edit = Edit(source_id="501:1", chat_key="501", text="New", edited_at=inbox.clock.now)
    await inbox.receive("bot", Incoming(key="e1", raw=b"edit", event=edit))
    assert await count(inbox, t.comment) == 0


async def test_r34_no_row_points_into_nothing(inbox: Inbox) -> None:
    first = await task_of(inbox, await inbox.says("One"))
    await inbox.says("Two")
    await delete(inbox, first)
    await purge(inbox, first)
    async with inbox.store.read() as uow:
        for table in (t.notify, t.notice, t.delivery, t.part, t.delivery_part, t.search_text):
            assert await uow.connection.scalar(select(func.count()).select_from(table)) == 0
        if uow.sqlite:
            broken = await uow.connection.exec_driver_sql("PRAGMA foreign_key_check")
            assert broken.all() == []
