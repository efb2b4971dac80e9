"""R41: a close or snooze that its own agent takes back leaves the client waiting as before."""

from datetime import datetime, timedelta

import pytest

from pfinbox.domain.actor import AgentActor
from pfinbox.domain.tasks.change import TaskChange
from pfinbox.domain.tasks.undo_close import is_slip
from pfinbox.services.comments import corrections
from pfinbox.services.tasks import tasks
from pfinbox.store import read
from tests.builders import START, Inbox, client
from tests.services.inbound.test_arrival import the_task

LATER = START + timedelta(minutes=6)


@pytest.mark.parametrize(
    ("done_by", "now", "said_so", "slip"),
    [
        (1, START, False, True),
        (1, LATER, False, False),
        (1, LATER, True, True),
        (2, START, True, False),
        (None, START, True, False),
    ],
)
def test_r41_what_counts_as_a_slip(
    done_by: int | None, now: datetime, said_so: bool, slip: bool
) -> None:
    assert is_slip(done_by, START, 1, now, said_so=said_so) is slip


async def change(inbox: Inbox, by: str = "anna", **values: object) -> None:
    wanted = TaskChange(**values)  # type: ignore[arg-type]
    me = inbox.agent_ids[by]
    await inbox.store.run(lambda uow: tasks.change(uow, AgentActor(me), (1,), wanted))


async def waits(inbox: Inbox) -> tuple[datetime | None, bool]:
    """Since when the client waits, and whether it is unread for Boris."""
    async with inbox.store.read() as uow:
        row = await read.task_row(uow, inbox.actor("boris"), 1)
    return row.waiting_since, row.unread


async def test_r41_a_close_taken_back_at_once_leaves_it_to_answer(inbox: Inbox) -> None:
    await inbox.says("Where is it?")
    before = await waits(inbox)
    assert before == (inbox.clock.now, True)
    await change(inbox, status="done")
    assert (await waits(inbox))[0] is None
    inbox.clock.advance(minutes=4)
    await change(inbox, status="open")
    assert await waits(inbox) == before
    # Computed anew from what was said it is the same (a note was deleted).
    note = await inbox.comment(1, "Hm", to=[])
    anna = inbox.agent_ids["anna"]
    await inbox.store.run(
        lambda uow: corrections.delete_comment(uow, AgentActor(anna), note.comment_id)
    )
    assert await waits(inbox) == before


async def test_r41_what_is_opened_again_on_purpose_is_not_to_answer(inbox: Inbox) -> None:
    for by, minutes, undo, back in (
        ("anna", 6, False, False),
        ("boris", 1, False, False),
        ("anna", 60, True, True),
    ):
        await inbox.says("Where is it?")
        await change(inbox, status="done")
        inbox.clock.advance(minutes=minutes)
        await change(inbox, by=by, status="open", undo=undo)
        assert ((await waits(inbox))[0] is not None) is back, by


async def test_r41_an_answer_stays_an_answer_and_a_snooze_can_be_a_slip_too(inbox: Inbox) -> None:
    await inbox.says("Where is it?")
    since = (await waits(inbox))[0]
    await change(inbox, snooze_until=inbox.clock.now + timedelta(days=1))
    assert (await waits(inbox))[0] is None
    await change(inbox, no_snooze=True)
    assert (await waits(inbox))[0] == since
    await inbox.comment(1, "Here", to=[client(1)])
    await change(inbox, status="done")
    await change(inbox, status="open")
    assert (await waits(inbox))[0] is None
    assert (await the_task(inbox, 1)).active
