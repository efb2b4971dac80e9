"""``pfinbox task comment``: who gets it, what it would do, and what is refused whole."""

import io
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.builders import Inbox, mail_account
from tests.cli.conftest import Cli, on_both


async def asked(inbox: Inbox) -> None:
    """Maria asks in the messenger, Jan by e-mail."""
    await inbox.says("Hello?")
    await inbox.mails("Good day", sender="jan@client.example", name="Jan", subject="Invoice")


def comments(cli: Cli, task: int = 1) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = cli.json("task", "show", task)["comments"]
    return found


def test_nobody_chosen_is_refused_and_nothing_is_stored_r14(cli: Cli) -> None:
    cli.inbox(asked)
    said = cli("task", "comment", 1, "--text", "Oops", code=6)
    assert "--notify client" in said.err
    assert said.out == ""
    assert len(comments(cli)) == 1


@on_both
def test_the_client_gets_it_by_the_tasks_own_channel_r13_r15(cli: Cli) -> None:
    cli.inbox(asked)
    made = cli.json("task", "comment", 1, "--text", "Hi Maria", "--notify", "client")
    assert made["text"] == "Hi Maria"
    assert [one["name"] for one in made["notified"]] == ["Maria"]
    (delivery,) = made["deliveries"]
    assert (delivery["account"], delivery["address"], delivery["state"]) == (
        "bot",
        "501",
        "pending",
    )
    # No undo delay on the command line.
    assert datetime.fromisoformat(delivery["due_at"]) <= datetime.now(UTC)
    assert cli.json("task", "show", 1)["waiting_since"] is None


def test_what_becomes_of_the_task_is_one_with_the_comment_r35(cli: Cli) -> None:
    cli.inbox(asked)
    to_client = ("task", "comment", 1, "--notify", "client", "--text", "Hi")
    made = cli.json(*to_client, "--then", "next")
    assert (made["text"], made["next_task_id"]) == ("Hi", 2)
    assert "next: #2" in cli(*to_client, "--then", "next").out
    assert "next_task_id" not in cli.json(*to_client, "--then", "snooze:tomorrow 9:00")
    assert cli.json("task", "show", 1)["snoozed_until"] is not None
    cli(*to_client, "--then", "close")
    assert cli.json("task", "show", 1)["status"] == "done"
    before = len(comments(cli))
    assert "snooze:WHEN" in cli(*to_client, "--then", "forget", code=2).err
    cli(*to_client, "--then", "snooze:whenever", code=2)
    assert len(comments(cli)) == before


def test_quoting_a_client_answers_that_client_r14_r19(cli: Cli) -> None:
    cli.inbox(asked)
    made = cli.json("task", "comment", 1, "--text", "Yes", "--quote", 1)
    assert [one["name"] for one in made["notified"]] == ["Maria"]
    assert made["quote"] == {"comment_id": 1, "text": "Hello?"}
    # From now on the same agent's default is the same client.
    again = cli.json("task", "comment", 1, "--text", "And more")
    assert [one["name"] for one in again["notified"]] == ["Maria"]
    # Not a colleague's who joins.
    cli("task", "comment", 1, "--text", "Me too", agent="boris", code=6)


def test_an_internal_comment_never_goes_out_r13(cli: Cli) -> None:
    cli.inbox(asked)
    made = cli.json("task", "comment", 1, "--text", "Who is she?", "--internal")
    assert (made["notified"], made["deliveries"]) == ([], [])
    made = cli.json("task", "comment", 1, "--text", "You?", "--internal", "--notify", "agent:boris")
    assert [one["login"] for one in made["notified"]] == ["boris"]
    said = cli("task", "comment", 1, "--text", "x", "--internal", "--notify", "client", code=2)
    assert "internal" in said.err
    assert len(comments(cli)) == 3


def test_a_dry_run_shows_the_plan_and_stores_nothing_r15_r16(cli: Cli) -> None:
    cli.inbox(asked)
    to_both = ("--notify", "client", "--notify", "agent:boris")
    plan = cli.json("task", "comment", 1, "--text", "x", *to_both, "--dry-run")
    assert plan == {
        "plan": [
            {
                "recipient": {"kind": "contact", "id": 1, "name": "Maria"},
                "account": "bot",
                "channel": "telegram",
                "address": "501",
                "when": None,
                "warnings": [],
                "error": None,
            },
            {
                "recipient": {"kind": "agent", "id": 2, "name": "boris"},
                "account": None,
                "channel": None,
                "address": None,
                "when": None,
                "warnings": [],
                "error": None,
            },
        ],
        "warnings": [],
    }
    said = cli("task", "comment", 1, "--text", "x", "--notify", "client", "--dry-run").out
    assert said == "to Maria by bot (telegram) 501\n"
    assert len(comments(cli)) == 1


def test_a_plan_with_an_error_is_refused_whole_r15(cli: Cli) -> None:
    cli.inbox(asked)
    # Jan is a stranger in Maria's task.
    words = ("task", "comment", 1, "--text", "x", "--notify", "client", "--notify", "contact:2")
    assert "Jan is not part of this task" in cli(*words, code=6).err
    assert len(comments(cli)) == 1
    plan = cli.json(*words, "--dry-run")["plan"]
    assert [row["error"]["kind"] if row["error"] else None for row in plan] == [None, "not_in_task"]


def test_a_chosen_address_must_be_theirs_r17(cli: Cli) -> None:
    cli.inbox(asked)
    cli("contact", "set", 2, "--address", "email:office@client.example")
    to_jan = ("task", "comment", 2, "--text", "x", "--notify", "client", "--dry-run")
    (row,) = cli.json(*to_jan)["plan"]
    assert row["address"] == "jan@client.example"
    (row,) = cli.json(*to_jan, "--address", "office@client.example")["plan"]
    assert (row["address"], row["error"]) == ("office@client.example", None)
    (row,) = cli.json(*to_jan, "--address", "other@client.example")["plan"]
    assert row["error"]["kind"] == "address_not_theirs"


@on_both
def test_a_comment_for_later_says_when_r18(cli: Cli) -> None:
    cli.inbox(asked)
    moment = datetime.now(UTC) + timedelta(days=3)
    words = ("task", "comment", 1, "--text", "Later", "--notify", "client", "--send-at")
    (delivery,) = cli.json(*words, moment.isoformat())["deliveries"]
    assert delivery["state"] == "scheduled"
    assert datetime.fromisoformat(delivery["due_at"]) == moment
    assert "it goes out at 20" in cli(*words, "tomorrow 9:00").out
    cli(*words, "yesterday-ish", code=2)
    cli(*words, "2020-01-01 10:00", code=6)


def test_the_same_key_is_one_comment(cli: Cli) -> None:
    cli.inbox(asked)
    words = ("task", "comment", 1, "--text", "Once", "--notify", "client", "--key", "k1")
    assert cli.json(*words)["id"] == cli.json(*words)["id"]
    assert len(comments(cli)) == 2


def test_news_since_the_last_look_keeps_it_back(cli: Cli) -> None:
    cli.inbox(asked)

    async def more(inbox: Inbox) -> None:
        await inbox.says("Wait, I found it")

    cli.inbox(more)
    words = ("task", "comment", 1, "--text", "x", "--notify", "client")
    assert "meanwhile" in cli(*words, "--seen", 1, code=6).err
    assert cli.json(*words, "--seen", 1, "--force")["text"] == "x"


def test_text_and_files_come_from_files_r20(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cli.inbox(asked)
    text, photo = tmp_path / "text.txt", tmp_path / "photo.png"
    text.write_text("Zażółć\ngęślą", "utf-8")
    photo.write_bytes(b"\x89PNG")
    (tmp_path / "a.tar.gz").write_bytes(b"gz")
    words = ("task", "comment", 1, "--notify", "client")
    made = cli.json(
        *words, "--text-file", text, "--attach", photo, "--attach", tmp_path / "a.tar.gz"
    )
    assert made["text"] == "Zażółć\ngęślą"
    assert [(f["name"], f["media_type"], f["size"]) for f in made["attachments"]] == [
        ("photo.png", "image/png", 4),
        ("a.tar.gz", "application/octet-stream", 2),
    ]
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO("з stdin".encode())))
    assert cli.json(*words, "--text-file", "-")["text"] == "з stdin"
    text.write_bytes(b"\xff\xfe")
    assert "not UTF-8" in cli(*words, "--text-file", text, code=2).err
    cli(*words, "--text-file", tmp_path / "missing", code=2)
    cli(*words, "--attach", tmp_path / "missing", code=2)
    cli(*words, "--text", "x", "--text-file", photo, code=2)
    assert "needs a text or a file" in cli(*words, code=2).err
    assert len(comments(cli)) == 3


def test_a_task_without_a_client_has_nobody_to_write_to(cli: Cli) -> None:
    cli("task", "new", "--title", "By hand")
    said = cli("task", "comment", 1, "--text", "x", "--notify", "client", code=6)
    assert "has no client" in said.err


def test_a_private_task_is_not_there_for_others_r10(cli: Cli) -> None:
    async def private(inbox: Inbox) -> None:
        await inbox.configure(mail_account("boris", role="personal", owner="boris"))
        await inbox.mails("For Boris alone", account="boris")

    cli.inbox(private)
    assert cli.json("task", "list") == []
    for words in (
        ("show", 1),
        ("comment", 1, "--text", "x", "--internal"),
        ("set", 1, "--tag", "x"),
    ):
        assert "no task #1" in cli("task", *words, code=5).err
    assert len(cli.json("task", "list", agent="boris")) == 1
