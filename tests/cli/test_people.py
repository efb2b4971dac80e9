"""``pfinbox contact``, ``agent`` and ``account``; who is asking."""

import pytest

from pfinbox.cli.entry import run
from pfinbox.cli.shell import session
from pfinbox.store.write import cards
from tests.builders import Inbox
from tests.cli.conftest import Cli, on_both

FACE = b"GIF89a of Maria"


async def two_clients(inbox: Inbox) -> None:
    await inbox.says("Hello", name="Maria")
    await inbox.mails("Hello", sender="jan@client.example", name="Jan Kowalski")


async def shown(inbox: Inbox) -> None:
    await inbox.store.run(
        lambda uow: cards.keep_picture(uow, 1, "image/gif", FACE, inbox.clock.now)
    )


def test_a_card_has_the_promised_shape_r26(cli: Cli) -> None:
    cli.inbox(two_clients)
    card = cli.json("contact", "show", 1)
    assert set(card) == {
        "id",
        "name",
        "company",
        "selectable",
        "portal",
        "addresses",
        "tasks",
        "notes",
        "merged_into_id",
    }
    (address,) = card["addresses"]
    assert address == {
        "id": 1,
        "channel": "telegram",
        "account": "bot",
        "value": "501",
        "username": "maria",
        "main": True,
    }
    (task,) = card["tasks"]
    assert task == cli.json("task", "list", "--query", "Maria")[0]
    assert [one["name"] for one in cli.json("contact", "list")] == ["Jan Kowalski", "Maria"]
    assert [one["id"] for one in cli.json("contact", "list", "--query", "kowal")] == [2]
    assert "Maria" in cli("contact", "show", 1).out
    cli("contact", "show", 99, code=5)
    cli("contact", "picture", 1, code=5)
    cli.inbox(shown)
    named = cli.json("contact", "show", 1)["addresses"][0]["picture"]
    assert (named["media_type"], named["size"]) == ("image/gif", len(FACE))
    assert cli.raw("contact", "picture", "1", "--to", "-").out.encode() == FACE
    cli("contact", "picture", 1, "--address", 99, code=5)


@on_both
def test_a_card_is_made_and_changed_r27_r28_r31(cli: Cli) -> None:
    cli.inbox(two_clients)
    made = cli.json(
        *("contact", "new", "--name", "Zoe", "--company", "Partner"),
        *("--address", "email:Zoe@partner.example", "--notes", "quick", "--selectable"),
    )
    assert (made["name"], made["company"], made["notes"]) == ("Zoe", "Partner", "quick")
    assert [one["value"] for one in made["addresses"]] == ["zoe@partner.example"]
    assert made["selectable"] is True
    changed = cli.json(
        *("contact", "set", made["id"], "--not-selectable", "--name", "Zoë"),
        *("--address", "email:z@partner.example", "--main-address", "z@partner.example"),
    )
    assert (changed["name"], changed["selectable"]) == ("Zoë", False)
    assert [(a["value"], a["main"]) for a in changed["addresses"]] == [
        ("z@partner.example", True),
        ("zoe@partner.example", False),
    ]
    fewer = cli.json("contact", "set", made["id"], "--remove-address", "z@partner.example")
    assert [(a["value"], a["main"]) for a in fewer["addresses"]] == [("zoe@partner.example", True)]
    used = cli.json("contact", "show", 1)["addresses"][0]["value"]
    refused = cli("contact", "set", 1, "--remove-address", used, code=6)
    assert "stays on the card" in refused.err
    taken = cli("contact", "set", made["id"], "--address", "email:jan@client.example", code=6)
    assert "merge" in taken.err
    cli("contact", "set", made["id"], "--address", "nonsense", code=2)
    cli("contact", "set", made["id"], code=2)


def test_the_first_one_to_come_is_an_admin_and_strangers_are_refused(cli: Cli) -> None:
    (anna,) = cli.json("agent", "list")
    assert (anna["login"], anna["admin"], anna["active"]) == ("anna", True, True)
    assert "no agent mallory" in cli("task", "list", agent="mallory", code=5).err
    assert cli.json("agent", "add", "boris", "--name", "Boris B.")["name"] == "Boris B."
    cli("task", "list", agent="boris")
    assert "only an admin" in cli("agent", "add", "carl", agent="boris", code=6).err
    changed = cli.json("agent", "set", "boris", "--email", "B@ours.example", agent="boris")
    assert changed["email"] == "b@ours.example"
    assert changed["notices"] == "off"
    for notices in ("mail", "off"):
        changed = cli.json("agent", "set", "boris", "--notices", notices, agent="boris")
        assert changed["notices"] == notices
    assert "no e-mail address" in cli("agent", "set", "anna", "--notices", "mail", code=6).err
    cli("agent", "set", "boris", "--email", "nowhere", code=2)
    assert "stay an active admin" in cli("agent", "set", "anna", "--no-admin", code=6).err
    assert "boris" in cli("agent", "list").out
    cli("agent", "set", "boris", code=2)


def test_accounts_and_how_they_do(cli: Cli) -> None:
    cli.inbox(two_clients)
    first, second = cli.json("account", "list")
    shape = {"name", "channel", "state", "detail", "last_received_at", "public_name", "gap"}
    assert set(first) == shape
    assert [first["name"], second["name"]] == ["support", "bot"]
    assert "support" in cli("account", "list").out


def test_the_agent_is_named_by_option_environment_config_or_system(
    cli: Cli, monkeypatch: pytest.MonkeyPatch, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    cli("agent", "list", agent="admin")
    config = ["--config", str(cli.config)]

    def refused() -> str:
        assert run([*config, "task", "list"]) == 5
        return capsysbinary.readouterr().err.decode()

    monkeypatch.setattr(session, "os_user", lambda: "fourth")
    assert "no agent fourth" in refused()
    with cli.config.open("a") as file:
        file.write('login = "third"\n')
    assert "no agent third" in refused()
    monkeypatch.setenv("PFINBOX_AGENT", "second")
    assert "no agent second" in refused()
    config += ["--agent", "first"]
    assert "no agent first" in refused()
