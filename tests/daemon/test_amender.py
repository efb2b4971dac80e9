"""A comment that the client has is changed there, too (R11): daemon, channel and store together."""

import contextlib
import itertools
import logging
from collections.abc import AsyncIterator, Sequence
from typing import Any

import pytest
from sqlalchemy import select

from pfinbox.channels.telegram import SPEC as TELEGRAM
from pfinbox.channels.telegram.channel import TelegramChannel
from pfinbox.channels.telegram.pace import Pace
from pfinbox.daemon.chores.amender import Amender
from pfinbox.daemon.chores.typist import Typist
from pfinbox.daemon.outbound.sender import Sender
from pfinbox.domain.actor import AgentActor
from pfinbox.domain.contract.channel import Capability
from pfinbox.domain.contract.files import File
from pfinbox.errors import Refused
from pfinbox.services.comments import corrections
from pfinbox.services.people import presence
from pfinbox.store import read, settings
from pfinbox.store import tables as t
from pfinbox.store.rows import AmendmentRow, CommentRow
from tests.builders import Inbox, a_file, chat_account, client, mail_account
from tests.channels.telegram.conftest import Naps, account
from tests.channels.telegram.test_secrecy import FAULTS
from tests.daemon.test_receiver import receive
from tests.daemon.test_sender import Shaky, a_lease
from tests.servers.bot_api import TOKEN, BotApi, Fault
from tests.servers.bot_api.clients import CONNECTION
from tests.services.inbound.test_arrival import task_of, the_task

_numbers = itertools.count(1_000_000)
LONG = "a" * 4000 + "\n\n" + "b" * 200


class Desk:
    """Anna writes and corrects; ``go`` lets the daemon do what is due."""

    def __init__(self, inbox: Inbox, api: BotApi, channel: TelegramChannel) -> None:
        self.inbox = inbox
        self.api = api
        self._channels = {inbox.account_ids["bot"]: channel}
        self._me = inbox.agent_ids["anna"]

    async def go(self) -> None:
        lease = await a_lease(self.inbox, dead=True)
        await Sender(self.inbox.store, lease, self._channels).run_once()
        await Amender(self.inbox.store, lease, self._channels).run_once()

    async def says(self, text: str, *files: File, user: str = "42") -> int:
        """A comment to the client of the chat, sent; its id."""
        # far from the numbers that the server gives
        asked = await self.inbox.says(user=user, source_id=f"{user}:{next(_numbers)}")
        task_id = await task_of(self.inbox, asked)
        contact_id = (await the_task(self.inbox, task_id)).contact_id or 0
        saved = await self.inbox.comment(task_id, text, to=[client(contact_id)], attachments=files)
        await self.go()
        return saved.comment_id

    async def edits(self, comment_id: int, text: str) -> None:
        await self.inbox.store.run(
            lambda uow: corrections.edit_comment(uow, AgentActor(self._me), comment_id, text)
        )

    async def deletes(self, comment_id: int) -> None:
        await self.inbox.store.run(
            lambda uow: corrections.delete_comment(uow, AgentActor(self._me), comment_id)
        )

    async def comment(self, comment_id: int) -> CommentRow:
        async with self.inbox.store.read() as uow:
            return await read.comment(uow, AgentActor(self._me), comment_id)

    async def state(self, comment_id: int) -> tuple[str, str]:
        (row,) = (await self.comment(comment_id)).amendments
        assert isinstance(row, AmendmentRow)
        return row.state, row.error.kind if row.error is not None else ""

    def shown(self, field: str = "text") -> list[Any]:
        """What the client has."""
        return [message.get(field) for message in self.api.sent]


@pytest.fixture
async def desk(inbox: Inbox, bot_api: BotApi) -> AsyncIterator[Desk]:
    naps = Naps()
    channel = TelegramChannel(account(bot_api.base), sleep=naps, pace=Pace(sleep=naps))
    yield Desk(inbox, bot_api, channel)
    await channel.close()


async def test_r11_an_edit_reaches_the_client_and_is_written_down(desk: Desk) -> None:
    comment_id = await desk.says("At **nine**")
    await desk.edits(comment_id, "At ten")
    await desk.edits(comment_id, "At **eleven**")
    assert await desk.state(comment_id) == ("pending", "")
    await desk.go()
    assert desk.shown() == ["At eleven"]
    assert len(desk.api.called("editMessageText")) == 1, "only the newest"
    assert desk.api.called("editMessageText")[0].json("entities")[0]["type"] == "bold"
    assert await desk.state(comment_id) == ("done", "")
    found = await desk.comment(comment_id)
    assert [text for text, _at in found.edits] == ["At **nine**", "At ten"]
    # to the same words again: Telegram says "not modified", which is as good
    desk.api.sent[0]["text"] = "At noon"
    await desk.edits(comment_id, "At noon")
    await desk.go()
    assert await desk.state(comment_id) == ("done", "")


async def test_r11_what_became_of_a_change_is_written_when_the_database_is_back(
    desk: Desk,
) -> None:
    comment_id = await desk.says("At nine")
    await desk.edits(comment_id, "At ten")
    store = Shaky(desk.inbox.store.url, desk.inbox.clock)
    lease = await a_lease(desk.inbox, dead=True)
    store.away, store.back_after = True, 2
    await Amender(store, lease, desk._channels).run_once()
    await store.close()
    assert (store.tries, await desk.state(comment_id)) == (2, ("done", ""))
    assert len(desk.api.called("editMessageText")) == 1


async def test_r11_captions_and_long_texts_are_edited_part_by_part(desk: Desk) -> None:
    comment_id = await desk.says("Old", a_file("1.txt", b"1", "text/plain"))
    await desk.edits(comment_id, "New")
    long = await desk.says(LONG, user="42")
    await desk.edits(long, LONG.replace("b", "c"))
    await desk.go()
    assert desk.shown("caption")[0] == "New"
    assert [text[:1] for text in desk.shown() if text] == ["a", "c"]
    assert len(desk.api.called("editMessageText")) == 1, "the other part is the same"
    with pytest.raises(Refused, match="would now need 1"):
        await desk.edits(long, "Short")
    assert (await desk.comment(long)).text.endswith("c"), "nothing is changed here either"


async def test_r11_deletion_takes_every_picture_of_an_album(desk: Desk) -> None:
    files = [File(f"{n}.png", "image/png", b"\x89PNG" + bytes([n])) for n in range(3)]
    comment_id = await desk.says("Three", *files)
    assert desk.shown("caption") == ["Three", None, None]
    assert len(desk.api.called("sendMediaGroup")) == 1
    before = await the_task(desk.inbox, 1)
    assert before.waiting_since is None
    await desk.deletes(comment_id)
    await desk.go()
    assert desk.shown() == []
    assert await desk.state(comment_id) == ("done", "")
    assert (await desk.comment(comment_id)).deleted_at is not None
    assert (await the_task(desk.inbox, 1)).waiting_since is not None, "nobody has answered (R41)"


async def test_r11_r25_after_48_hours_the_copy_stays_and_that_is_said_before(desk: Desk) -> None:
    comment_id = await desk.says("Hello")
    desk.inbox.clock.advance(hours=48)
    with pytest.raises(Refused, match="48 hours only: the client's copy stays"):
        await desk.deletes(comment_id)
    assert (await desk.comment(comment_id)).deleted_at is None


async def test_r11_a_business_chat_is_changed_through_its_connection(desk: Desk) -> None:
    key = f"biz:{CONNECTION}:42"
    comment_id = await desk.says("One", user=key)
    await desk.edits(comment_id, "Two")
    await desk.go()
    assert desk.api.called("editMessageText")[0].fields["business_connection_id"] == CONNECTION
    await desk.deletes(comment_id)
    await desk.go()
    assert desk.shown() == []
    assert len(desk.api.called("deleteBusinessMessages")) == 1


REFUSALS: list[tuple[Sequence[Fault], int, str, dict[str, int], tuple[str, str]]] = [
    ([], 400, "Bad Request: message to edit not found", {}, ("failed", "copy_gone")),
    ([], 400, "Bad Request: message can't be edited", {}, ("failed", "rejected")),
    ([], 403, "Forbidden: bot was blocked by the user", {}, ("failed", "blocked_by_client")),
    ([], 429, "Too Many Requests", {"retry_after": 9}, ("pending", "rate_limited")),
    ([Fault()], 0, "", {}, ("pending", "outcome_unknown")),
    ([Fault(applied=True)], 0, "", {}, ("pending", "outcome_unknown")),
]


@pytest.mark.parametrize(("faults", "code", "text", "more", "state"), REFUSALS)
async def test_r11_r24_what_goes_wrong_shows_at_the_comment(
    desk: Desk,
    faults: Sequence[Fault],
    code: int,
    text: str,
    more: dict[str, int],
    state: tuple[str, str],
) -> None:
    comment_id = await desk.says("Old")
    desk.api.fault("editMessageText", *faults)
    if code:
        desk.api.fail("editMessageText", code, text, **more)
    await desk.edits(comment_id, "New")
    await desk.go()
    assert await desk.state(comment_id) == state
    # safe to do again, also where it had been done already
    desk.inbox.clock.advance(hours=1)
    if state[0] == "failed":
        await desk.edits(comment_id, "New")
    await desk.go()
    assert desk.shown() == ["New"]
    assert await desk.state(comment_id) == ("done", "")


async def test_a_group_found_to_have_moved_while_sending_keeps_its_task(desk: Desk) -> None:
    desk.api.clients.says_in_group("hi", chat=-1009)
    moved = "Bad Request: group chat was upgraded to a supergroup chat"
    desk.api.fail("sendMessage", 400, moved, migrate_to_chat_id=-1009)
    comment_id = await desk.says("Hello", user="-5")
    (delivery,) = (await desk.comment(comment_id)).deliveries
    assert delivery.state == "sent"
    assert [chat.key for chat in (await the_task(desk.inbox, 1)).chats] == ["-1009"]
    await desk.edits(comment_id, "Hello you")
    await desk.go()
    assert desk.shown() == ["Hello you"]


async def test_the_token_is_nowhere_in_store_or_log_whatever_fails(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    inbox, channel = desk.inbox, desk._channels[desk.inbox.account_ids["bot"]]
    for fault in FAULTS[1:9:3]:  # 400, 404, 429; the channel's own tests make all of them
        comment_id = await desk.says("One")
        for method in ("getMe", "getUpdates", "getFile", "file", "sendMessage", "editMessageText"):
            desk.api.fault(method, fault)
        desk.api.clients.sends_document(b"x", "a.txt")
        for _ in range(3):
            await receive(inbox, channel)
        with contextlib.suppress(Refused):
            await desk.edits(comment_id, "Two")
        await desk.says("Three")
        for waiting in desk.api._faults.values():
            waiting.clear()
        inbox.clock.advance(hours=1)
    stored: list[str] = []
    async with inbox.store.read() as uow:
        for table in t.metadata.sorted_tables:
            stored += [str(tuple(row)) for row in await uow.connection.execute(select(table))]
    assert "file_not_fetched" in "".join(stored), "the errors are there"
    assert "api.telegram.org/bot…" in caplog.text
    assert TOKEN not in "".join(stored)
    assert TOKEN not in caplog.text


async def test_the_client_sees_that_an_agent_writes_where_the_account_allows_it(
    desk: Desk,
) -> None:
    inbox, me = desk.inbox, desk.inbox.agent_ids["anna"]
    for user in ("42", "43"):
        await inbox.says(user=user)
    allowed = chat_account(capabilities=TELEGRAM.capabilities | Capability.TYPING)

    async def sees(mode: str) -> list[str]:
        await inbox.store.run(lambda uow: presence.see(uow, AgentActor(me), "tty1", 1, mode))
        lease = await a_lease(inbox, dead=True)
        await Typist(inbox.store, lease, desk._channels).run_once()
        return [call.fields["chat_id"] for call in desk.api.called("sendChatAction")]

    assert await sees("replying") == [], "off by default"
    await inbox.configure(mail_account(), allowed)
    assert await sees("viewing") == []
    desk.api.fail("sendChatAction", 403, "Forbidden: bot was blocked by the user")
    assert await sees("replying") == ["42"]
    inbox.clock.advance(seconds=20)
    lease = await a_lease(inbox, dead=True)
    await Typist(inbox.store, lease, desk._channels).run_once()
    assert len(desk.api.called("sendChatAction")) == 1, "gone"


async def test_nothing_is_changed_outside_while_a_restored_database_is_held(desk: Desk) -> None:
    comment_id = await desk.says("Old")
    await desk.edits(comment_id, "New")
    async with desk.inbox.store.write() as uow:
        await settings.write_setting(uow, settings.HELD, {"kind": "restored", "args": {}})
        await uow.commit()
    lease = await a_lease(desk.inbox, dead=True)
    await Amender(desk.inbox.store, lease, desk._channels).run_once()
    assert desk.shown() == ["Old"]
