"""What happens to messages and chats that are here: edits, signs, moves, access (R11, R25, R43)."""

import itertools
from typing import Any

from sqlalchemy import select

from pfinbox.domain.actor import AgentActor
from pfinbox.domain.contract.files import File
from pfinbox.domain.contract.incoming import (
    ChatKeyChanged,
    ChatState,
    Deletion,
    Edit,
    Incoming,
    IncomingEvent,
    Message,
    Reaction,
)
from pfinbox.domain.contract.outgoing import Sent
from pfinbox.domain.contract.party import Party
from pfinbox.domain.contract.reason import Reason
from pfinbox.services.outbound.sending import Taken, taken
from pfinbox.services.privacy import erasing
from pfinbox.services.tasks import chat_moves
from pfinbox.store import read, snapshots
from pfinbox.store import tables as t
from pfinbox.store.load.inbound import named_comments
from pfinbox.store.rows import CommentRow, Conversation
from tests.builders import Inbox, a_file, client
from tests.services.inbound.test_arrival import change, task_of, the_task

MARIA = Party("501", "Maria")
_numbers = itertools.count(1)


async def happens(inbox: Inbox, event: IncomingEvent) -> str:
    """Returns how its receipt ended."""
    key = f"n{next(_numbers)}"
    inbox.clock.advance(seconds=1)
    await inbox.receive("bot", Incoming(key=key, raw=key.encode(), event=event))
    async with inbox.store.read() as uow:
        state = await uow.connection.scalar(select(t.receipt.c.state).where(t.receipt.c.key == key))
        return str(state)


async def shown(inbox: Inbox, task_id: int = 1) -> Conversation:
    async with inbox.store.read() as uow:
        return await read.conversation(uow, inbox.actor("anna"), task_id)


async def comment(inbox: Inbox, comment_id: int) -> CommentRow:
    async with inbox.store.read() as uow:
        return await read.comment(uow, inbox.actor("anna"), comment_id)


def edit(inbox: Inbox, source_id: str, text: str, *files: File) -> Edit:
    return Edit(
        source_id=source_id, chat_key="501", text=text, edited_at=inbox.clock.now, files=files
    )


async def album(inbox: Inbox) -> int:
    files = (a_file("1.png", b"1"), a_file("2.png", b"2"))
    return await inbox.says("Two", source_id="501:70", also=("501:71",), files=files)


async def test_r11_a_replaced_file_comes_beside_the_earlier_one(inbox: Inbox) -> None:
    comment_id = await inbox.says("See", source_id="501:70", files=(a_file("old.png", b"old"),))
    old, new = a_file("old.png", b"old"), a_file("new.png", b"new")
    assert await happens(inbox, edit(inbox, "501:70", "See", old)) == "shown"
    assert (await comment(inbox, comment_id)).edited_at is None, "nothing has changed"
    await happens(inbox, edit(inbox, "501:70", "See this", new))
    found = await comment(inbox, comment_id)
    assert [file.name for file in found.attachments] == ["old.png", "new.png"]
    assert ([text for text, _at in found.edits], found.text) == (["See"], "See this")
    assert "file_replaced" in [one.kind for one in (await shown(inbox)).activities]


async def test_r11_r19_every_picture_of_an_album_names_its_comment(inbox: Inbox) -> None:
    comment_id = await album(inbox)
    await happens(inbox, edit(inbox, "501:71", "The second", a_file("2.png", b"2")))
    found = await comment(inbox, comment_id)
    assert found.text == "Two\nThe second"
    assert len(found.attachments) == 2
    answer = await inbox.says("This one", references=("501:71",))
    quote = (await comment(inbox, answer)).quote
    assert quote is not None
    assert quote[0] == comment_id
    gone = Deletion(source_ids=("501:71",), chat_key="501", deleted_at=inbox.clock.now)
    assert await happens(inbox, gone) == "ignored", "the rest of the album is there"


async def test_r19_an_answer_to_what_was_said_before_us_shows_those_words(inbox: Inbox) -> None:
    known = await inbox.says("Known", source_id="501:5")
    quotes = []
    for reference in ("501:5", "501:4"):
        answer = await inbox.says("Yes", references=(reference,), answered_text="Their words")
        quotes.append((await comment(inbox, answer)).quote)
    assert quotes == [(known, "Known"), (None, "Their words")]


async def test_reactions_stand_at_their_message_and_are_nobodys_news(inbox: Inbox) -> None:
    task_id = await task_of(inbox, first := await inbox.says("Hi", source_id="501:1"))
    contact_id = (await the_task(inbox, task_id)).contact_id or 0
    saved = await inbox.comment(task_id, "Hello", to=[client(contact_id)])
    async with inbox.handing_over() as (uow, job):
        assert job.comment_id == saved.comment_id
        await taken(uow, [Taken(job, job.part_ids[0], Sent("501:2", also=("501:3",)))])
    await change(inbox, task_id, status="done")
    before = await the_task(inbox, task_id)

    async def reacts(source_id: str, *signs: str) -> str:
        event = Reaction(source_id=source_id, sender=MARIA, signs=signs, at=inbox.clock.now)
        return await happens(inbox, event)

    for source_id in ("501:1", "501:2", "501:3"):
        assert await reacts(source_id, "👍") == "ignored"
    await reacts("501:3", "🔥", "🎉")
    assert (await comment(inbox, first)).reactions == (("Maria", ("👍",)),)
    assert (await comment(inbox, saved.comment_id)).reactions == (("Maria", ("🔥", "🎉")),)
    await reacts("501:1")
    await reacts("501:99", "👍")
    assert (await comment(inbox, first)).reactions == ()
    assert await the_task(inbox, task_id) == before, "not reopened, not to answer"


async def test_r11_r43_what_our_side_wrote_elsewhere_is_edited_and_deleted_elsewhere(
    inbox: Inbox,
) -> None:
    await inbox.says("Hi", source_id="501:1")
    message = Message(
        source_id="501:2", chat_key="501", sender=Party("77", "Owner"), sent_at=inbox.clock.now,
        text="Soon", to=(MARIA,), sent_elsewhere=True,
    )  # fmt: skip
    await happens(inbox, message)
    await happens(inbox, edit(inbox, "501:2", "Tomorrow"))
    ours = (await shown(inbox)).comments[-1]
    assert (ours.text, [text for text, _at in ours.edits]) == ("Tomorrow", ["Soon"])
    await happens(
        inbox, Deletion(source_ids=("501:2",), chat_key="501", deleted_at=inbox.clock.now)
    )
    assert (await comment(inbox, ours.id)).deleted_at is not None


async def test_a_group_that_moved_keeps_its_task(inbox: Inbox) -> None:
    task_id = await task_of(inbox, await inbox.says("Hi", user="-5"))
    contact_id = (await the_task(inbox, task_id)).contact_id or 0
    await inbox.comment(task_id, "Hello", to=[client(contact_id)])
    move = ChatKeyChanged(chat_key="-5", new_key="-1005", at=inbox.clock.now)
    await happens(inbox, move)
    await happens(inbox, move)
    task = await the_task(inbox, task_id)
    assert [chat.key for chat in task.chats] == ["-1005"], "what waits goes there, too"
    assert await task_of(inbox, await inbox.says("Again", user="-1005")) == task_id
    assert [one.kind for one in (await shown(inbox)).activities].count("chat_moved") == 1


async def test_r2_a_client_with_another_number_keeps_card_and_chat(inbox: Inbox) -> None:
    task_id = await task_of(inbox, await inbox.says("Hi", user="48600"))
    card = (await the_task(inbox, task_id)).contact_id
    new = Party("48700", "Maria", "+48700")
    move = ChatKeyChanged(chat_key="48600", new_key="48700", at=inbox.clock.now, sender=new)
    await happens(inbox, move)
    assert await task_of(inbox, await inbox.says("Still me", user="48700")) == task_id
    async with inbox.store.read() as uow:
        found = await uow.connection.execute(select(t.address.c.contact_id, t.address.c.value))
        assert sorted(found.all()) == [(card, "48600"), (card, "48700")]


async def test_a_move_told_late_brings_both_ends_together(inbox: Inbox) -> None:
    task_id = await task_of(inbox, await inbox.says("Hi", user="-5"))
    contact_id = (await the_task(inbox, task_id)).contact_id or 0
    await inbox.comment(task_id, "Hello", to=[client(contact_id)])
    second = await task_of(inbox, await inbox.says("Here", user="-1005"))
    await change(inbox, second, status="done")
    await inbox.store.run(lambda uow: chat_moves.followed(uow, 1, "-1005"))
    assert await task_of(inbox, await inbox.says("Again", user="-1005")) == task_id
    async with inbox.store.read() as uow:
        for table in (t.delivery, t.part):
            chats = await uow.connection.scalars(select(table.c.chat_id))
            assert list(chats) == [2]
        writable = await uow.connection.scalar(select(t.chat.c.writable).where(t.chat.c.id == 1))
    assert writable is False


async def test_r25_access_withdrawn_closes_every_chat_of_the_connection(inbox: Inbox) -> None:
    mine = [f"biz:C_1:{n}" for n in (1, 2)]
    for key in (*mine, "biz:CX1:3"):
        await inbox.says("Hi", user=key)
    for writable in (False, False, True):
        reason = None if writable else Reason("access_withdrawn")
        state = ChatState(
            chat_key="biz:C_1:", writable=writable, reason=reason, at=inbox.clock.now, prefix=True
        )
        await happens(inbox, state)
        async with inbox.store.read() as uow:
            rows: Any = await uow.connection.execute(select(t.chat.c.key, t.chat.c.writable))
            assert {row.key: row.writable for row in rows} == {
                **dict.fromkeys(mine, writable),
                "biz:CX1:3": True,
            }
    kinds = [one.kind for one in (await shown(inbox)).activities]
    assert kinds == ["chat_closed", "chat_opened"], "said once each"


async def test_r4_a_business_account_connected_anew_goes_on_with_its_tasks(inbox: Inbox) -> None:
    async def connected(prefix: str, owner: str = "77", writable: bool = True) -> None:
        state = ChatState(
            chat_key=prefix, writable=writable, reason=None, at=inbox.clock.now, prefix=True,
            owner=owner,
        )  # fmt: skip
        await happens(inbox, state)

    await connected("biz:A:")
    await connected("biz:X:", "78")
    task_id = await task_of(inbox, await inbox.says("Hi", user="biz:A:42"))
    await connected("biz:A:", writable=False)
    await connected("biz:B:")
    assert [chat.key for chat in (await the_task(inbox, task_id)).chats] == ["biz:B:42"]
    assert await task_of(inbox, await inbox.says("Again", user="biz:B:42")) == task_id
    assert (await the_task(inbox, task_id)).chats[0].writable


async def test_r34_erasing_a_person_takes_their_signs_away(inbox: Inbox) -> None:
    mail = await inbox.mails("Hello")
    first = await inbox.says("Hi", source_id="501:1")
    group = await inbox.says("In a group", source_id="-7:1", user="-7", name="Group")
    for source_id in ("501:1", "-7:1"):
        for sender in (MARIA, Party("502", "Ewa")):
            event = Reaction(source_id=source_id, sender=sender, signs=("👍",), at=inbox.clock.now)
            await happens(inbox, event)
    author = (await comment(inbox, first)).author.id
    me = inbox.agent_ids["anna"]
    await inbox.store.run(lambda uow: erasing.erase_contact(uow, AgentActor(me), author))
    assert (await comment(inbox, group)).reactions == (("Ewa", ("👍",)),)
    assert (await comment(inbox, mail)).reactions == ()


async def test_ids_of_another_account_mean_nothing(inbox: Inbox) -> None:
    await album(inbox)
    async with inbox.store.read() as uow:
        accounts = {one.name: one for one in (await snapshots.accounts(uow)).values()}
        assert (
            await named_comments.by_source_id(uow, accounts["support"].id, ["501:70", "501:71"])
            == {}
        )
        found = await named_comments.by_source_id(uow, accounts["bot"].id, ["501:70", "501:71"])
    assert len(found) == 2
