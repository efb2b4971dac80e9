"""The rules as a script sees them: what clients do, and what ``--json`` says of it."""

from datetime import timedelta
from typing import Any

from sqlalchemy import select

from pfinbox.domain.contract.incoming import Deletion, Edit, Incoming, Message, Sort
from pfinbox.domain.contract.party import Party
from pfinbox.store import tables as t
from tests.builders import Inbox
from tests.cli.conftest import Cli


async def _one_person_on_two_channels(inbox: Inbox) -> None:
    await inbox.mails("By mail", sender="maria@client.example", name="Maria", subject="An invoice")
    await inbox.says("In the chat", user="501", name="Maria L.")


def _task(cli: Cli, number: int) -> dict[str, Any]:
    found: dict[str, Any] = cli.json("task", "show", number)
    return found


def _texts(task: dict[str, Any]) -> list[str]:
    return [comment["text"] for comment in task["comments"]]


def test_r1_r2_r4_a_messenger_has_one_task_and_its_client_one_card(cli: Cli) -> None:
    async def twice(inbox: Inbox) -> None:
        await inbox.says("Is it open?\nOn Saturday", user="501", name="Maria")
        await inbox.says("And where is my parcel?", user="501", name="Maria")

    cli.inbox(twice)
    (task,) = cli.json("task", "list")
    assert (task["title"], task["channel"]) == ("Is it open?", "telegram")
    assert task["chats"] == [{"account": "bot", "key": "501"}]
    shown = _task(cli, task["id"])
    assert _texts(shown) == ["Is it open?\nOn Saturday", "And where is my parcel?"]
    assert [comment["matched_by"]["kind"] for comment in shown["comments"]] == ["chat", "chat"]
    (card,) = cli.json("contact", "list")
    (address,) = cli.json("contact", "show", card["id"])["addresses"]
    assert (address["value"], address["username"]) == ("501", "maria")


def test_r3_r9_r15_the_channel_belongs_to_the_task_not_to_the_card(cli: Cli) -> None:
    """R3: a contact as such has no channel to answer by."""
    cli.inbox(_one_person_on_two_channels)
    cli("contact", "merge", 1, 2)
    for number, account in ((1, "support"), (2, "bot")):
        words = ("task", "comment", number, "--text", "Yes", "--notify", "client", "--dry-run")
        assert [row["account"] for row in cli.json(*words)["plan"]] == [account]
    cli.inbox(lambda inbox: inbox.mails("Again", subject="One more"))
    # The mail's task is linked to the chat's: the line is the person's, over channels.
    newest = max(cli.json("contact", "show", 1)["tasks"], key=lambda task: task["id"])
    assert (newest["channel"], newest["previous_task_id"]) == ("email", 2)


def test_r5_r6_r7_r8_where_the_next_message_lands(cli: Cli) -> None:
    async def again(inbox: Inbox) -> None:
        await inbox.says("Hello again", user="501")

    cli.inbox(lambda inbox: inbox.says("Hello", user="501"))
    cli("task", "set", 1, "--status", "done")
    cli.inbox(again)
    assert [task["previous_task_id"] for task in cli.json("task", "list")] == [1]
    cli("task", "delete", 2)
    cli.inbox(again)
    (task,) = cli.json("task", "list")
    # The trash is nobody's conversation: the chain goes on from the last living one.
    assert (task["id"], task["previous_task_id"]) == (3, 1)


def test_r11_r12_what_the_client_changes_is_shown_and_repeats_are_not(cli: Cli) -> None:
    async def changes_his_mind(inbox: Inbox) -> None:
        comment_id = await inbox.says("Meet at five", user="501")
        async with inbox.store.read() as uow:
            query = select(t.comment.c.source_id).where(t.comment.c.id == comment_id)
            source = str(await uow.connection.scalar(query))
        now = inbox.clock.advance(minutes=1)
        edit = Edit(source_id=source, chat_key="501", text="Meet at six", edited_at=now)
        gone = Deletion(source_ids=(source,), chat_key="501", deleted_at=now)
        for key, event in (("edit", edit), ("edit", edit), ("gone", gone)):
            await inbox.receive("bot", Incoming(key=key, raw=key.encode(), event=event))

    cli.inbox(changes_his_mind)
    (comment,) = _task(cli, 1)["comments"]
    assert comment["text"] == "Meet at six"
    assert [edit["text"] for edit in comment["edits"]] == ["Meet at five"]
    assert comment["deleted_at"] is not None
    # R41: nobody waits for an answer to it.
    assert _task(cli, 1)["waiting_since"] is None


def test_r13_r21_r23_r24_system_entries_and_internal_talk_never_leave(cli: Cli) -> None:
    cli.inbox(_one_person_on_two_channels)
    cli("task", "set", 1, "--status", "waiting", "--assignee", "anna", "--tag", "billing")
    cli("task", "comment", 1, "--text", "Boris, is it so?", "--notify", "agent:boris")
    shown = _task(cli, 1)
    assert {"status", "assigned"} <= {entry["kind"] for entry in shown["activities"]}
    assert cli.json("outbox", "list") == []
    # A task without a messenger: whoever is chosen there is written to by e-mail.
    cli("task", "new", "--title", "Call back", "--contact", 1)
    cli("task", "comment", 3, "--text", "We call you", "--notify", "client")
    (delivery,) = cli.json("outbox", "list")
    assert (delivery["channel"], delivery["address"]) == ("email", "maria@client.example")
    assert delivery["task_id"] == 3


def test_r41_r35_who_waits_longest_comes_first_and_an_answer_ends_it(cli: Cli) -> None:
    cli.inbox(_one_person_on_two_channels)

    def view(name: str) -> list[int]:
        return [task["id"] for task in cli.json("task", "list", "--view", name)]

    assert view("to_answer") == [1, 2]
    assert _task(cli, 1)["waiting_since"] is not None
    cli("task", "comment", 1, "--text", "One moment", "--notify", "client")
    assert (view("to_answer"), view("waiting")) == ([2], [1])
    assert _task(cli, 1)["waiting_since"] is None
    cli("task", "set", 2, "--snooze", "in 2h")
    assert (view("to_answer"), view("snoozed")) == ([], [2])


def test_r42_r6_a_robot_changes_nothing_and_spam_is_only_in_spam(cli: Cli) -> None:
    async def a_robot(inbox: Inbox) -> None:
        await inbox.mails("Out of office", sender="maria@client.example", sort=Sort.AUTOMATIC)

    cli.inbox(_one_person_on_two_channels)
    cli("task", "set", 1, "--status", "done")
    cli.inbox(a_robot)
    assert _task(cli, 1)["status"] == "done"
    cli("task", "spam", 2)
    cli.inbox(lambda inbox: inbox.says("Buy now", user="501"))
    assert all(task["channel"] == "email" for task in cli.json("task", "list"))
    spam = cli.json("task", "list", "--view", "spam")
    assert [(task["id"], task["unread"]) for task in spam] == [(2, False)]


def test_r43_an_answer_written_outside_is_shown_and_never_sent_again(cli: Cli) -> None:
    async def answers_from_the_phone(inbox: Inbox) -> None:
        await inbox.says("Hello", user="501")
        event = Message(
            source_id="501:9000",
            chat_key="501",
            sender=Party("me", "Anna"),
            sent_at=inbox.clock() + timedelta(minutes=1),
            text="From my phone",
            sent_elsewhere=True,
        )
        inbox.clock.advance(minutes=2)
        await inbox.receive("bot", Incoming(key="elsewhere", raw=b"{}", event=event))

    cli.inbox(answers_from_the_phone)
    shown = _task(cli, 1)
    assert [comment["direction"] for comment in shown["comments"]] == ["incoming", "outgoing"]
    assert [comment["sent_elsewhere"] for comment in shown["comments"]] == [False, True]
    assert shown["waiting_since"] is None
    assert [row for row in cli.json("outbox", "list") if row["state"] != "sent"] == []
