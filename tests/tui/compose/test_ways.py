"""Another way for one comment where the usual one is closed (R16, R25, R26)."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from pfinbox.services.people import contacts
from pfinbox.tui.app import PfinboxApp
from tests.builders import Inbox, chat_account, mail_account
from tests.tui.stage import compare_both, on_stage, press, screen_text, type_burst


@pytest.fixture
async def inbox(store_url: str) -> AsyncIterator[Inbox]:
    """A client of a marketplace, which lets us answer for a day, and who has mailed, too."""
    market = chat_account("market")
    market = replace(market, limits=replace(market.limits, reply_window=24 * 3600))
    inbox = await Inbox.make(store_url, mail_account(), market)
    await inbox.says("Two of them?", account="market")
    await inbox.says("And the lamp?", account="market", user="502", name="Bruno")
    address = ("email", "maria@client.example")
    await inbox.acting("anna").write(contacts.set_, 1, add_addresses=[address])
    yield inbox
    await inbox.store.close()


@pytest.fixture
def kind() -> str:
    return "sqlite"


def said(app: PfinboxApp) -> str:
    """The sentences of the conversation's pane, without its edge and where lines end."""
    lines = [line.rpartition("▏")[2].strip(" ▌") for line in screen_text(app).splitlines()]
    return " ".join(" ".join(lines).split())


async def test_r25_where_the_window_has_closed_one_key_chooses_another_way(inbox: Inbox) -> None:
    inbox.clock.advance(hours=20, minutes=48)
    async with on_stage(inbox) as (app, pilot):
        assert "◔ 3h" in screen_text(app)
        await type_burst(pilot, "rYes")
        assert "can be written to for 3 h 11 min" in said(app)
        await press(pilot, "escape")
    inbox.clock.advance(hours=4)
    async with on_stage(inbox) as (app, pilot):
        assert "◔ too late" in screen_text(app)
        await type_burst(pilot, "r")
        assert "only within 24 h" in said(app)
        assert "f3 chooses another way" in said(app)
        await press(pilot, "f3")
        await compare_both(app, pilot, "another_way")
        await press(pilot, "enter")
        composer = app.main.task_pane.composer
        assert "by e-mail maria@client.example" in said(app)
        assert composer.plan is not None
        assert composer.plan.errors == ()
        # For whom there is none, the list says so.
        await type_burst(pilot, "\x1bjr")
        await press(pilot, "f3")
        assert "There is no other way to them." in screen_text(app)
