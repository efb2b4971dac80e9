"""Keys are handled strictly one after another, so that a burst is never lost.

Textual gives a key to whatever has the focus when the key arrives, not when its turn comes: of
``rHello`` in one write all letters would go to the list before ``r`` has moved the focus to the
composer. Here the next key is looked at only when the one before it has been handled to the end:
a probe follows each key up the same chain of queues, and when it comes out, the key is done.
"""

import asyncio
from collections import deque
from collections.abc import Callable

from textual import events
from textual.app import App
from textual.message import Message
from textual.screen import ModalScreen
from textual.widget import Widget

# A probe gets lost only with a widget that is removed meanwhile; how often that is looked after.
_LOST = 0.25
# How long keys wait for a dialog to open, or for a result that decides where they go.
_PATIENCE = 10.0
_ROUNDS = 8
# Seconds without a key after which the agent rests: what follows a key is mostly done by then.
_REST = 0.2


class Probe(Message):
    """Follows a key through the queues; carries the number of the key and of the round."""

    def __init__(self, number: int, rounds: int) -> None:
        super().__init__()
        self.number = number
        self.rounds = rounds


class KeyQueue(App[None]):
    """An app whose keys wait for their turn; ``at_rest`` is called when none came for a moment."""

    # These work even while other keys wait.
    URGENT = ("ctrl+q",)

    def __init__(self, at_rest: Callable[[], None] | None = None) -> None:
        super().__init__()
        self._at_rest = at_rest
        self._pause: asyncio.TimerHandle | None = None
        self._waiting: deque[events.Key | events.Paste] = deque()
        self._number = 0
        self._held = 0
        self._under_way = False
        # What keys wait for, with a number that tells one waiting from the next.
        self._holds: dict[str, int] = {}

    @property
    def keys_waiting(self) -> bool:
        """Whether a key is being handled or waits for its turn."""
        return self._under_way or bool(self._waiting)

    def hold_keys(self, why: str, patience: float = _PATIENCE) -> None:
        """Let keys wait until a result has decided where they go; never longer than that.

        Keys that waited in vain are dropped: they were not meant for what is there instead (R47).
        """
        self._held += 1
        number = self._holds[why] = self._held
        self.set_timer(patience, lambda: self.drop_keys(why, number))

    def holding(self, why: str) -> bool:
        """Whether the keys still wait for this."""
        return why in self._holds

    def release_keys(self, why: str, number: int | None = None) -> None:
        """The keys go on; ``number`` ends only that very waiting."""
        if number is None or self._holds.get(why) == number:
            self._holds.pop(why, None)
            self.call_later(self._next_key)

    def drop_keys(self, why: str | None = None, number: int | None = None) -> None:
        """What was awaited does not come, or (None) something else comes up by itself."""
        if why is not None:
            if why not in self._holds or number not in (None, self._holds[why]):
                return
            del self._holds[why]
        dropped = bool(self._waiting)
        self._waiting.clear()
        if dropped:
            self.keys_dropped()
            self.call_later(self._next_key)

    def keys_done(self) -> None:
        """No key is being handled, and none waits."""

    def await_rest(self) -> None:
        """The pause begins anew."""
        if self._pause is not None:
            self._pause.cancel()
        if self._at_rest is not None:
            self._pause = asyncio.get_running_loop().call_later(_REST, self._at_rest)

    def keys_dropped(self) -> None:
        """Keys were typed in vain; whoever typed them should know."""

    async def on_event(self, event: events.Event) -> None:
        """Queue what was typed; everything else takes Textual's way."""
        urgent = isinstance(event, events.Key) and event.key in self.URGENT
        if isinstance(event, events.Key | events.Paste) and not event.is_forwarded and not urgent:
            self._waiting.append(event)
            await self._next_key()
            return
        await super().on_event(event)

    async def _next_key(self) -> None:
        # A program that ends has no screens any more, but a probe may still be on its way.
        if not self._exit and not self.keys_waiting:
            self.keys_done()
        if self._exit or self._under_way or self._holds or not self._waiting:
            return
        if not self._dialog_ready():
            return
        event = self._waiting.popleft()
        self._under_way = True
        self._number += 1
        await super().on_event(event)
        self._follow(self._number, 0)

    def _dialog_ready(self) -> bool:
        """A dialog that was just opened takes keys only when something in it has the focus."""
        if not isinstance(self.screen, ModalScreen) or self.focused is not None:
            return True
        if "dialog" not in self._holds:
            self.hold_keys("dialog")
            self._await_dialog(int(_PATIENCE / 0.01))
        return False

    def _await_dialog(self, tries: int) -> None:
        gone = self._exit or not self.screen_stack
        if gone or self.focused is not None or tries <= 0:
            self.release_keys("dialog")
        else:
            self.set_timer(0.01, lambda: self._await_dialog(tries - 1))

    def _follow(self, number: int, rounds: int) -> None:
        target = self.focused or self.screen
        if not target.post_message(Probe(number, rounds)):
            self.call_later(self._done, number)
            return
        self._watch(number, target)

    def _watch(self, number: int, target: Widget) -> None:
        """Give a probe up only when the widget that it was sent through is gone."""

        async def look() -> None:
            if not self._under_way or number != self._number:
                return
            if target.is_attached and target.is_running:
                self._watch(number, target)
            else:
                await self._done(number)

        self.set_timer(_LOST, look)

    async def on_probe(self, probe: Probe) -> None:
        """A key has come out; messages that it left behind on its way are handled first."""
        probe.stop()
        if self._exit or probe.number != self._number:
            return
        chain = (self.focused or self.screen).ancestors_with_self
        busy = any(node.message_queue_size for node in chain if node is not self)
        if busy and probe.rounds < _ROUNDS:
            self._follow(probe.number, probe.rounds + 1)
        else:
            await self._done(probe.number)

    async def _done(self, number: int) -> None:
        if self._under_way and number == self._number:
            self._under_way = False
            await self._next_key()
