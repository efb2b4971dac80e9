"""Merging, spam, purging, handing over from the command line (R26, R32-R34, R42, R44)."""

from typing import Any

from tests.builders import Inbox
from tests.cli.conftest import Cli


async def _two_channels(inbox: Inbox) -> None:
    await inbox.says("In the chat", user="501", name="Maria")
    await inbox.mails("By mail", sender="maria@client.example", name="Maria L.")


def _ids(found: list[dict[str, Any]]) -> list[int]:
    return sorted(task["id"] for task in found)


def test_r32_r33_merge_asks_for_different_contacts_and_unmerge_puts_back(cli: Cli) -> None:
    cli.inbox(_two_channels)
    said = cli("task", "merge", 1, 2, code=6)
    assert "Maria L." in said.err
    merged = cli.json("task", "merge", 1, 2, "--force")
    assert merged["id"] == 1
    # The old number goes on working.
    assert len(cli.json("task", "show", 2)["comments"]) == 2
    preview = cli.json("task", "unmerge", 2, "--dry-run")
    assert {place["task_id"] for place in preview["comments"]} == {1, 2}
    assert cli.json("task", "unmerge", 2)["id"] == 2
    assert _ids(cli.json("task", "list")) == [1, 2]
    cli("task", "merge", 1, 1, code=6)
    cli("task", "merge", 1, 99, code=5)


def test_r26_cards_are_merged_and_taken_apart(cli: Cli) -> None:
    cli.inbox(_two_channels)
    card = cli.json("contact", "merge", 1, 2)
    assert {address["channel"] for address in card["addresses"]} == {"telegram", "email"}
    assert _ids(card["tasks"]) == [1, 2]
    cli.json("contact", "unmerge", 2)
    assert _ids(cli.json("contact", "show", 1)["tasks"]) == [1]


def test_r33_a_comment_is_moved_into_a_task_of_its_own(cli: Cli) -> None:
    cli.inbox(_two_channels)
    moved = cli.json("task", "move-comment", 2)
    shown = cli.json("task", "show", moved["id"])
    assert [comment["matched_by"]["kind"] for comment in shown["comments"]] == ["moved"]


def test_r42_r34_spam_goes_and_comes_back_and_purged_is_gone(cli: Cli) -> None:
    cli.inbox(_two_channels)
    cli("task", "spam", 1)
    assert _ids(cli.json("task", "list")) == [2]
    cli("task", "unspam", 1)
    assert _ids(cli.json("task", "list")) == [1, 2]
    cli("task", "purge", 1, code=6)
    cli("task", "delete", 1)
    assert cli.json("task", "purge", 1, "--dry-run")["comments"] == 1
    cli("task", "purge", 1)
    cli("task", "show", 1, code=5)


def test_r4_r34_r42_what_comes_out_of_the_trash_waits_for_the_chats_open_task(cli: Cli) -> None:
    """Neither can be merged from there: the way that is named is one that can be gone."""
    cli.inbox(lambda inbox: inbox.says("One"))
    cli("task", "delete", 1)
    cli.inbox(lambda inbox: inbox.says("Two"))
    assert "#2; finish that one first" in cli("task", "restore", 1, code=6).err
    cli("task", "set", 2, "--status", "done")
    cli("task", "restore", 1)
    # Both living, they can be made one.
    assert "merge the two" in cli("task", "set", 2, "--status", "open", code=6).err
    cli("task", "merge", 1, 2)


def test_r21_r28_a_contact_who_was_assigned_has_a_name(cli: Cli) -> None:
    cli.inbox(_two_channels)
    cli("contact", "set", 2, "--selectable")
    cli("task", "set", 1, "--assignee", "contact:2")
    assert "anna assigned Maria L." in cli("task", "show", 1).out


def test_r29_a_contact_is_written_to_and_r44_an_agent_hands_over(cli: Cli) -> None:
    cli.inbox(_two_channels)
    task = cli.json(
        "contact",
        "message",
        2,
        "--account",
        "support",
        "--text",
        "Good news",
        "--title",
        "Order 4417",
    )
    assert cli.json("task", "show", task["id"])["comments"][0]["text"] == "Good news"
    cli("task", "set", 1, "--assignee", "agent:boris")
    assert cli.json("agent", "deactivate", "boris", "--deputy", "anna", "--dry-run")["open"] == 1
    assert cli.json("agent", "deactivate", "boris", "--deputy", "anna")["to"] == "anna"
    assert cli.json("task", "list")[-1]["assignee"] is not None
    cli("agent", "list", agent="boris", code=6)


def test_r18_a_comment_is_edited_and_deleted_before_it_leaves(cli: Cli) -> None:
    cli.inbox(_two_channels)
    said = cli.json("task", "comment", 1, "--text", "Frist", "--notify", "client")
    assert cli.json("task", "edit-comment", said["id"], "--text", "First")["text"] == "First"
    assert cli.json("task", "delete-comment", said["id"])["deleted_at"] is not None
