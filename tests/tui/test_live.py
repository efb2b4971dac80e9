"""Failures are seen and never fatal; a lost database heals; many changes are few reads."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

from textual.app import App

from pfinbox.errors import Refused, StoreError
from pfinbox.tui.gateway import Gateway
from pfinbox.tui.live import Throttle
from tests.builders import Inbox
from tests.tui.stage import on_stage, said, screen_text, settle, type_burst


class Flaky(Gateway):
    """A gateway whose database goes away and comes back at a word."""

    broken: Exception | None = None

    async def _checked(self) -> None:
        if self.broken is not None:
            raise self.broken

    async def views(self) -> Any:
        await self._checked()
        return await super().views()

    async def tasks(self, *args: Any, **values: Any) -> Any:
        await self._checked()
        return await super().tasks(*args, **values)

    async def conversation(self, *args: Any, **values: Any) -> Any:
        await self._checked()
        return await super().conversation(*args, **values)

    async def change_each(self, *args: Any) -> None:
        await self._checked()
        await super().change_each(*args)

    async def comment(self, *args: Any) -> Any:
        await self._checked()
        return await super().comment(*args)

    async def changes(self) -> AsyncIterator[frozenset[str]]:
        async for topics in super().changes():
            await self._checked()
            yield topics


async def test_a_lost_database_shows_and_heals(inbox: Inbox) -> None:
    async with on_stage(inbox, gateway=Flaky) as (app, pilot):
        gateway = app.gateway
        assert isinstance(gateway, Flaky)
        gateway.broken = StoreError("the database cannot be used: gone")
        app.main.reload()
        await settle(pilot)
        assert "✗ the database cannot be used" in screen_text(app)
        # What was read stays on the screen.
        assert "Maria Lopez" in screen_text(app)
        gateway.broken = None
        app.main.reload()
        await settle(pilot)
        assert "the database cannot be used" not in screen_text(app)


async def test_a_comment_that_could_not_be_stored_stays_in_the_composer(inbox: Inbox) -> None:
    async with on_stage(inbox, gateway=Flaky) as (app, pilot):
        await type_burst(pilot, "rImportant")
        gateway = app.gateway
        assert isinstance(gateway, Flaky)
        gateway.broken = StoreError("gone")
        await type_burst(pilot, "\x13")
        assert app.main.task_pane.composer.box.text == "Important"
        assert "gone" in said(app)
        gateway.broken = None
        await type_burst(pilot, "\x13")
        assert app.main.task_pane.composer.writing is None


async def test_a_fault_in_a_job_is_said_and_not_fatal(inbox: Inbox) -> None:
    async with on_stage(inbox, gateway=Flaky) as (app, pilot):
        gateway = app.gateway
        assert isinstance(gateway, Flaky)
        gateway.broken = ZeroDivisionError("[/] division")
        await type_burst(pilot, "i")
        assert "change did not work: ZeroDivisionError: [/] division" in said(app)
        gateway.broken = Refused("a rule says no")
        await type_burst(pilot, "i")
        assert "a rule says no" in said(app)
        gateway.broken = None
        await type_burst(pilot, "j")
        assert app.main.task_list.index == 1


async def test_many_changes_are_few_reads() -> None:
    calls: asyncio.Queue[frozenset[str] | None] = asyncio.Queue()

    class Empty(App[None]):
        pass

    app = Empty()
    async with app.run_test(), asyncio.timeout(10):
        throttle = Throttle(app.screen, calls.put_nowait)
        for n in range(50):
            throttle(frozenset({f"topic {n}"}))
        assert throttle.pending
        assert await calls.get() == frozenset(f"topic {n}" for n in range(50))
        assert not throttle.pending
        throttle(frozenset({"late"}))
        throttle(frozenset({"later"}))
        assert await calls.get() == frozenset({"late", "later"})
        throttle(None)
        assert await calls.get() is None
