"""Invitation links and changes of sent comments from the command line (R11, R30)."""

from sqlalchemy import update

from pfinbox.domain.contract.batch import Batch, Profile
from pfinbox.services.inbound import receiving
from pfinbox.store import tables as t
from tests.builders import Inbox, client
from tests.cli.conftest import Cli


async def _connected(inbox: Inbox) -> None:
    profile = Profile("@shop_bot", "https://t.me/shop_bot?start={token}")
    account_id = inbox.account_ids["bot"]
    await inbox.store.run(lambda uow: receiving.receive(uow, account_id, Batch(profile=profile)))


async def _nobody(inbox: Inbox) -> None:
    """A store with accounts, and nothing in it."""


def test_r30_invite_makes_a_link_that_is_shown_once(cli: Cli) -> None:
    cli.inbox(_nobody)
    cli.json("task", "new", "--title", "By hand")
    assert "has not been connected yet" in cli("task", "invite", 1, code=6).err
    cli.inbox(_connected)
    made = cli.json("task", "invite", 1)
    assert set(made) == {"task_id", "account", "link", "expires_at"}
    link, token = made["link"].split("?start=")
    assert (link, made["task_id"], made["account"]) == ("https://t.me/shop_bot", 1, "bot")
    assert made["link"] not in cli("task", "show", 1).out
    assert token not in str(cli.json("task", "show", 1))
    assert cli("task", "invite", 1, "--account", "bot").out.startswith(
        "https://t.me/shop_bot?start="
    )
    assert "needs no invitation" in cli("task", "invite", 1, "--account", "support", code=6).err
    cli("task", "invite", 1, "--account", "fax", code=5)
    cli("task", "invite", 99, code=5)
    (bot,) = [one for one in cli.json("account", "list") if one["name"] == "bot"]
    assert bot["public_name"] == "@shop_bot"
    assert "@shop_bot" in cli("account", "list").out


async def _answered(inbox: Inbox) -> None:
    await inbox.says("In the chat")
    await inbox.comment(1, "By chat", to=[client(1)])
    await inbox.mails("By mail")
    await inbox.comment(2, "By letter", to=[client(2)])
    async with inbox.store.write() as uow:
        await uow.connection.execute(update(t.delivery).values(state="sent"))
        await uow.connection.execute(
            update(t.part).values(state="sent", source_id="501:9", sent_at=inbox.clock.now)
        )
        await uow.commit()


def test_r11_a_change_on_its_way_to_the_client_is_shown_at_the_comment(cli: Cli) -> None:
    cli.inbox(_answered)
    changed = cli.json("task", "edit-comment", 2, "--text", "Better")
    expected = {"account": "bot", "kind": "edit", "state": "pending", "error": None}
    assert (changed["text"], changed["amendments"]) == ("Better", [expected])
    assert "still to be changed" in cli("task", "show", 1).out
    for verb in (["edit-comment", 4, "--text", "x"], ["delete-comment", 4]):
        said = cli("task", *verb, code=6)
        assert "stays with the client as it is" in said.err
    assert cli.json("task", "delete-comment", 2)["amendments"][0]["kind"] == "delete"
