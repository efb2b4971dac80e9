"""R4, R6: a status that changes sides in the configuration never gives one chat two open tasks."""

from collections.abc import Sequence

import pytest

from pfinbox.domain.actor import AgentActor
from pfinbox.domain.tasks.change import TaskChange
from pfinbox.errors import ConfigError
from pfinbox.services.merging import merging
from pfinbox.services.system import configuration
from pfinbox.services.tasks import tasks
from tests.builders import STATUSES, Inbox, chat_account, mail_account
from tests.services.inbound.test_arrival import task_of, the_task
from tests.services.photograph import photograph


async def configure(inbox: Inbox, *parked: tuple[str, bool]) -> None:
    statuses: Sequence[tuple[str, bool]] = (*STATUSES, *parked)
    setups = (mail_account(), chat_account())
    await inbox.store.run(lambda uow: configuration.configure(uow, setups, statuses, {}))


async def park(inbox: Inbox, task_id: int, status: str = "parked") -> None:
    anna = inbox.agent_ids["anna"]
    change = TaskChange(status=status)
    await inbox.store.run(lambda uow: tasks.change(uow, AgentActor(anna), (task_id,), change))


async def test_r4_two_tasks_of_a_chat_that_would_both_be_open_are_named_and_nothing_changes(
    inbox: Inbox,
) -> None:
    await configure(inbox, ("parked", False))
    await inbox.says("First")
    await park(inbox, 1)
    await inbox.says("Second")
    before = await photograph(inbox)
    with pytest.raises(ConfigError, match=r"with parked active .* #1 #2; merge them first"):
        await configure(inbox, ("parked", True))
    assert await photograph(inbox) == before
    # Both of them parked is no better.
    await park(inbox, 2)
    with pytest.raises(ConfigError, match="#1 #2"):
        await configure(inbox, ("parked", True))
    anna = inbox.agent_ids["anna"]
    await inbox.store.run(lambda uow: merging.merge_tasks(uow, AgentActor(anna), 1, (2,)))
    await configure(inbox, ("parked", True))
    assert await task_of(inbox, await inbox.says("Third")) == 1


async def test_r4_a_task_that_opens_with_its_status_takes_its_chat_back(inbox: Inbox) -> None:
    await configure(inbox, ("parked", False))
    await inbox.says("First")
    await park(inbox, 1)
    await inbox.says("Second")
    await park(inbox, 2, "done")
    await configure(inbox, ("parked", True))
    task = await the_task(inbox, 1)
    assert (task.active, task.closed_at) == (True, None)
    assert await task_of(inbox, await inbox.says("Third")) == 1


async def test_r6_r41_a_status_that_becomes_inactive_closes_its_tasks(inbox: Inbox) -> None:
    await configure(inbox, ("parked", True))
    await inbox.says("First")
    await park(inbox, 1)
    await configure(inbox, ("parked", False))
    task = await the_task(inbox, 1)
    assert (task.active, task.closed_at, task.waiting_since) == (False, inbox.clock.now, None)
    assert await task_of(inbox, await inbox.says("Second")) == 2
