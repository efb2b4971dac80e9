"""What one thing received does, decided in memory: R1, R2, R4, R6, R8, R12, R41, R44."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from pfinbox.channels.mail import SPEC as MAIL
from pfinbox.channels.telegram import SPEC as TELEGRAM
from pfinbox.domain.access import AccountAccess
from pfinbox.domain.contract.channel import Capability
from pfinbox.domain.contract.incoming import Edit, Incoming, Message
from pfinbox.domain.contract.party import Party
from pfinbox.domain.inbound import deciding
from pfinbox.domain.inbound.deciding import Apart, Outcome
from pfinbox.domain.inbound.identity.repeats import mark
from pfinbox.domain.inbound.known import KnownChat, KnownTask, LastSaid
from pfinbox.domain.inbound.working_set import WorkingSet
from pfinbox.domain.model import Account, Agent, Binding, Task, Who
from pfinbox.domain.people.cards import Sender
from pfinbox.domain.recipients.correspondents import our_side

NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
MARIA = Party("501", "Maria")
STATUSES = {"new": True, "open": True, "done": False}


def working_set(
    items: list[Incoming], capabilities: Capability = TELEGRAM.capabilities, **values: Any
) -> WorkingSet:
    account = Account(1, "bot", "telegram", capabilities=capabilities)
    anna = Agent(1, "anna", "Anna")
    return WorkingSet(
        now=NOW,
        account=replace(account, **values.pop("rules", {})),
        accounts={1: account},
        access={1: AccountAccess(1)},
        agents=values.pop("agents", {1: anna}),
        side=our_side([account], [anna]),
        statuses=STATUSES,
        mail_account=None,
        marks={one.key: mark(one) for one in items},
        receipts=set(),
        by_bytes={},
        purged=frozenset(),
        **values,
    )


def says(n: int, text: str = "Hello", **values: Any) -> Incoming:
    message = Message(
        source_id=f"501:{n}", chat_key="501", sender=MARIA, sent_at=NOW, text=text, **values
    )
    return Incoming(key=f"u{n}", raw=text.encode(), event=message)


def with_chat(ws: WorkingSet, task: Task) -> KnownTask:
    """Maria's chat and its task are there."""
    maria = Sender(7, 7, 8, blocked=False, known=True, value="501")
    ws.people["501"] = maria
    ws.chats[20] = KnownChat(20, "501", 7, 7, 8, address="501")
    ws.keys["501"] = 20
    ws.serving[20] = Binding(40, 20, task.id, task.id, current=True)
    ws.tasks[task.id] = KnownTask(task, created_at=NOW)
    return ws.tasks[task.id]


TASK = Task(30, "Hello", "new", active=True, contact_id=7, account_id=1, last_activity_at=NOW)


def decided(ws: WorkingSet, items: list[Incoming]) -> list[Outcome | None]:
    outcomes = []
    for one in items:
        outcome = deciding.decide(ws, one)
        if outcome is not None:
            deciding.keep(ws, one, outcome)
        outcomes.append(outcome)
    return outcomes


def test_r1_r2_r4_a_new_client_s_messages_become_one_card_one_chat_one_task() -> None:
    items = [says(1), says(2, "And another thing"), says(1), says(3)]
    ws = working_set(items)
    outcomes = decided(ws, items)
    assert [one and one.state for one in outcomes] == ["shown", "shown", None, "shown"]
    made = {name: len(rows) for name, rows in ws.decided.made.items()}
    assert made == {
        "contact": 1, "address": 1, "chat": 1, "task": 1, "binding": 1, "comment": 3, "receipt": 3
    }  # fmt: skip
    assert not ws.decided.changed, "what is new is written once, as it is in the end"
    task = next(iter(ws.decided.made["task"].values()))
    last = list(ws.decided.made["comment"])[-1]
    assert (task["title"], task["last_line"]) == ("Hello", "Hello")
    assert (task["last_notable_id"], task["waiting_since"]) == (last, NOW)


def test_r12_a_repeat_is_known_by_its_id_and_all_that_it_says() -> None:
    items = [says(1), replace(says(1), key="again"), replace(says(1, "Other words"), key="other")]
    ws = working_set(items, capabilities=MAIL.capabilities)
    first, repeat, other = decided(ws, items)
    assert first is not None
    assert repeat is not None
    assert other is not None
    assert (repeat.state, repeat.comment_id) == ("duplicate", first.comment_id)
    assert other.state == "shown", "nobody can suppress a message by reusing an id"


@pytest.mark.parametrize(
    ("rule", "closed_days_ago", "reopened"),
    [("true", 0, False), ("false", 99, True), ("14d", 13, True), ("14d", 15, False)],
)
def test_r6_a_finished_task_is_opened_again_or_followed_by_a_new_one(
    rule: str, closed_days_ago: int, reopened: bool
) -> None:
    items = [says(1)]
    ws = working_set(items, rules={"new_task_after_close": rule})
    closed_at = NOW - timedelta(days=closed_days_ago)
    root = with_chat(ws, replace(TASK, active=False, status="done", closed_at=closed_at))
    ws.last_said[7] = LastSaid(NOW - timedelta(days=1), 5, 30)
    decided(ws, items)
    assert root.task.active is reopened
    if reopened:
        assert ws.decided.changed["task"][30]["status"] == "open"
    else:
        new = next(iter(ws.decided.made["task"].values()))
        assert new["previous_task_id"] == 30, "R8"
        assert ws.decided.changed["binding"] == {40: {"current": False}}


def test_r4_a_finished_task_stays_closed_where_another_open_one_has_its_chat() -> None:
    items = [says(1)]
    ws = working_set(items, rules={"new_task_after_close": "false"})
    root = with_chat(ws, replace(TASK, active=False, status="done", closed_at=NOW))
    ws.bindings[30] = [
        Binding(40, 20, 30, 30, current=True),
        Binding(41, 21, 30, 30, current=False),
    ]
    ws.serving[21] = Binding(42, 21, 31, 31, current=True)
    ws.open_elsewhere = frozenset({31})
    decided(ws, items)
    assert not root.task.active
    assert len(ws.decided.made["task"]) == 1


@pytest.mark.parametrize("deputy", [2, None])
def test_r44_the_deputy_of_an_absent_assignee_gets_it_else_nobody_in_particular(
    deputy: int | None,
) -> None:
    items = [says(1), says(2)]
    away = Agent(1, "anna", "Anna", away_until=NOW + timedelta(days=1), deputy_id=deputy)
    ws = working_set(items, agents={1: away, 2: Agent(2, "boris", "Boris")})
    root = with_chat(ws, replace(TASK, assignee=Who("agent", 1)))
    decided(ws, items)
    said = [row["args"] for row in ws.decided.made["activity"].values()]
    assert said == [{"to": deputy, "instead_of": 1}], "once in an absence"
    told = {row["agent_id"] for row in ws.decided.made["notice"].values()}
    assert told == ({1, 2} if deputy else {1})
    assert (root.task.assignee is None) is (deputy is None)


def test_r41_it_is_news_for_those_whom_the_answered_comment_notified() -> None:
    items = [says(1)]
    ws = working_set(items)
    with_chat(ws, TASK).last_to_client = 5
    ws.notified[5] = frozenset({1})
    decided(ws, items)
    assert [row["agent_id"] for row in ws.decided.made["notice"].values()] == [1]
    assert "last_notable_id" not in ws.decided.changed["task"][30]


def test_a_rare_event_is_left_to_the_store_before_anything_is_decided() -> None:
    edit = Edit(source_id="501:1", chat_key="501", text="Other words", edited_at=NOW)
    items = [Incoming(key="e", raw=b"", event=edit)]
    ws = working_set(items)
    with pytest.raises(Apart):
        decided(ws, items)
    assert not ws.decided.anything
