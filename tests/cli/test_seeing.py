"""What a client would see, who may be written to, and hiding a comment (R29, R37-R39)."""

from tests.builders import Inbox, client
from tests.cli.conftest import Cli


async def talked(inbox: Inbox) -> None:
    """Maria's question, an answer, and a note among ourselves."""
    await inbox.says("Hello?")
    await inbox.comment(1, "An answer", to=[client(1)])
    await inbox.comment(1, "A note", to=[])


def test_each_comment_says_whether_a_client_sees_it_and_why_r37(cli: Cli) -> None:
    cli.inbox(talked)
    looks = cli.json("contact", "show", 1, "--see-as", "all")
    assert set(looks[0]) == {"task_id", "comment_id", "shown", "reason"}
    assert [(one["comment_id"], one["shown"]) for one in looks] == [
        (1, True),
        (2, False),
        (3, True),
    ]
    now = cli.json("task", "show", 1, "--as-contact", 1)
    assert [one["reason"]["kind"] for one in now] == [
        "own_message",
        "not_sent_yet",
        "not_notified",
    ]
    assert (
        "comment 3: not shown: the contact never got it"
        in cli("task", "show", 1, "--as-contact", 1).out
    )
    cli("contact", "new", "--name", "Olga")
    cli("task", "show", 1, "--as-contact", 2, code=5)


def test_access_lists_first_what_it_would_reveal_r39(cli: Cli) -> None:
    cli.inbox(talked)
    assert cli.json("contact", "set", 1, "--portal", "on")["portal"] is True
    said = cli("contact", "set", 1, "--contacts-see", "all", code=6)
    assert said.out.endswith("hidden\n    A note\n")
    assert "comments would become visible (1)" in said.err
    cli("contact", "set", 1, "--contacts-see", "all", "--force")
    assert cli.json("contact", "show", 1, "--see-as", "now")[2]["shown"] is True
    cli("contact", "set", 1, "--contacts-see", "default", "--portal", "off")
    assert cli.json("contact", "show", 1)["portal"] is False


def test_a_comment_is_hidden_and_shown_again_r38(cli: Cli) -> None:
    cli.inbox(talked)
    assert cli.json("task", "edit-comment", 1, "--hide")["hidden"] is True
    (look, *_rest) = cli.json("task", "show", 1, "--as-contact", 1)
    assert (look["shown"], look["reason"]["kind"]) == (False, "hidden_from_contacts")
    assert cli.json("task", "edit-comment", 1, "--unhide")["hidden"] is False
    cli("task", "edit-comment", 1, code=2)


def test_the_ways_to_write_to_a_contact_are_listed_r29(cli: Cli) -> None:
    cli.inbox(talked)
    cli("contact", "new", "--name", "Olga", "--address", "email:olga@client.example")
    assert cli.json("contact", "message", 1, "--ways") == [
        {"account": "bot", "channel": "telegram", "task_id": 1, "error": None}
    ]
    assert cli("contact", "message", 2, "--ways").out == "support (email): a new conversation\n"
    assert "--ways" in cli("contact", "message", 1, code=2).err
