"""What an agent's change makes of a task (R35)."""

import pytest

from pfinbox.domain.model import Agent, Task, Who
from pfinbox.domain.tasks.change import Around, TaskChange, change
from tests.builders import START

ANNA = Who("agent", 1)
TASK = Task(
    1,
    title="Order",
    status="open",
    active=True,
    contact_id=7,
    account_id=None,
    assignee=ANNA,
    participants=(Who("agent", 2),),
    reply_via="last",
)
AROUND = Around(
    1, START, {"open": True}, None, {n: Agent(n, login=f"a{n}", name=f"A{n}") for n in (1, 2, 3)}
)


@pytest.mark.parametrize(
    "same",
    [
        TaskChange(title=" Order "),
        TaskChange(status="open"),
        TaskChange(assignee=ANNA),
        TaskChange(reply_via="last"),
        TaskChange(contact_id=7),
        TaskChange(add_participants=(Who("agent", 2),)),
        TaskChange(no_snooze=True),
    ],
)
def test_r21_what_is_so_already_is_no_change_and_nothing_is_told_of_it(same: TaskChange) -> None:
    changed = change(TASK, same, AROUND)
    assert (changed.values, changed.events) == ({}, [])


def test_r35_who_is_named_twice_joins_once() -> None:
    carl = Who("agent", 3)
    assert change(TASK, TaskChange(add_participants=(carl, carl)), AROUND).joined == [carl]
