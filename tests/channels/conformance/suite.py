"""The cases. A channel's own test module says::

    class TestIt(Conformance):
        @pytest.fixture
        async def other_side(self, ...) -> AsyncIterator[OtherSide]: ...

Cases that the service cannot have are skipped with the reason.
"""

from collections.abc import AsyncIterator, Awaitable
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TypeVar

import pytest

from pfinbox.domain.contract.batch import Batch
from pfinbox.domain.contract.channel import Capability
from pfinbox.domain.contract.files import File
from pfinbox.domain.contract.incoming import Incoming, Message
from pfinbox.domain.contract.pictures import LARGEST
from pfinbox.domain.text.cleaning import clean_line
from pfinbox.errors import Refused
from pfinbox.services.privacy import erasing
from pfinbox.store import tables as t
from pfinbox.store.uow import Store
from tests.builders import Clock, Inbox
from tests.channels.conformance.odd_copies import odd_copies
from tests.channels.conformance.other_side import CannotBe, Got, OtherSide, Trouble
from tests.channels.conformance.running import Account, setup_of


class _Large(bytes):
    """Only says how large it is: what is refused is not read."""

    def __new__(cls, _size: int) -> "_Large":
        return super().__new__(cls)

    def __init__(self, size: int) -> None:
        self._size = size

    def __len__(self) -> int:
        return self._size


T = TypeVar("T")


class Conformance:
    """One account of the channel in an empty store."""

    @pytest.fixture
    def kind(self) -> str:
        """What a store makes of it has tests of its own, on each database."""
        return "sqlite"

    @pytest.fixture
    async def account(self, new_store: Store, other_side: OtherSide) -> AsyncIterator[Account]:
        clock = Clock(datetime.now(UTC))
        inbox = await Inbox.make(new_store, setup_of(other_side), clock=clock)
        account = Account(inbox, other_side)
        if other_side.begins_now:
            assert await account.receive()
        yield account
        await other_side.close()
        await inbox.store.close()

    # -- receiving

    async def test_r12_what_a_client_writes_is_here_once_and_in_order(
        self, account: Account, other_side: OtherSide
    ) -> None:
        for text in ("one", "two", "three"):
            await other_side.says(text)
        assert await account.receive()
        assert await account.receive()
        assert await account.texts() == ["one", "two", "three"]

    async def test_r12_a_kill_before_the_commit_loses_nothing(
        self, account: Account, other_side: OtherSide
    ) -> None:
        await other_side.says("one")
        await account.receive_and_die()
        await other_side.says("two")
        assert await account.receive()
        assert await account.texts() == ["one", "two"]

    async def test_r12_after_downtime_nothing_is_missing_in_whatever_order_it_comes(
        self, account: Account, other_side: OtherSide
    ) -> None:
        """Nobody promises that requests come in the order in which they were sent (R4)."""
        await other_side.says("before")
        assert await account.receive()
        for number in range(12):
            await other_side.says(f"while away {number}")
        assert await account.receive()
        assert await account.texts() == ["before", *(f"while away {n}" for n in range(12))]
        later = ["later 0", "later 1", "later 2"]
        for text in later:
            await other_side.says(text)
        assert await account.receive(backwards=True)
        assert sorted((await account.texts())[-3:]) == later
        threads = setup_of(other_side).capabilities & Capability.THREADS
        assert await account.count(t.task) == (16 if threads else 1)

    async def test_r12_a_repeat_is_shown_once(
        self, account: Account, other_side: OtherSide
    ) -> None:
        await other_side.says("one")
        await self._if_it_can(other_side.repeats())
        assert await account.receive()
        await other_side.repeats()
        assert await account.receive()
        assert await account.texts() == ["one"]

    async def test_r11_an_edit_keeps_what_was_said(
        self, account: Account, other_side: OtherSide
    ) -> None:
        name = await other_side.says("wnoe")
        await self._if_it_can(other_side.edits(name, "one"))
        assert await account.receive()
        assert await account.texts() == ["one"]
        assert await account.count(t.comment_edit) == 1

    async def test_r11_an_edit_before_its_message_harms_nothing(
        self, account: Account, other_side: OtherSide
    ) -> None:
        name = await other_side.says("one")
        await self._if_it_can(other_side.edits(f"{name}9", "of another"))
        await other_side.says("two")
        assert await account.receive()
        assert await account.texts() == ["one", "two"]

    async def test_r11_what_a_client_deletes_is_marked(
        self, account: Account, other_side: OtherSide
    ) -> None:
        name = await other_side.says("one")
        assert await account.receive()
        await self._if_it_can(other_side.deletes(name))
        assert await account.receive()
        (row,) = await account.comments()
        assert row.deleted_at is not None

    async def test_r12_an_unknown_event_is_kept_and_others_go_on(
        self, account: Account, other_side: OtherSide
    ) -> None:
        await other_side.says("one")
        await self._if_it_can(other_side.nonsense())
        await other_side.says("two")
        assert await account.receive()
        texts = await account.texts()
        assert (texts[0], texts[-1]) == ("one", "two")
        assert await account.count(t.receipt) == 3

    async def test_a_hostile_name_is_only_a_name(
        self, account: Account, other_side: OtherSide
    ) -> None:
        hostile = "\x1b[31mRoot\u202e[@click=app.quit]x[/]"
        await self._if_it_can(other_side.says("Hello \x1b[2J", name=hostile))
        assert await account.receive()
        (row,) = await account.comments()
        seen = await account.name_of_client()
        for text in (row.text, seen["name"], seen["title"]):
            assert text == clean_line(text, 10_000)
            assert "\x1b" not in text
            assert "\u202e" not in text

    async def test_r20_files_come_in_whole(self, account: Account, other_side: OtherSide) -> None:
        given = other_side.file
        await self._if_it_can(other_side.says("see", files=[given]))
        (message,) = [
            one.event
            for batch in await account.batches()
            for one in batch.items
            if isinstance(one.event, Message)
        ]
        assert [(one.name, one.content) for one in message.files] == [(given.name, given.content)]

    async def test_r34_a_picture_of_who_writes_is_on_the_card_and_goes_with_it(
        self, account: Account, other_side: OtherSide
    ) -> None:
        """Asked for at most once a week; one that is too large is not taken."""
        first, second = b"\x89PNG\r\n\x1a\nfirst", b"\xff\xd8\xffsecond"
        await self._if_it_can(other_side.shows(first))
        for days, picture, seen in (
            (0, first, ("image/png", first)),
            (1, second, ("image/png", first)),
            (7, b"\xff\xd8\xff" + bytes(LARGEST), ("image/png", first)),
            (8, second, ("image/jpeg", second)),
        ):
            account.inbox.clock.advance(days=days)
            await other_side.shows(picture)
            await other_side.says("Hello")
            assert await account.receive()
            await account.fetch_pictures()
            assert await account.picture() == seen
        await account.inbox.acting("anna").write(erasing.erase_contact, 1)
        assert await account.count(t.picture) == 0

    async def test_what_an_agent_has_read_is_told_once_and_only_where_it_is_wanted(
        self, account: Account, other_side: OtherSide
    ) -> None:
        await other_side.says("one")
        assert await account.receive()
        await account.read()
        if not setup_of(other_side).capabilities & Capability.MARKS_READ:
            assert await self._if_it_can(other_side.read()) == 0
            other_side.given = other_side.telling
            await account.inbox.configure(setup_of(other_side))
            await account.read()
        for _ in range(2):
            assert await self._if_it_can(other_side.read()) == 1
            await account.read()

    async def test_what_was_kept_is_read_again_alike(
        self, account: Account, other_side: OtherSide
    ) -> None:
        await other_side.says("one")
        (incoming,) = [one for batch in await account.batches() for one in batch.items]
        async with account.channel() as channel:
            again = channel.parse(incoming.key, incoming.raw)
        assert isinstance(again.event, Message)
        assert isinstance(incoming.event, Message)
        assert (again.key, again.event.text, again.event.sender) == (
            incoming.key,
            incoming.event.text,
            incoming.event.sender,
        )

    async def test_r12_whatever_a_service_sends_is_stored_or_put_aside(
        self, account: Account, other_side: OtherSide
    ) -> None:
        """No value that it should not send stops the account, in reading or in storing."""
        try:
            await other_side.says("one", files=[File("a.txt", "text/plain", b"x")])
        except CannotBe:
            await other_side.says("one")
        (incoming,) = [one for batch in await account.batches() for one in batch.items]
        read: dict[str, Incoming] = {}
        async with account.channel() as channel:
            for n, raw in enumerate(odd_copies(incoming.raw)):
                found = channel.parse(f"odd {n}", raw)
                # Those that are alike are stored once.
                read.setdefault(repr(found.event), replace(found, key=f"odd {n}"))
        some = list(read.values())[::8]
        assert some
        assert await account.receive(Batch(items=tuple(some)))
        assert await account.count(t.receipt) == len(some)

    async def test_r12_no_request_stops_those_behind_it(
        self, account: Account, other_side: OtherSide
    ) -> None:
        """Whoever knows the secret, or the service itself, may post anything."""
        await other_side.says("one")
        kept = await account.kept_requests()
        if not kept:
            pytest.skip("nothing is pushed to it")
        copies = [(one, body) for one in kept for body in odd_copies(one.request.body)]
        odd = [replace(one.request, body=body) for one, body in copies[::3]]
        odd += [
            replace(kept[0].request, body=body) for body in (b"", b"[" * 100_000, b"\xff{", b"7")
        ]
        await account.keep([one.request for one in kept], odd)
        await other_side.says("two")
        for _ in range(60):
            # A file that may only be late is asked for a few times.
            if await account.receive():
                break
        assert "two" in await account.texts()
        assert await account.kept_requests() == []

    async def test_r12_what_was_dropped_in_a_long_downtime_is_said(
        self, account: Account, other_side: OtherSide
    ) -> None:
        kept_for = setup_of(other_side).limits.kept_for
        if kept_for is None:
            pytest.skip("it keeps what was not received")
        assert await account.receive()
        account.inbox.clock.advance(seconds=kept_for - 60)
        assert await account.receive()
        assert await account.gap() is None
        account.inbox.clock.advance(seconds=kept_for + 3600)
        assert await account.receive()
        gap = await account.gap()
        assert gap is not None
        assert gap.since is not None
        assert gap.until - gap.since == timedelta(hours=1)

    async def test_r12_what_a_service_has_lost_is_said(
        self, account: Account, other_side: OtherSide
    ) -> None:
        await other_side.says("one")
        assert await account.receive()
        await self._if_it_can(other_side.loses())
        assert await account.receive()
        assert await account.receive()
        assert await account.gap() is not None
        assert await account.activities() == ["messages_missing"]
        account.inbox.clock.advance(seconds=60)
        await other_side.says("two")
        assert await account.receive()
        assert (await account.texts())[-1] == "two"

    # -- sending

    async def test_r15_an_answer_goes_out_once(
        self, account: Account, other_side: OtherSide
    ) -> None:
        await self._asked(account, other_side)
        await account.answer("Да, [завтра]")
        await account.send()
        await account.send()
        assert [self._said(one) for one in await other_side.got()] == ["Да, [завтра]"]
        assert await account.states() == ["sent"]

    async def test_r20_files_go_out_whole(self, account: Account, other_side: OtherSide) -> None:
        await self._asked(account, other_side)
        setup = setup_of(other_side)
        if not setup.capabilities & Capability.ATTACHMENTS:
            pytest.skip("it takes no files")
        kind = (setup.limits.media_types or ("text/plain",))[0]
        file = File('счёт "1".txt', kind, b"a\r\nb\n" * 50)
        await account.answer("see", attachments=(file,))
        await account.send()
        got = await other_side.got()
        assert [content for one in got for _name, content in one.files] == [file.content]
        assert all("\n" not in name for one in got for name, _content in one.files)

    async def test_r25_a_huge_text_arrives_whole_or_is_refused_before(
        self, account: Account, other_side: OtherSide
    ) -> None:
        await self._asked(account, other_side)
        limit = setup_of(other_side).limits.max_text or 20_000
        words = [f"word{n:05}" for n in range(limit * 5 // 20)]
        await account.answer(" ".join(words))
        await account.send()
        got = " ".join(self._said(one) for one in await other_side.got())
        assert got.split() == words
        assert await account.states() == ["sent"]

    async def test_r25_a_file_that_is_too_large_is_refused_before(
        self, account: Account, other_side: OtherSide
    ) -> None:
        await self._asked(account, other_side)
        limit = setup_of(other_side).limits.max_file
        if limit is None:
            pytest.skip("it has no such limit")
        file = File("large.bin", "application/octet-stream", _Large(limit + 1))
        with pytest.raises(Refused):
            await account.answer("see", attachments=(file,))

    async def test_r24_too_many_is_tried_again(
        self, account: Account, other_side: OtherSide
    ) -> None:
        await self._troubled(account, other_side, Trouble.TOO_MANY)
        assert await account.states() == ["pending"]
        await account.later()
        await account.send()
        assert len(await other_side.got()) == 1
        assert await account.states() == ["sent"]

    async def test_r24_a_refusal_is_seen_at_once_and_not_repeated(
        self, account: Account, other_side: OtherSide
    ) -> None:
        await self._troubled(account, other_side, Trouble.REFUSED)
        await account.later()
        await account.send()
        assert await other_side.got() == []
        assert await account.states() == ["failed"]

    async def test_r24_a_wrong_secret_sends_nothing_and_loses_nothing(
        self, account: Account, other_side: OtherSide
    ) -> None:
        await self._troubled(account, other_side, Trouble.WRONG_SECRET)
        assert await other_side.got() == []
        assert (await account.states())[0] in ("pending", "failed")

    @pytest.mark.parametrize("trouble", [Trouble.CUT, Trouble.TRUNCATED, Trouble.FAULT])
    async def test_r24_without_a_clear_answer_it_is_not_sent_twice(
        self, account: Account, other_side: OtherSide, trouble: Trouble
    ) -> None:
        await self._troubled(account, other_side, trouble)
        await account.later()
        await account.send()
        assert len(await other_side.got()) <= 1
        if setup_of(other_side).capabilities & Capability.IDEMPOTENT:
            assert await account.states() == ["sent"]
        elif trouble is Trouble.CUT:
            assert await account.states() == ["unknown"]
            await self._known_again(account, other_side)
        elif await account.states() == ["sent"]:
            assert len(await other_side.got()) == 1

    async def test_r24_a_kill_between_sending_and_recording_sends_nothing_twice(
        self, account: Account, other_side: OtherSide
    ) -> None:
        await self._asked(account, other_side)
        await account.answer()
        await account.send(crash=True)
        await account.later()
        await account.send()
        assert len(await other_side.got()) == 1
        idempotent = setup_of(other_side).capabilities & Capability.IDEMPOTENT
        assert await account.states() == ["sent" if idempotent else "unknown"]

    async def test_r24_a_failure_that_is_told_late_is_seen(
        self, account: Account, other_side: OtherSide
    ) -> None:
        await self._asked(account, other_side)
        await account.answer()
        await account.send()
        await self._if_it_can(other_side.reports_failure())
        assert await account.receive()
        assert await account.states() == ["failed"]

    async def test_r25_a_closed_window_is_known_before_sending(
        self, account: Account, other_side: OtherSide
    ) -> None:
        window = setup_of(other_side).limits.reply_window
        if window is None:
            pytest.skip("it can always be written to")
        await self._asked(account, other_side)
        account.inbox.clock.advance(seconds=window + 60)
        with pytest.raises(Refused):
            await account.answer()

    async def test_doctor_says_that_it_works(self, account: Account, other_side: OtherSide) -> None:
        assert await account.receive()
        async with account.channel() as channel:
            findings = await channel.probe()
        assert findings
        assert all(finding.ok for finding in findings)
        assert not any("secret" in str(finding).lower() for finding in findings)

    async def _known_again(self, account: Account, other_side: OtherSide) -> None:
        """What is told back proves itself, and is no other message (R43)."""
        with suppress(CannotBe):
            await other_side.tells_back()
            assert await account.receive()
            assert await account.states() == ["sent"]
            assert await account.count(t.comment) == 2

    # -- words

    async def _asked(self, account: Account, other_side: OtherSide) -> None:
        await other_side.says("Hello")
        assert await account.receive()

    async def _troubled(self, account: Account, other_side: OtherSide, trouble: Trouble) -> None:
        if trouble not in other_side.troubles:
            pytest.skip(f"{trouble}: it cannot be made to happen there")
        await self._asked(account, other_side)
        await account.answer()
        other_side.trouble(trouble)
        await account.send()

    async def _if_it_can(self, doing: Awaitable[T]) -> T:
        try:
            return await doing
        except CannotBe:
            pytest.skip("the service has no such thing")

    def _said(self, got: Got) -> str:
        """The agent's words in what the client has."""
        return got.text.strip()
