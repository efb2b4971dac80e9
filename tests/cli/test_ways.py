"""By which way a comment goes, now and later, and where its answers land (R4, R15-R17, R30)."""

import random
from typing import Any

from sqlalchemy import func, select

from pfinbox.store import tables as t
from tests.builders import Inbox, chat_account, mail_account
from tests.cli.conftest import Cli


async def _reachable_everywhere(inbox: Inbox) -> None:
    """Maria has two chats and two addresses; a task by mail, one by chat, and one by hand."""
    await inbox.configure(
        mail_account(), mail_account("sales"), chat_account(), chat_account("other")
    )
    await inbox.mails("By mail")
    await inbox.says("In the chat")
    await inbox.says("In the other chat", account="other")


def _set_up(cli: Cli) -> None:
    cli.inbox(_reachable_everywhere)
    cli("contact", "merge", 1, 2, 3)
    cli("contact", "set", 1, "--address", "email:office@client.example")
    cli("task", "set", 3, "--status", "done")
    cli("task", "new", "--title", "By hand", "--contact", 1)


def _plan(cli: Cli, task: int, *how: str) -> list[tuple[str, str]]:
    words = ("task", "comment", task, "--text", "x", "--notify", "client", *how, "--dry-run")
    shown = cli.json(*words)
    assert not any(row["error"] for row in shown["plan"]), shown
    return [(row["account"], row["address"]) for row in shown["plan"]]


def _comment(cli: Cli, task: int, *how: str) -> dict[str, Any]:
    words = ("task", "comment", task, "--text", "x", "--notify", "client")
    made: dict[str, Any] = cli.json(*words, *how)
    return made


async def _last_chat(inbox: Inbox) -> int:
    async with inbox.store.read() as uow:
        return int(await uow.connection.scalar(select(func.max(t.chat.c.id))) or 0)


def test_r16_r17_an_answer_by_another_way_changes_nothing_for_later_ones(cli: Cli) -> None:
    _set_up(cli)
    for task in (1, 2, 4):
        _many_ways(cli, task)


def _many_ways(cli: Cli, task: int) -> None:
    # The way that the task takes by itself, and by each choice.
    kept = ["own", "last", "all"]
    before = {via: _plan(cli, task, "--reply-via", via) for via in kept}
    assert _plan(cli, task) == before["own"]
    ways = [("--reply-via", one) for one in ("sales", "support", "other", "last", "all")]
    ways.append(("--address", "office@client.example"))
    for how in random.Random(task).choices(ways, k=6):
        _comment(cli, task, *how)
        assert _plan(cli, task) == before["own"], how
    assert {via: _plan(cli, task, "--reply-via", via) for via in kept} == before
    cli("task", "set", task, "--reply-via", "sales")
    (by_sales,) = _plan(cli, task)
    assert by_sales[0] == "sales"
    _comment(cli, task)
    cli("task", "set", task, "--reply-via", "own")
    assert _plan(cli, task) == before["own"]


def test_r5_r16_what_answers_the_other_way_lands_in_the_task_and_changes_no_way(cli: Cli) -> None:
    _set_up(cli)
    _comment(cli, 2, "--reply-via", "support")
    thread = cli.inbox(_last_chat)
    _comment(cli, 2, "--reply-via", "other")

    async def answers(inbox: Inbox) -> None:
        await inbox.mails("By mail again", tokens=(f"c{thread}",))
        await inbox.says("By the other chat again", account="other")

    cli.inbox(answers)
    texts = [comment["text"] for comment in cli.json("task", "show", 2)["comments"]]
    assert {"By mail again", "By the other chat again"} < set(texts)
    assert _plan(cli, 2) == [("bot", "501")]
    assert _plan(cli, 2, "--reply-via", "last") == [("other", "501")]


def test_r4_r16_a_task_is_reopened_without_a_chat_that_it_only_answered_by(cli: Cli) -> None:
    _set_up(cli)
    _comment(cli, 1, "--reply-via", "other")
    cli("task", "set", 1, "--status", "done")
    cli.inbox(lambda inbox: inbox.says("New", account="other"))
    assert len(cli.json("task", "show", 5)["comments"]) == 1
    cli("task", "set", 1, "--status", "open")
    assert _plan(cli, 1) == [("support", "maria@client.example")]
