"""A database server that goes away is seen at once, and what was begun meanwhile goes on after."""

import asyncio
from collections.abc import Callable
from typing import Any

from textual.pilot import Pilot

from pfinbox.services.inbox import Inbox as ActorInbox
from pfinbox.services.people import agents
from pfinbox.services.system import absence
from pfinbox.tui.app import PfinboxApp
from tests.builders import Inbox
from tests.servers.postgres import PgServer
from tests.tui.stage import on_stage, said, screen_text, settle, type_burst


async def test_a_lost_server_shows_and_heals(pg_server: PgServer, pg_url: str) -> None:
    inbox = await Inbox.make(pg_url)
    await inbox.says("Is anybody there?", name="Jakub Nowak")
    name = pg_url.split("/")[3].split("?")[0]

    def close(*, allow: bool) -> None:
        pg_server.sql(f"ALTER DATABASE {name} WITH ALLOW_CONNECTIONS {str(allow).lower()}")
        if not allow:
            pg_server.sql(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                f" WHERE datname = '{name}' AND pid <> pg_backend_pid()"
            )

    async with on_stage(inbox) as (app, pilot):
        await asyncio.to_thread(close, allow=False)
        await until(app, pilot, lambda: "✗ the database cannot be used" in screen_text(app))
        # What was read stays, and keys go where they are meant to.
        await type_burst(pilot, "rYes, I am\x13")
        composer = app.main.task_pane.composer
        assert composer.box.text == "Yes, I am"
        assert "Jakub Nowak" in screen_text(app)
        await asyncio.to_thread(close, allow=True)
        await until(app, pilot, lambda: "cannot be used" not in screen_text(app))
        # Whom it goes to could not be looked up; it is by now, without being asked for.
        await until(app, pilot, lambda: "to Jakub Nowak by Telegram" in screen_text(app))
        await type_burst(pilot, ".\x13")
        assert composer.writing is None
        assert app.main.task_pane.view.comments[-1].text == "Yes, I am."


async def until(app: PfinboxApp, pilot: Pilot[None], done: Callable[[], bool]) -> None:
    """News and reconnecting come by themselves, within seconds."""
    async with asyncio.timeout(20):
        while not done():
            await settle(pilot)


async def test_r44_r46_the_screen_of_a_deactivated_agent_closes(inbox: Inbox) -> None:
    async with on_stage(inbox) as (app, _pilot):
        boss = inbox.acting("boris")
        await inbox.acting("anna").write(agents.set_, "boris", admin=True)
        await boss.write(absence.deactivate, "anna")
        # Nothing settles in a program that has ended.
        async with asyncio.timeout(20):
            while app.return_code != 6:  # noqa: ASYNC110 - an app tells nobody that it ends
                await asyncio.sleep(0)


class Broken(ActorInbox):
    """Whatever changes something breaks with an error that nobody thought of."""

    async def write(self, *_what: Any, **_more: Any) -> Any:
        raise RuntimeError("a fault of ours")


async def test_an_error_that_nobody_thought_of_is_said_and_the_screen_lives(inbox: Inbox) -> None:
    await inbox.says("Is anybody there?", name="Jakub Nowak")
    async with on_stage(inbox, acting=Broken) as (app, pilot):
        await type_burst(pilot, "e")
        assert "did not work: RuntimeError: a fault of ours" in said(app)
        # Reading goes on, and so do keys.
        await inbox.says("Hello?", user="502", name="Maria Silva")
        await until(app, pilot, lambda: "Maria Silva" in screen_text(app))
        await type_burst(pilot, "j\r")
        assert app.return_code is None
