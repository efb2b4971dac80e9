"""A mail that could be read only later lands as if it came now (R5, R6)."""

from dataclasses import replace

import pytest

from pfinbox.domain.actor import AgentActor
from pfinbox.domain.contract.incoming import Incoming, Message, Unreadable
from pfinbox.domain.contract.party import Party
from pfinbox.domain.contract.reason import Reason
from pfinbox.domain.tasks.change import TaskChange
from pfinbox.services.inbound import receiving
from pfinbox.services.tasks import tasks
from pfinbox.store import read
from tests.builders import Inbox
from tests.services.inbound.test_arrival import task_of, the_task

RAW = b"an answer in a broken coding"


@pytest.mark.parametrize(("days", "reopened"), [(13, True), (15, False)])
async def test_r6_what_is_read_after_its_task_was_closed_follows_the_account_s_rule(
    inbox: Inbox, days: int, reopened: bool
) -> None:
    first = Message(
        source_id="<1@client>",
        chat_key=None,
        sender=Party("m@client.example", "M"),
        sent_at=inbox.clock.now,
        text="One",
    )
    await inbox.receive("support", Incoming(key="INBOX:1:1", raw=b"1", event=first))
    reason = Reason("unreadable", {"detail": "x"})
    broken = Unreadable(reason=reason, sent_at=inbox.clock.now, sender=first.sender)
    await inbox.receive("support", Incoming(key="INBOX:1:2", raw=RAW, event=broken))
    anna = inbox.agent_ids["anna"]
    # The conversation and the stand-in for what nobody could read are both closed.
    done = TaskChange(status="done")
    await inbox.store.run(lambda uow: tasks.change(uow, AgentActor(anna), (1, 2), done))
    inbox.clock.advance(days=days)
    async with inbox.store.read() as uow:
        (item,) = await read.quarantine(uow, AgentActor(anna))

    def parse(key: str, raw: bytes) -> Incoming:
        assert raw == RAW
        answer = replace(first, source_id="<2@client>", text="Two", references=("<1@client>",))
        return Incoming(key=key, raw=raw, event=answer)

    comment_id = await inbox.store.run(
        lambda uow: receiving.reprocess(uow, inbox.actor("anna"), item.id, parse)
    )
    assert comment_id is not None
    landed = await task_of(inbox, comment_id)
    assert landed == (1 if reopened else 3)
    task = await the_task(inbox, landed)
    assert task.open
    assert task.waiting_since is not None
    assert (await the_task(inbox, 1)).active is reopened
    async with inbox.store.read() as uow:
        assert await read.quarantine(uow, AgentActor(anna)) == ()
        # What stood for it is gone for good.
        with pytest.raises(Exception, match="no task #2"):
            await read.conversation(uow, AgentActor(anna), 2)
