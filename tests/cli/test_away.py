"""Whoever is away has nobody waiting (R44), and spam by mail keeps to itself (R42)."""

from typing import Any

import pytest
from sqlalchemy import select

from pfinbox.store import tables as t
from tests.builders import Inbox, chat_account, mail_account
from tests.cli.conftest import Cli, on_both


def _task(cli: Cli, number: int, agent: str = "anna") -> dict[str, Any]:
    found: dict[str, Any] = cli.json("task", "show", number, agent=agent)
    return found


def _put_before(task: dict[str, Any]) -> list[int | None]:
    return [one["args"]["to"] for one in task["activities"] if one["kind"] == "put_before"]


NOBODY: list[tuple[str, ...]] = [("agent", "set", "boris", "--away", "in 90d")]
DEPUTY: list[tuple[str, ...]] = [
    ("agent", "set", "boris", "--away", "in 90d", "--deputy", "cecylia")
]
CASES: dict[str, list[tuple[str, ...]]] = {
    "no deputy": NOBODY,
    "deputy away": [*DEPUTY, ("agent", "set", "cecylia", "--away", "in 90d")],
    "deputy of each other": [
        *DEPUTY,
        ("agent", "set", "cecylia", "--away", "in 90d", "--deputy", "boris"),
    ],
    "deputy gone": [*DEPUTY, ("agent", "deactivate", "cecylia")],
}


@pytest.mark.parametrize("case", CASES)
def test_r44_an_open_task_of_an_absent_agent_goes_to_the_unassigned(cli: Cli, case: str) -> None:
    cli.inbox(lambda inbox: inbox.says("Hello"))
    cli("agent", "add", "cecylia")
    cli("task", "set", 1, "--assignee", "boris")
    for words in CASES[case]:
        cli(*words)
    cli.inbox(lambda inbox: inbox.says("Anybody there?"))
    task = _task(cli, 1)
    assert (task["assignee"], _put_before(task)) == (None, [None])
    assert "unassigned: the assignee is away" in cli("task", "show", 1).out
    assert [one["id"] for one in cli.json("task", "list", "--view", "unassigned")] == [1]
    assert task["unread"]
    # Nobody has it now: there is nothing more to say. Given back, it is taken away once more.
    cli.inbox(lambda inbox: inbox.says("Hello?"))
    assert _put_before(_task(cli, 1)) == [None]
    cli("task", "set", 1, "--assignee", "boris")
    cli.inbox(lambda inbox: inbox.says("Please"))
    task = _task(cli, 1)
    assert (task["assignee"], _put_before(task)) == (None, [None, None])


async def _owned(inbox: Inbox) -> None:
    await inbox.configure(
        mail_account("mine", role="personal", owner="boris"),
        chat_account("few", agents=("anna", "boris")),
    )
    await inbox.mails("To Boris himself", account="mine")
    await inbox.says("To a few of us", account="few")


def test_r44_r10_a_deputy_who_may_not_see_a_task_is_none(cli: Cli) -> None:
    """What is an owner's alone waits for the owner; the rest is before those who may see it."""
    cli.inbox(_nobody)
    cli("agent", "add", "cecylia")
    cli.inbox(_owned)
    for number in (1, 2):
        cli("task", "set", number, "--assignee", "boris", agent="boris")
    cli(*DEPUTY[0])

    async def again(inbox: Inbox) -> None:
        async with inbox.store.read() as uow:
            source = await uow.connection.scalar(
                select(t.comment.c.source_id).where(t.comment.c.id == 1)
            )
        await inbox.mails("Are you there?", account="mine", answers=source)
        await inbox.says("Are you all there?", account="few")

    cli.inbox(again)
    mine, few = _task(cli, 1, agent="boris"), _task(cli, 2)
    assert (mine["assignee"]["login"], _put_before(mine)) == ("boris", [])
    assert (few["assignee"], _put_before(few)) == (None, [None])
    # Finished, they open others, and it is the same there.
    for number in (1, 2):
        cli("task", "set", number, "--status", "done", agent="boris")
    cli("task", "set", 2, "--assignee", "boris")

    async def anew(inbox: Inbox) -> None:
        inbox.clock.advance(days=20)
        await again(inbox)

    cli.inbox(anew)
    for number in (1, 3):
        cli("task", "show", number, agent="cecylia", code=5)
    assert _task(cli, 4, agent="anna")["assignee"] is None


async def _nobody(inbox: Inbox) -> None:
    """A store with accounts, and nothing in it."""


async def _answers(inbox: Inbox, comment_id: int, **values: Any) -> int:
    async with inbox.store.read() as uow:
        query = select(t.comment.c.source_id).where(t.comment.c.id == comment_id)
        source = str(await uow.connection.scalar(query))
    return await inbox.mails("And more pills", answers=source, **values)


@on_both
def test_r42_a_mail_in_a_spammed_thread_is_a_task_of_its_own_in_spam(cli: Cli) -> None:
    cli.inbox(lambda inbox: inbox.mails("Pills"))
    cli("task", "spam", 1)
    cli.inbox(lambda inbox: _answers(inbox, 1))
    cli.inbox(lambda inbox: _answers(inbox, 2))
    spam = cli.json("task", "list", "--view", "spam")
    assert sorted(one["id"] for one in spam) == [1, 2, 3]
    assert [one["unread"] for one in spam] == [False] * 3
    assert len(_task(cli, 1)["comments"]) == 1
    for view in ("to_answer", "inbox", "unassigned", "trash"):
        assert cli.json("task", "list", "--view", view) == []
    # Each comes out of it by itself; the thread is the first one's still.
    cli("task", "unspam", 1)
    cli("task", "unspam", 2)
    cli.inbox(lambda inbox: _answers(inbox, 1))
    assert len(_task(cli, 1)["comments"]) == 2
    # Another person in that thread is not blocked and opens a task (R7).
    cli("task", "spam", 1)
    cli.inbox(lambda inbox: _answers(inbox, 1, sender="jan@client.example", name="Jan"))
    assert [one["contact"]["name"] for one in cli.json("task", "list")] == ["Jan", "Maria"]
