"""Failures are seen and never fatal; a lost database heals; many changes are few reads."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

from textual.app import App

from pfinbox.errors import Refused, StoreError
from pfinbox.services import inbox as inboxes
from pfinbox.services.tasks import drafts
from pfinbox.tui.shell.change_listener import Throttle
from tests.builders import Inbox
from tests.tui.stage import on_stage, said, screen_text, settle, type_burst


class Flaky(inboxes.Inbox):
    """An inbox whose database goes away and comes back at a word."""

    broken: Exception | None = None

    def _checked(self) -> None:
        if self.broken is not None:
            raise self.broken

    async def read(self, use_case: Any, /, *args: Any, **values: Any) -> Any:
        self._checked()
        return await super().read(use_case, *args, **values)

    async def write(self, use_case: Any, /, *args: Any, **values: Any) -> Any:
        if use_case is not drafts.save:
            # A draft that cannot be saved is tried again until it can.
            self._checked()
        return await super().write(use_case, *args, **values)

    async def changes(self) -> AsyncIterator[frozenset[str]]:
        async for topics in super().changes():
            self._checked()
            yield topics


async def test_a_lost_database_shows_and_heals(inbox: Inbox) -> None:
    async with on_stage(inbox, acting=Flaky) as (app, pilot):
        flaky = app.inbox
        assert isinstance(flaky, Flaky)
        flaky.broken = StoreError("the database cannot be used: gone")
        app.main.reload()
        await settle(pilot)
        assert "✗ the database cannot be used" in screen_text(app)
        # What was read stays on the screen.
        assert "Maria Lopez" in screen_text(app)
        flaky.broken = None
        app.main.reload()
        await settle(pilot)
        assert "the database cannot be used" not in screen_text(app)


async def test_a_comment_that_could_not_be_stored_stays_in_the_composer(inbox: Inbox) -> None:
    async with on_stage(inbox, acting=Flaky) as (app, pilot):
        await type_burst(pilot, "rImportant")
        flaky = app.inbox
        assert isinstance(flaky, Flaky)
        flaky.broken = StoreError("gone")
        await type_burst(pilot, "\x13")
        assert app.main.task_pane.composer.box.text == "Important"
        assert said(app) == "Gone."
        flaky.broken = None
        await type_burst(pilot, "\x13")
        assert app.main.task_pane.composer.writing is None


async def test_a_fault_in_a_job_is_said_and_not_fatal(inbox: Inbox) -> None:
    async with on_stage(inbox, acting=Flaky) as (app, pilot):
        flaky = app.inbox
        assert isinstance(flaky, Flaky)
        flaky.broken = ZeroDivisionError("[/] division")
        await type_burst(pilot, "i")
        assert "Change did not work: ZeroDivisionError: [/] division" in said(app)
        flaky.broken = Refused("a rule says no")
        await type_burst(pilot, "i")
        assert "A rule says no." in said(app)
        flaky.broken = None
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
