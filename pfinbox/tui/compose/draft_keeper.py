"""Keeps what is being written in the store while it is typed."""

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from textual.message import Message
from textual.timer import Timer
from textual.widget import Widget

from pfinbox.services.tasks import drafts
from pfinbox.tui.compose.writing import Writing
from pfinbox.tui.shell import workers

if TYPE_CHECKING:
    from pfinbox.services.inbox import Inbox

# A kill loses at most what was typed in so many seconds.
SAVE_EVERY = 0.3


@dataclass
class DraftSaved(Message):
    """The draft of one task and mode is as it was typed so far."""

    writing: Writing


class DraftKeeper:
    """Saves at most every 0.3 s; ``order`` keeps writes of one composer in their order."""

    def __init__(self, node: Widget) -> None:
        self.order = asyncio.Lock()
        self._node = node
        self._timer: Timer | None = None
        self._saved: tuple[Writing, str, dict[str, Any]] | None = None
        self._now: tuple[Writing, str, dict[str, Any]] | None = None

    @property
    def unsaved(self) -> bool:
        """Whether something typed waits to be stored."""
        return self._timer is not None

    def begin(self, writing: Writing, text: str) -> None:
        """What the store has already: nothing to save until it changes."""
        self._saved = self._now = (writing, text, writing.choices())

    def changed(self, writing: Writing, text: str) -> None:
        """Called with every change; an empty text drops the draft."""
        now = (writing, text, writing.choices())
        nothing = not text.strip() and (self._saved is None or not self._saved[1].strip())
        if (now == self._saved or nothing) and self._timer is None:
            return
        self._now = now
        if self._timer is None:
            self._timer = self._node.set_timer(SAVE_EVERY, self.flush)

    def forget(self) -> None:
        """It was sent, or was never wanted: nothing more is saved of it."""
        self._stop_timer()
        self._saved = self._now = None

    def flush(self) -> None:
        """Save now what is not saved yet."""
        self._stop_timer()
        if self._now is None or self._now == self._saved:
            return
        self._saved = self._now
        self._save(*self._now)

    def drop(self, writing: Writing) -> None:
        """Remove the draft from the store."""
        self._save(writing, "", {})

    def add(self, writing: Writing, text: str) -> None:
        """Keep ``text`` behind what the store may have: it was put away before that was known."""
        if not text.strip():
            return

        async def save(inbox: "Inbox") -> None:
            async with self.order:
                held = await inbox.read(drafts.load, writing.task_id, writing.mode)
                if held is not None:
                    writing.restore(held.choices)
                before = f"{held.text}\n\n" if held is not None else ""
                await inbox.write(
                    drafts.save, writing.task_id, writing.mode, before + text, writing.choices()
                )

        workers.write(self._node, "draft", save, lambda _nothing: DraftSaved(writing), apart=True)

    def _save(self, writing: Writing, text: str, choices: dict[str, Any]) -> None:
        async def save(inbox: "Inbox") -> None:
            async with self.order:
                await inbox.write(drafts.save, writing.task_id, writing.mode, text, choices)

        workers.write(self._node, "draft", save, lambda _nothing: DraftSaved(writing), apart=True)

    def failed(self) -> None:
        """Saving did not work: try again with the next change, or in a moment."""
        self._saved = None
        if self._now is not None and self._timer is None:
            self._timer = self._node.set_timer(2, self.flush)

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.stop()
            self._timer = None
