"""``contact invite-portal`` and ``contact portal-sessions`` (R36, R40)."""

import json

from pfinbox.domain.actor import SystemActor
from pfinbox.services.people import signing_in
from pfinbox.services.system import configuration
from tests.builders import Inbox
from tests.cli.conftest import Cli

BASE = "https://support.example"


async def _serve(inbox: Inbox) -> None:
    await inbox.mails("Hello", sender="maria@client.example")
    web = {"base_url": BASE, "title": "", "language": None}
    await inbox.store.run(lambda uow: configuration.configure_web(uow, "web", web, "Example"))


def test_r40_an_agent_invites_a_client_and_ends_sessions(cli: Cli) -> None:
    cli.inbox(lambda inbox: inbox.mails("Hello", sender="maria@client.example"))
    assert "set base_url" in cli("contact", "invite-portal", 1, code=6).err
    cli.inbox(_serve)
    assert "--portal on" in cli("contact", "invite-portal", 1, code=6).err
    cli("contact", "set", 1, "--portal", "on")
    invited = cli.json("contact", "invite-portal", 1)
    assert invited["address"] == "maria@client.example"
    assert invited["link"].startswith(f"{BASE}/p/in/")
    assert cli("contact", "invite-portal", 1).out.startswith(f"{BASE}/p/in/")
    assert cli.json("contact", "portal-sessions", 1) == []
    token = invited["link"].rpartition("/")[2]

    async def enter(inbox: Inbox) -> signing_in.Entered | None:
        door = SystemActor("web")
        return await inbox.store.run(lambda uow: signing_in.spend(uow, door, token))

    assert cli.inbox(enter) is not None
    assert cli.inbox(enter) is None
    (row,) = cli.json("contact", "portal-sessions", 1)
    assert list(row) == [
        "id", "contact_id", "task_id", "created_at", "last_seen_at", "expires_at",
    ]  # fmt: skip
    assert "last seen" in cli("contact", "portal-sessions", 1).out
    assert json.loads(cli("contact", "export", 1).out)["portal_sessions"] == [row]
    cli("contact", "portal-sessions", 1, "--revoke", 99, code=5)
    cli("contact", "portal-sessions", 1, "--revoke", 1, "--all", code=2)
    assert cli.json("contact", "portal-sessions", 1, "--revoke", row["id"]) == []
    assert cli("contact", "portal-sessions", 1, "--all").out == "signed in nowhere\n"
    cli("contact", "portal-sessions", 77, code=5)
