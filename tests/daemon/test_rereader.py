"""What a screen asks for is read again by the daemon that holds the account."""

from collections.abc import Iterator

import pytest

from pfinbox.daemon.chores.rereader import Rereader
from pfinbox.domain.actor import AgentActor
from pfinbox.domain.contract.channel import Channel
from pfinbox.domain.contract.incoming import Incoming, Message, Unreadable
from pfinbox.domain.contract.party import Party
from pfinbox.domain.contract.reason import Reason
from pfinbox.errors import NotFound
from pfinbox.services.inbound import quarantine_retry
from pfinbox.store import read
from pfinbox.store.rows import QuarantineRow
from tests.builders import Inbox
from tests.daemon.scripted import ScriptedChannel
from tests.daemon.test_sender import a_lease


class Given(dict[int, Channel]):
    """Channels of accounts that go to another daemon while this one asks what to read."""

    def __iter__(self) -> Iterator[int]:
        ids = list(super().__iter__())
        self.clear()
        return iter(ids)


async def rows(inbox: Inbox) -> tuple[QuarantineRow, ...]:
    async with inbox.store.read() as uow:
        return await read.quarantine(uow, AgentActor(inbox.agent_ids["anna"]))


async def test_what_is_asked_for_is_read_again_and_the_outcome_shows(inbox: Inbox) -> None:
    now, anna = inbox.clock.now, inbox.agent_ids["anna"]
    broken = Unreadable(reason=Reason("unreadable", {"detail": "x"}), sent_at=now)
    for n in (1, 2, 3):
        raw = b"%d" % n
        await inbox.receive("support", Incoming(key=f"INBOX:1:{n}", raw=raw, event=broken))
    first, second, third = await rows(inbox)

    async def ask(*ids: int) -> None:
        await inbox.store.run(lambda uow: quarantine_retry.ask(uow, AgentActor(anna), ids))

    await ask(first.id, second.id)
    with pytest.raises(NotFound):
        await ask(99)
    assert [row.asked for row in await rows(inbox)] == [True, True, False]
    channel = ScriptedChannel()
    channel.readings = [
        Message(
            source_id="<1@c>",
            chat_key=None,
            sender=Party("m@client.example", "M"),
            sent_at=now,
            text="Read at last",
        ),
        ZeroDivisionError("a fault of the reader"),
    ]
    others = Rereader(inbox.store, await a_lease(inbox), {})
    await others.run_once()
    assert len(await rows(inbox)) == 3
    lease = await a_lease(inbox, pid=2, dead=True)
    await Rereader(inbox.store, lease, Given({inbox.account_ids["support"]: channel})).run_once()
    assert len(await rows(inbox)) == 3
    await Rereader(inbox.store, lease, {inbox.account_ids["support"]: channel}).run_once()
    left, untouched = await rows(inbox)
    assert (left.id, left.asked, left.read_again_at) == (second.id, False, now)
    assert left.reason is not None
    assert left.reason.kind == "internal_error"
    assert (untouched.id, untouched.read_again_at) == (third.id, None)
    async with inbox.store.read() as uow:
        page = await read.tasks(uow, AgentActor(anna), "inbox")
    assert "Read at last" in [row.last_line for row in page.rows]
    # Still not readable, with the newest reason.
    channel.readings = [Unreadable(reason=Reason("too_slow", {"seconds": 10}), sent_at=now)]
    await ask(second.id)
    await Rereader(inbox.store, lease, {inbox.account_ids["support"]: channel}).run_once()
    (left, _untouched) = await rows(inbox)
    assert left.reason == Reason("too_slow", {"seconds": 10})
