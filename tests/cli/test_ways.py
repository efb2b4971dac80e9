"""By which way a comment goes, now and later, and where its answers land (R4, R15-R17, R30)."""

import random
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import func, select, update

from pfinbox.domain.contract.incoming import ChatStarted, Incoming
from pfinbox.domain.contract.party import Party
from pfinbox.store import tables as t
from tests.builders import Inbox, chat_account, mail_account
from tests.cli.conftest import Cli
from tests.daemon.test_sender import a_sender


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


def _refused_for(cli: Cli, number: int, *words: object) -> None:
    assert f"goes on in #{number}" in cli(*words, code=6).err


def test_r4_a_finished_task_says_nothing_where_a_newer_one_is_open(cli: Cli) -> None:
    """R4 by every verb that sends: comment, at once or later, retry, send-now, reroute."""
    cli.inbox(lambda inbox: inbox.says("Old"))
    cli("contact", "set", 1, "--address", "email:maria@client.example")
    to_client = ("task", "comment", 1, "--text", "x", "--notify", "client")
    for n, later in enumerate([(), (), ("--send-at", "tomorrow 9:00")]):
        assert cli.json(*to_client, *later)["id"] == n + 2
    cli.inbox(_two_not_sent)
    cli("task", "set", 1, "--status", "done")
    # Nobody else has the chat: it is sent, and the task stays finished (R4).
    assert cli.json(*to_client)["deliveries"][0]["state"] == "pending"
    cli.inbox(lambda inbox: inbox.says("New"))
    before = cli.json("task", "show", 1)["comments"]
    (row,) = cli.json(*to_client, "--dry-run")["plan"]
    assert (row["error"]["kind"], row["error"]["args"]) == ("goes_on_in", {"task": 2})
    for way in ((), ("--reply-via", "bot"), ("--send-at", "tomorrow 9:00"), ("--force",)):
        _refused_for(cli, 2, *to_client, *way)
    _refused_for(cli, 2, "outbox", "retry", 1)
    _refused_for(cli, 2, "outbox", "send-now", 3)
    _refused_for(cli, 2, "outbox", "reschedule", 3, "tomorrow 10:00")
    assert cli.json("task", "show", 1)["comments"] == before
    # By another way it may go; colleagues may talk; the open task is where the chat goes on.
    cli("outbox", "reroute", 2, "--reply-via", "support")
    cli("task", "comment", 1, "--text", "x", "--internal")
    there = ("contact", "message", 1, "--account", "bot", "--text", "There")
    assert cli.json(*there)["id"] == 2
    # Two open tasks of one chat there are never: the newer one is named there as well.
    assert "#2" in cli("task", "set", 1, "--status", "open", code=6).err
    assert sorted(cli.inbox(_due)) == ["There", "x", "x"]
    (held,) = cli.json("outbox", "list", "--state", "held")
    assert (held["id"], held["error"]["kind"]) == (3, "goes_on_in")
    # Merged they are one conversation, and its chat hears it.
    cli("task", "merge", 2, 1)
    assert cli.json("outbox", "retry", 1)["state"] == "pending"


def test_r18_r6_what_the_client_wrote_into_a_newer_task_holds_the_older_ones(cli: Cli) -> None:
    """The chat went on in another task, which is finished as well: R4 does not stop it."""
    cli.inbox(lambda inbox: inbox.says("Old"))
    later = ("--notify", "client", "--send-at", "in 2h")
    for text, *how in (("Did it help?",), ("Anyway", "--send-anyway")):
        cli("task", "comment", 1, "--text", text, *later, *how)
    cli("task", "set", 1, "--status", "done")
    cli.inbox(lambda inbox: inbox.says("It did not"))
    cli("task", "set", 2, "--status", "done")
    assert cli.inbox(_due) == ["Anyway"]
    (held,) = cli.json("outbox", "list", "--state", "held")
    assert held["error"]["kind"] == "client_wrote"


def test_r18_r19_r33_what_is_another_clients_again_is_not_quoted_by_the_clock(cli: Cli) -> None:
    """Written while the two were one person in one task; taken apart before it left."""
    cli.inbox(lambda inbox: inbox.mails("Where is it?"))
    cli.inbox(lambda inbox: inbox.says("I am another", user="9", name="Olga"))
    cli("task", "merge", 1, 2, "--force")
    cli("contact", "merge", 1, 2)
    later = ("--notify", "client", "--send-at", "in 2h", "--quote")
    for quoted in (2, 1):
        cli("task", "comment", 1, "--text", f"to {quoted}", *later, quoted)
    cli("contact", "unmerge", 2)
    cli("task", "unmerge", 2)
    assert cli.inbox(_due) == ["to 1"]
    (held,) = cli.json("outbox", "list", "--state", "held")
    assert held["error"]["kind"] == "quote_elsewhere"


async def _two_not_sent(inbox: Inbox) -> None:
    async with inbox.store.write() as uow:
        row = update(t.delivery).where(t.delivery.c.id <= 2)
        await uow.connection.execute(row.values(state="failed"))
        await uow.commit()


async def _due(inbox: Inbox) -> list[str]:
    """What leaves when everything is due."""
    before, inbox.clock.now = inbox.clock.now, datetime.now(UTC) + timedelta(hours=3)
    async with inbox.store.write() as uow:
        row = update(t.delivery).where(t.delivery.c.state == "scheduled")
        await uow.connection.execute(row.values(due_at=inbox.clock.now - timedelta(hours=1)))
        await uow.commit()
    sender, channel = await a_sender(inbox)
    await sender.run_once()
    inbox.clock.now = before
    return [part.text for part in channel.sent]


def test_r4_r10_r46_a_colleagues_private_task_is_not_named(cli: Cli) -> None:
    """The account became anna's own after the first task: boris may not know of the second."""
    cli.inbox(lambda inbox: inbox.says("Old"))
    cli("task", "set", 1, "--status", "done")
    cli.inbox(lambda inbox: inbox.says("New"))
    cli.inbox(lambda inbox: _private(inbox, 2))
    to_client = ("task", "comment", 1, "--text", "x", "--notify", "client")
    said = cli(*to_client, code=6, agent="boris").err
    assert "#2" not in said
    assert "may not see" in said


async def _private(inbox: Inbox, task: int) -> None:
    async with inbox.store.write() as uow:
        anna = inbox.agent_ids["anna"]
        row = update(t.task).where(t.task.c.id == task).values(private_to_id=anna)
        await uow.connection.execute(row)
        await uow.commit()


async def _invited(inbox: Inbox) -> None:
    """The bot has been connected: it can invite."""
    link = "https://t.me/shop_bot?start={token}"
    async with inbox.store.write() as uow:
        await uow.connection.execute(update(t.account).values(invite_link=link))
        await uow.commit()


def _follows(cli: Cli, task: int, user: str = "77", name: str = "M.") -> None:
    token = cli.json("task", "invite", task, "--account", "bot")["link"].split("start=")[1]

    async def starts(inbox: Inbox) -> None:
        sender = Party(user, name, name.lower())
        at = inbox.clock.advance(seconds=1)
        event = ChatStarted(chat_key=user, sender=sender, at=at, payload=token)
        await inbox.receive("bot", Incoming(key=f"s{token}", raw=b"/start", event=event))

    cli.inbox(starts)


BOTH = [("bot", "77"), ("support", "maria@client.example")]


def test_r30_after_an_invitation_the_client_gets_it_by_both_ways(cli: Cli) -> None:
    """R30 before and after the cards are one, with and without a mail that went before."""
    cli.inbox(_invited)
    cli("contact", "new", "--name", "Maria", "--address", "email:maria@client.example")
    for _task in (1, 2):
        cli("task", "new", "--title", "By hand", "--contact", 1)
    _comment(cli, 2)
    _follows(cli, 1)
    assert sorted(_plan(cli, 1)) == BOTH
    shown = cli("task", "show", 1).out
    assert "contact merge 1 2" in shown
    to_client = ("task", "comment", 1, "--text", "x", "--notify", "client")
    (warning,) = cli.json(*to_client, "--dry-run")["warnings"]
    assert (warning["kind"], warning["args"]["joined"]) == ("joined_apart", 2)
    # R13, R16: to one of the two cards, or by one of the two ways, where that is said.
    (row,) = cli.json(*to_client[:-1], "contact:2", "--dry-run")["plan"]
    assert (row["account"], row["recipient"]["id"]) == ("bot", 2)
    assert _plan(cli, 1, "--reply-via", "support") == [BOTH[1]]
    # An answer to either is an answer to the client.
    cli.inbox(lambda inbox: inbox.says("Here I am", user="77", name="M."))
    (wrote,) = cli.json("task", "show", 1)["comments"]
    answer = ("task", "comment", 1, "--text", "Hello", "--quote", wrote["id"])
    # Nobody has said yet that the two are one person (R19).
    assert "Maria would see" in cli(*answer, code=6).err
    made = cli.json(*answer, "--quote-unseen")
    assert sorted((one["account"], one["address"]) for one in made["deliveries"]) == BOTH
    cli("contact", "merge", 1, 2)
    assert sorted(_plan(cli, 1)) == BOTH
    assert cli.json(*to_client, "--dry-run")["warnings"] == []
    # The other task by hand is by mail alone, until its client is invited into it.
    assert _plan(cli, 2) == [BOTH[1]]
    cli("task", "set", 1, "--status", "done")
    _follows(cli, 2)
    assert sorted(_plan(cli, 2)) == BOTH
    cli("contact", "unmerge", 2)
    assert sorted(_plan(cli, 2)) == BOTH


def test_r30_a_client_who_has_an_open_task_in_the_chat_gets_it_by_both(cli: Cli) -> None:
    cli.inbox(_invited)
    cli.inbox(lambda inbox: inbox.says("Earlier", user="77", name="M."))
    cli("contact", "set", 1, "--address", "email:maria@client.example")
    cli("task", "new", "--title", "By hand", "--contact", 1)
    _follows(cli, 2)
    assert cli.json("task", "show", 1)["id"] == 2
    assert sorted(_plan(cli, 2)) == BOTH
    cli("task", "unmerge", 1)
    assert _plan(cli, 1) == [BOTH[0]]
    assert _plan(cli, 2) == [BOTH[1]]


def test_r30_a_task_without_a_client_is_of_whoever_follows(cli: Cli) -> None:
    cli.inbox(_invited)
    cli("task", "new", "--title", "By hand")
    _follows(cli, 1)
    cli("contact", "set", 1, "--address", "email:maria@client.example")
    assert _plan(cli, 1) == [BOTH[0]]
