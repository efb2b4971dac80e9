"""``pfinbox task``: the shapes that scripts rely on, and changing tasks."""

from datetime import UTC, datetime, timedelta
from typing import Any

from pfinbox.store import tables as t
from tests.builders import Inbox, a_file, client
from tests.cli.conftest import Cli, on_both

TASK = {
    "id",
    "title",
    "status",
    "active",
    "account",
    "channel",
    "chats",
    "contact",
    "assignee",
    "participants",
    "tags",
    "unread",
    "waiting_since",
    "previous_task_id",
    "merged_into_id",
    "deleted_at",
    "snoozed_until",
    "created_at",
    "last_activity_at",
}
COMMENT = {
    "id",
    "direction",
    "author",
    "text",
    "quote",
    "created_at",
    "edits",
    "edited_at",
    "deleted_at",
    "hidden",
    "automatic",
    "verified",
    "sent_elsewhere",
    "source_id",
    "origin_task_id",
    "matched_by",
    "notified",
    "attachments",
    "deliveries",
    "reactions",
    "amendments",
}
DELIVERY = {
    "id",
    "recipient",
    "account",
    "channel",
    "address",
    "state",
    "attempts",
    "error",
    "source_id",
    "due_at",
    "sent_at",
}


async def conversation(inbox: Inbox) -> int:
    """Maria asks in the messenger with a file, Anna answers her."""
    await inbox.says("Where is my order?", files=(a_file(),))
    await inbox.comment(1, "On its way", to=[client(1)], quote_id=1)
    return 1


def test_a_listed_task_has_the_promised_shape(cli: Cli) -> None:
    cli.inbox(conversation)
    (task,) = cli.json("task", "list")
    assert set(task) == TASK
    assert task["title"] == "Where is my order?"
    assert (task["account"], task["channel"]) == ("bot", "telegram")
    assert task["chats"] == [{"account": "bot", "key": "501"}]
    assert task["contact"] == {"id": 1, "name": "Maria"}
    assert task["assignee"] is None
    assert (task["active"], task["status"]) == (True, "new")
    moment = datetime.fromisoformat(task["created_at"])
    assert task["created_at"].endswith("Z")
    assert moment.tzinfo == UTC


@on_both
def test_a_shown_task_has_the_promised_shape(cli: Cli) -> None:
    cli.inbox(conversation)
    shown = cli.json("task", "show", 1)
    assert set(shown) == TASK | {"comments", "activities"}
    first, second = shown["comments"]
    assert set(first) == set(second) == COMMENT
    assert (first["direction"], first["text"]) == ("incoming", "Where is my order?")
    assert first["author"] == {"kind": "contact", "id": 1, "login": None, "name": "Maria"}
    assert first["quote"] is None
    assert set(first["matched_by"]) == {"kind", "args"}
    (file,) = first["attachments"]
    assert set(file) == {"id", "name", "media_type", "size", "sha256"}
    assert second["author"] == {"kind": "agent", "id": 1, "login": "anna", "name": "anna"}
    assert second["quote"] == {"comment_id": 1, "text": "Where is my order?"}
    assert second["notified"] == [{"kind": "contact", "id": 1, "login": None, "name": "Maria"}]
    (delivery,) = second["deliveries"]
    assert set(delivery) == DELIVERY
    assert delivery["recipient"] == {"kind": "contact", "id": 1, "name": "Maria"}
    assert (delivery["state"], delivery["address"], delivery["error"]) == ("pending", "501", None)


def test_people_read_who_gets_what_in_words_r14(cli: Cli) -> None:
    cli.inbox(conversation)
    cli("task", "comment", 1, "--text", "Is it late?", "--notify", "agent:boris")
    lines = cli("task", "show", 1).out.splitlines()
    assert lines[0] == "#1  Where is my order?"
    assert any("Maria  (from the client" in line for line in lines)
    assert any("anna  (to the client; for Maria)" in line for line in lines)
    assert any("anna  (internal; for boris)" in line for line in lines)
    assert any("> Where is my order?" in line for line in lines)


def test_the_list_leaves_out_what_is_over_r6_r34(cli: Cli) -> None:
    async def fill(inbox: Inbox) -> None:
        for user in ("1", "2", "3"):
            await inbox.says(f"from {user}", user=user, name=f"Client {user}")

    cli.inbox(fill)
    cli("task", "set", 2, "--status", "done")
    cli("task", "delete", "#3")

    def ids(*options: object) -> list[int]:
        return [task["id"] for task in cli.json("task", "list", *options)]

    assert ids() == [1]
    assert ids("--all") == [3, 2, 1]
    assert ids("--view", "trash") == [3]
    assert ids("--view", "done") == [2]
    assert ids("--all", "--limit", 2) == [3, 2]
    assert ids("--all", "--query", "from 2") == [2]
    assert cli.json("task", "restore", 3)["deleted_at"] is None
    assert ids() == [3, 1]
    assert "no view nonsense" in cli("task", "list", "--view", "nonsense", code=2).err
    assert cli("task", "list", "--all", "--view", "done", code=2).out == ""


@on_both
def test_every_change_prints_the_task_as_it_is_then_r35(cli: Cli) -> None:
    cli.inbox(conversation)
    moment = datetime.now(UTC) + timedelta(days=2)
    changed = cli.json(
        *("task", "set", 1, "--status", "open", "--assignee", "boris", "--tag", "vip"),
        *("--title", "Order 7", "--participant", "agent:anna", "--snooze", moment.isoformat()),
        *("--reply-via", "last"),
    )
    assert changed["assignee"] == {"kind": "agent", "id": 2, "login": "boris", "name": "boris"}
    assert changed["participants"] == [{"kind": "agent", "id": 1, "login": "anna", "name": "anna"}]
    assert (changed["status"], changed["title"], changed["tags"]) == ("open", "Order 7", ["vip"])
    assert datetime.fromisoformat(changed["snoozed_until"]) == moment
    changed = cli.json("task", "set", 1, "--unassign", "--untag", "vip", "--no-snooze")
    assert (changed["assignee"], changed["tags"], changed["snoozed_until"]) == (None, [], None)


def test_several_tasks_are_changed_together_or_not_at_all(cli: Cli) -> None:
    made = [cli.json("task", "new", "--title", f"T{n}")["id"] for n in range(2)]
    changed = cli.json("task", "set", *made, "--status", "done")
    assert [task["status"] for task in changed] == ["done", "done"]
    cli("task", "set", *made, 99, "--status", "open", code=5)
    assert {task["status"] for task in cli.json("task", "list", "--all")} == {"done"}


def test_a_snooze_is_said_back_and_the_past_is_refused_r35(cli: Cli) -> None:
    cli("task", "new", "--title", "Later")
    tomorrow = datetime.now().astimezone().date() + timedelta(days=1)
    said = cli("task", "set", 1, "--snooze", "tomorrow 9:00").out
    assert "snoozed until" in said
    assert "09:00" in said
    assert tomorrow.isoformat()[:4] in said
    assert "has passed" in cli("task", "set", 1, "--snooze", "2020-01-01 9:00", code=6).err
    assert "not understood" in cli("task", "set", 1, "--snooze", "soon", code=2).err


def test_wrong_changes_change_nothing(cli: Cli) -> None:
    cli("task", "new", "--title", "T")
    for options, code in (
        ((), 2),
        (("--assignee", "anna", "--unassign"), 2),
        (("--assignee", "nobody"), 5),
        (("--assignee", "ghost:7"), 2),
        (("--contact", 99), 5),
        (("--status", "nonsense"), 5),
        (("--reply-via", "pigeon"), 5),
    ):
        cli("task", "set", 1, *options, code=code)
    (task,) = cli.json("task", "list")
    assert (task["status"], task["assignee"]) == ("new", None)
    assert (
        "no account pigeon" in cli("task", "new", "--title", "T", "--account", "pigeon", code=5).err
    )


def test_a_task_is_made_by_hand_for_a_client_and_an_account(cli: Cli) -> None:
    cli.inbox(conversation)
    made = cli.json("task", "new", "--title", "Call back", "--contact", 1, "--account", "support")
    assert (made["contact"], made["account"]) == ({"id": 1, "name": "Maria"}, "support")


@on_both
def test_the_original_bytes_come_out_unchanged(cli: Cli) -> None:
    async def fill(inbox: Inbox) -> None:
        await inbox.says("Żółć \udcff", user="1")
        await inbox.says("other", user="2")

    cli.inbox(fill)
    assert cli("task", "show", 1, "--raw", 1).raw == "Żółć ?".encode()
    assert "not in task #1" in cli("task", "show", 1, "--raw", 2, code=5).err


def test_a_deep_conversation_is_shown_whole(cli: Cli) -> None:
    async def fill(inbox: Inbox) -> None:
        await inbox.says("first")
        rows: list[dict[str, Any]] = [
            {
                "task_id": 1,
                "direction": "incoming",
                "contact_id": 1,
                "text": f"{n}",
                "created_at": inbox.clock.advance(seconds=1),
            }
            for n in range(1200)
        ]
        async with inbox.store.write() as uow:
            await uow.connection.execute(t.comment.insert(), rows)
            await uow.commit()

    cli.inbox(fill)
    texts = [comment["text"] for comment in cli.json("task", "show", 1)["comments"]]
    assert texts == ["first", *(str(n) for n in range(1200))]
