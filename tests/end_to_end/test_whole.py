"""Points 2 to 4 of the house on real servers: Dovecot, SMTP, the Bot API, and the app itself."""

import asyncio
from collections.abc import Callable
from email import message_from_bytes
from pathlib import Path

from textual.pilot import Pilot

from pfinbox.tui.app import PfinboxApp
from tests.end_to_end.house import House, a_house
from tests.end_to_end.test_mail import a_mail
from tests.servers.bot_api import BotApi
from tests.servers.dovecot import Mailbox
from tests.servers.smtp import SmtpServer


def an_app(house: House) -> PfinboxApp:
    return PfinboxApp(house.inbox, agent_name="Anna", undo_send=0)


def screen(app: PfinboxApp) -> str:
    """What the agent sees, as text."""
    return "\n".join(strip.text for strip in app.screen._compositor.render_strips())


async def seen(pilot: Pilot[None], text: str, seconds: float = 20) -> None:
    """Wait until ``text`` stands on the screen; no key is pressed meanwhile."""
    app = pilot.app
    assert isinstance(app, PfinboxApp)

    async def look(until: Callable[[], bool]) -> None:
        painted = asyncio.Event()
        while not until():
            painted.clear()
            app.call_after_refresh(painted.set)
            await painted.wait()
            await asyncio.sleep(0.01)

    async with asyncio.timeout(seconds):
        await look(lambda: text in screen(app))


async def typed(pilot: Pilot[None], text: str) -> None:
    names = {" ": "space", ".": "full_stop", "!": "exclamation_mark", ",": "comma"}
    await pilot.press(*(names.get(char, char) for char in text))


async def test_r1_r5_r13_a_working_day_on_real_servers(
    config_path: Path, mailbox: Mailbox, smtp_server: SmtpServer, bot_api: BotApi
) -> None:
    """Mail and Telegram come in by themselves, are answered by keys, and answers come back."""
    async with a_house(config_path) as house:
        await house.accounts_are("ok")
        app = an_app(house)
        async with app.run_test(size=(120, 36)) as pilot:
            mailbox.deliver(a_mail(mailbox, "Where is my order?", Message_ID="<one@client>"))
            await seen(pilot, "Where is it?")
            await pilot.press("enter")
            await seen(pilot, "Where is my order?")
            # In one burst: no key may be lost between r and the composer.
            await typed(pilot, "rOn its way.")
            await seen(pilot, "On its way.")
            await seen(pilot, "maria@client.example")
            await pilot.press("ctrl+s")
            await house.until(lambda: _taken(smtp_server, 1))
            sent = message_from_bytes(smtp_server.taken[0].content)
            assert sent["In-Reply-To"] == "<one@client>"
            mailbox.deliver(a_mail(mailbox, "Thanks, Anna", In_Reply_To=sent["Message-ID"]))
            await seen(pilot, "Thanks, Anna")
            await pilot.press("escape")
            bot_api.clients.says(text="Привет из чата")
            await seen(pilot, "Привет из чата")
            await pilot.press("escape")
        assert len(smtp_server.taken) == 1


async def _taken(server: SmtpServer, count: int) -> bool:
    return len(server.taken) >= count


async def test_a_draft_survives_quitting_and_starting_again(
    config_path: Path, mailbox: Mailbox, smtp_server: SmtpServer
) -> None:
    async with a_house(config_path) as house:
        await house.accounts_are("ok")
        mailbox.deliver(a_mail(mailbox, "Where is my order?"))
        await house.task("Where is it?")
        first = an_app(house)
        async with first.run_test(size=(80, 24)) as pilot:
            await seen(pilot, "Where is it?")
            await pilot.press("enter")
            await seen(pilot, "Where is my order?")
            await typed(pilot, "rHalf a sentence")
            await seen(pilot, "Half a sentence")
            await pilot.press("ctrl+q")
        second = an_app(house)
        async with second.run_test(size=(80, 24)) as pilot:
            await seen(pilot, "Where is it?")
            await pilot.press("enter")
            await seen(pilot, "Where is my order?")
            await pilot.press("r")
            await seen(pilot, "Half a sentence")
        assert smtp_server.taken == []
