"""The screen is there before its store is open: rows, keys, and what becomes of both."""

import asyncio
from collections.abc import Callable
from typing import Any

from pfinbox.domain.actor import AgentActor
from pfinbox.errors import StoreError
from pfinbox.services import queries
from pfinbox.services.inbox import InboxToCome
from pfinbox.store.first_page.reading import look
from pfinbox.store.uow import Store
from pfinbox.tui.commands.overlay import OverlayCommands
from pfinbox.tui.commands.task.triage import TriageCommands
from pfinbox.tui.commands.undo import UndoCommands
from pfinbox.tui.commands.writing.composer import ComposerCommands
from pfinbox.tui.inbox.list_reading import PAGE
from tests.builders import Inbox
from tests.tui.stage import on_stage, settle


def still_to_open(opened: asyncio.Event, fault: StoreError | None = None) -> Callable[..., Any]:
    """An inbox whose store is open, or refused, after ``opened``."""

    def acting(store: Store, actor: AgentActor) -> InboxToCome:
        async def opening() -> Store:
            await opened.wait()
            if fault is not None:
                raise fault
            return store

        return InboxToCome(opening, actor)

    return acting


async def test_keys_are_taken_before_the_store_is_open_and_changes_wait_for_it_r47(
    inbox: Inbox,
) -> None:
    opened = asyncio.Event()
    for login in ("anna", "boris", "clara"):
        page = await inbox.acting(login).read(queries.tasks, "to_answer", limit=PAGE)
        found = look(inbox.store.url, login, inbox.clock(), PAGE)
        assert found is not None
        assert found.page == page
    acting = still_to_open(opened)
    async with on_stage(inbox, acting=acting, page=page, agent="clara", settled=False) as (
        app,
        pilot,
    ):
        await pilot.pause()
        rows = [row.id for row in page.rows]
        assert [row.id for row in app.main.task_list.rows] == rows
        await pilot.press("j")
        assert app.main.task_list.cursor == rows[1]
        await pilot.press("e")
        opened.set()
        await settle(pilot)
        assert app.main.views_pane.counts["to_answer"] == len(rows) - 1
        assert [row.id for row in app.main.task_list.rows] == [rows[0], *rows[2:]]
        held = await inbox.acting("clara").read(queries.conversation, rows[1])
        assert held.task.status == "done"


async def test_a_store_that_does_not_open_ends_the_screen_and_says_why(inbox: Inbox) -> None:
    page = await inbox.acting("anna").read(queries.tasks, "to_answer", limit=PAGE)
    opened = asyncio.Event()
    acting = still_to_open(opened, StoreError("the database has an older schema"))
    async with on_stage(inbox, acting=acting, page=page, settled=False) as (app, pilot):
        await pilot.pause()
        opened.set()
        await settle(pilot)
    assert app.return_code == StoreError.exit_code


async def test_what_the_keys_in_the_bottom_line_need_is_there_before_their_first(
    inbox: Inbox,
) -> None:
    async with on_stage(inbox) as (app, _pilot):
        for _family in range(8):
            app.main.bring_families()
        assert {ComposerCommands, TriageCommands, UndoCommands} < set(app.main._families)
        assert OverlayCommands not in app.main._families
