"""How long the agent has had something before the eyes: by that it is read."""

from collections.abc import Callable

from textual.timer import Timer
from textual.widget import Widget

from pfinbox.tui.shell.context import context


class Looking:
    """Calls ``seen`` when the same has been on the screen for a moment, never in an unseen window.

    How long that is, the agent sets; 0: never.
    """

    def __init__(self, pane: Widget, seen: Callable[[], None]) -> None:
        self._pane = pane
        self._seen = seen
        self._at: object = None
        self._timer: Timer | None = None

    def at(self, what: object) -> None:
        """This is on the screen from now on; None: nothing that has to be read."""
        if what == self._at:
            return
        self._at = what
        if self._timer is not None:
            self._timer.stop()
            self._timer = None
        self._wait()

    def _wait(self) -> None:
        seconds = context(self._pane).read_after
        if self._at is not None and seconds:
            self._timer = self._pane.set_timer(seconds, self._passed)

    def _passed(self) -> None:
        self._timer = None
        if self._pane.app.app_focus:
            self._seen()
        else:
            self._wait()
