"""``task comment --template`` and ``account templates`` (R25)."""

from tests.builders import Inbox
from tests.cli.conftest import Cli
from tests.services.comments.test_templates import SAID, closed


async def _closed(inbox: Inbox) -> None:
    inbox.clock.advance(hours=-3)
    await closed(inbox)


def test_r25_a_template_is_filled_in_and_sent(cli: Cli) -> None:
    cli.inbox(_closed)
    (bill, _hello, hallo, _place, ready, _shown) = cli.json(
        "account", "templates", "--account", "wa"
    )
    assert (hallo["text"], ready["parameters"]) == ("Привет", ["1", "2"])
    assert (bill["header"], ready["header"]) == ("document", "")
    assert "ready:en" in (listed := cli("account", "templates").out)
    assert "[a document]" in listed
    to = ("task", "comment", 1, "--notify", "client")
    assert "template" in cli(*to, "--text", "x", code=6).err
    filled = ("--template", "ready:en", "--parameter", "1=Maria", "--parameter", "2=№ 7")
    plan = cli.json(*to, *filled, "--dry-run")["plan"]
    assert [(row["template"], row["error"]) for row in plan] == [("ready", None)]
    assert "as template ready" in cli(*to, *filled, "--dry-run").out
    made = cli.json(*to, *filled)
    assert (made["text"], made["deliveries"][0]["template"]) == (SAID, "ready")
    cli(*to, "--template", "ready", code=2)
    cli(*to, "--template", "nothing", code=5)
    cli(*to, "--text", "x", "--parameter", "1=x", code=2)
    cli(*to, "--template", "ready", "--parameter", "1", code=2)
    # A first message to a number that never wrote (R29).
    card = cli.json("contact", "new", "--name", "Ewa", "--address", "wa:777")["id"]
    first = ("contact", "message", card, "--account", "wa")
    assert "template" in cli(*first, "--text", "Hello", code=6).err
    cli(*first, code=2)
    made = cli.json(*first, *filled)
    shown = cli.json("task", "show", made["id"])
    assert [one["text"] for one in shown["comments"]] == [SAID]
