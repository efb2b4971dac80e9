"""``task comment --reply-all`` and ``task forward`` as a script sees them (R45)."""

from pathlib import Path
from typing import Any

from pfinbox.domain.contract.party import Party
from tests.builders import Inbox, a_file
from tests.cli.conftest import Cli


async def a_mail_to_two(inbox: Inbox) -> None:
    """Maria writes to us and to Bob; a note stands below."""
    await inbox.mails(
        "Where is it?",
        to=(Party("support@ours.example"), Party("bob@client.example", "Bob")),
        files=(a_file("invoice.pdf", b"%PDF", "application/pdf"),),
    )
    await inbox.comment(1, "She pays late", to=[])


def rows(plan: dict[str, Any]) -> list[tuple[Any, ...]]:
    return [
        (
            row["recipient"]["id"],
            row["recipient"]["name"],
            row["account"],
            row["address"],
            [warning["kind"] for warning in row["warnings"]],
        )
        for row in plan["plan"]
    ]


def test_reply_all_names_whoever_is_new_and_goes_as_one_mail_r45(cli: Cli) -> None:
    cli.inbox(a_mail_to_two)
    words = ("task", "comment", 1, "--text", "On its way", "--reply-all", "--quote", 1)
    assert rows(cli.json(*words, "--dry-run")) == [
        (1, "Maria", "support", "maria@client.example", []),
        (None, "Bob", "support", "bob@client.example", ["new_here"]),
    ]
    assert cli(*words, "--dry-run").out == (
        "to Maria by support (email) maria@client.example\n"
        "copy to Bob by support (email) bob@client.example\n"
        "    ! new here: Bob <bob@client.example>\n"
    )
    assert len(cli.json("contact", "list")) == 1
    made = cli.json(*words, "--notify", "agent:boris")
    assert [one["name"] for one in made["notified"]] == ["Maria", "boris", "Bob"]
    assert [one["address"] for one in made["deliveries"]] == [
        "maria@client.example",
        "bob@client.example",
    ]
    # Whom I notified last is my default now, Bob among them.
    again = cli.json("task", "comment", 1, "--text", "And", "--dry-run")
    assert [row[1] for row in rows(again)] == ["Maria", "Bob", "boris"]
    assert [row[4] for row in rows(again)] == [[], [], []]
    assert "--quote" in cli("task", "comment", 1, "--text", "x", "--reply-all", code=2).err


def test_forward_sends_the_last_client_s_comment_with_its_files_r45(
    cli: Cli, tmp_path: Path
) -> None:
    cli.inbox(a_mail_to_two)
    to = ("task", "forward", 1, "--to", "parts@supplier.example")
    assert rows(cli.json(*to, "--dry-run")) == [
        (None, "parts@supplier.example", "support", "parts@supplier.example", ["new_here"])
    ]
    photo = tmp_path / "photo.png"
    photo.write_bytes(b"\x89PNG")
    made = cli.json(*to, "--text", "Can you help?", "--attach", photo, "--key", "k")
    assert made["text"] == "Can you help?"
    assert made["hidden"]
    assert [file["name"] for file in made["attachments"]] == ["invoice.pdf", "photo.png"]
    assert [(d["address"], d["state"]) for d in made["deliveries"]] == [
        ("parts@supplier.example", "pending")
    ]
    head, _blank, words = made["quote"]["text"].partition("\n\n")
    assert head.startswith("From: Maria <maria@client.example>\nDate: ")
    assert head.endswith("Subject: A question")
    assert (made["quote"]["comment_id"], words) == (1, "Where is it?")
    assert cli.json(*to, "--key", "k")["id"] == made["id"]
    shown = cli.json("task", "show", 1)
    assert shown["waiting_since"] is not None
    assert [one["name"] for one in shown["participants"]] == ["parts@supplier.example"]

    assert "is internal" in cli(*to, "--comment", 2, code=6).err
    assert "not in task" in cli(*to, "--comment", 99, code=5).err
    cli("task", "forward", 1, code=2)
    assert "no e-mail address" in cli("task", "forward", 1, "--to", "nobody", code=2).err
    own = cli("task", "forward", 1, "--to", "maria@client.example", code=6)
    assert "client's own" in own.err
    assert len(cli.json("task", "show", 1)["comments"]) == 3
