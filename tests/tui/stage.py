"""The app on a small real store, and the words in which the TUI's tests are written."""

import asyncio
import difflib
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC
from pathlib import Path
from typing import Any

from textual import events
from textual._context import visible_screen_stack
from textual.css.model import RuleSet
from textual.css.stylesheet import Stylesheet
from textual.keys import _character_to_key
from textual.pilot import Pilot
from textual.worker import WorkerState

from pfinbox.tui.app import PfinboxApp
from pfinbox.tui.shell.key_queue import KeyQueue
from tests.builders import Inbox

ROOT = Path(__file__).parent.parent.parent
# The listener for news never ends, nor does the first start's walk before its last page.
ENDLESS = ("live", "flow")


_PARSED: dict[Any, list[RuleSet]] = {}


class ParsedOnce(Stylesheet):
    """Textual's sheets and ours, which each app parses anew, for all apps of this process."""

    def _parse_rules(self, css: str, *place: Any, **where: Any) -> list[RuleSet]:
        colours = tuple(self._variables.items())
        key = (css, place, tuple(where.items()), colours)
        if key not in _PARSED:
            _PARSED[key] = super()._parse_rules(css, *place, **where)
        return _PARSED[key]

    def reparse(self) -> None:
        self.parse()


@asynccontextmanager
async def on_stage(
    inbox: Inbox, *, agent: str = "anna", size: tuple[int, int] = (120, 36), **values: Any
) -> AsyncIterator[tuple[PfinboxApp, Pilot[None]]]:
    """The app of ``agent``, settled after its start; ended and its store closed afterwards."""
    acting = inbox.acting(agent, values.pop("acting", None))
    notifications = values.pop("notifications", False)
    values.setdefault("clock", inbox.clock)
    values.setdefault("zone", UTC)
    values.setdefault("rest", 0)
    settled = values.pop("settled", True)
    kind = values.pop("kind", PfinboxApp)
    app = kind(acting, agent_name=values.pop("agent_name", agent.title()), **values)
    app.stylesheet = ParsedOnce(variables=app.get_css_variables())
    try:
        async with app.run_test(size=size, notifications=notifications) as pilot:
            if settled:
                await settle(pilot)
            yield app, pilot
            if app.is_running and not app._exit:
                await app.finish()
    finally:
        await inbox.store.close()


async def settle(pilot: Pilot[None]) -> None:
    """Until no job of ours runs, no key waits and no queue holds a message. No fixed sleep."""
    app = pilot.app
    assert isinstance(app, KeyQueue)
    quiet = 0
    async with asyncio.timeout(60):
        while quiet < 4 and (isinstance(app, PfinboxApp) or not app._exit):
            # One round of the event loop and of the database's thread.
            await asyncio.sleep(0.002)
            quiet = 0 if _busy(app) else quiet + 1
            if quiet == 3:
                # What a handler is still at. It asks every widget: seldom, or it is all we do.
                await pilot._wait_for_screen()


def _busy(app: KeyQueue) -> bool:
    working = any(
        worker.state in (WorkerState.PENDING, WorkerState.RUNNING)
        for worker in app.workers
        if worker.name not in ENDLESS
    )
    nodes = [app, *(node for screen in app.screen_stack for node in screen.walk_children())]
    queued = any(node.message_queue_size for node in nodes)
    screen = app.screen
    unpainted = screen._layout_required or screen._dirty_widgets or screen._recompose_required
    waiting = app.keys_waiting
    if isinstance(app, PfinboxApp):
        composer = app.main.task_pane.composer
        waiting = waiting or app.throttle.pending or bool(composer.drafts.unsaved)
        # To be sent as soon as it is known to whom.
        waiting = waiting or composer._sending
    else:
        # Between two pages keys wait for the next one.
        waiting = waiting or bool(app._holds)
    return bool(working or queued or unpainted or waiting)


async def type_burst(pilot: Pilot[None], keys: str) -> None:
    """Everything in one write, as a terminal delivers what was typed while we were busy."""
    post(pilot, keys)
    await settle(pilot)


def post(pilot: Pilot[None], keys: str) -> None:
    """The same, and nothing is waited for: the keys are still under way."""
    special = {"\r": "enter", "\x1b": "escape", "\x13": "ctrl+s", "\t": "tab", "\n": "ctrl+j"}
    special |= {"\x02": "ctrl+b", "\x04": "ctrl+d", "\x0e": "ctrl+n"}
    for character in keys:
        key = special.get(character) or _character_to_key(character)
        pilot.app.post_message(events.Key(key, character))


async def press(pilot: Pilot[None], *keys: str) -> None:
    """Keys by their names, also in one write. The pilot's own way sleeps 40 ms after each."""
    for key in keys:
        character = key if len(key) == 1 else {"space": " ", "enter": "\r"}.get(key)
        name = _character_to_key(key) if len(key) == 1 else key
        pilot.app.post_message(events.Key(name, character))
    await settle(pilot)


def said(app: PfinboxApp) -> str:
    """The notices about trouble that are shown."""
    return "\n".join(notice.message for notice in app._notifications)


def screen_text(app: KeyQueue) -> str:
    """What the terminal shows, without colours."""
    lines: list[str] = []
    # What a dialog lets shine through is drawn only when Textual knows the screens below.
    visible_screen_stack.set(app._background_screens)
    compositor = app.screen._compositor
    base = [list(line) for line in compositor.render_strips()] if compositor else []
    for line in base:
        lines.append("".join(segment.text for segment in line).rstrip())
    return "\n".join(lines) + "\n"


async def compare_both(app: KeyQueue, pilot: Pilot[None], name: str) -> None:
    """``compare`` at both sizes, ``NAME-120x36`` and ``NAME-80x24``, and back to where it was."""
    before = app.size
    for width, height in ((120, 36), (80, 24)):
        await pilot.resize_terminal(width, height)
        await settle(pilot)
        await compare(app, pilot, f"{name}-{width}x{height}")
    await pilot.resize_terminal(*before)
    await settle(pilot)


async def compare(app: KeyQueue, pilot: Pilot[None], name: str, *changing: str) -> None:
    """Compare the screen with ``snapshots/NAME.txt`` beside the test that runs.

    PFINBOX_UPDATE_SNAPSHOTS=1 writes it.

    ``changing``: words that are others each time, of the same length.
    """

    def text() -> str:
        shown = screen_text(app)
        for word in changing:
            shown = shown.replace(word, "#" * len(word))
        return shown

    # pytest keeps "FILE::TEST (PHASE)" in there.
    test = ROOT / os.environ["PYTEST_CURRENT_TEST"].partition("::")[0]
    path, shown = test.parent / "snapshots" / f"{name}.txt", text()
    if os.environ.get("PFINBOX_UPDATE_SNAPSHOTS"):
        path.parent.mkdir(exist_ok=True)
        path.write_text(shown, encoding="utf-8")
    kept = path.read_text(encoding="utf-8")
    # A loaded machine may paint the last line a moment after everything else is done.
    for _round in range(10):
        if shown == kept:
            return
        await settle(pilot)
        shown = text()
    lines = difflib.unified_diff(kept.splitlines(), shown.splitlines(), path.name, "now", n=0)
    assert shown == kept, "\n".join(lines)
