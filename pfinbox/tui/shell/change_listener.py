"""News from other processes: one worker listens, the screen reads again."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass

from textual.message import Message
from textual.timer import Timer
from textual.widget import Widget

from pfinbox.errors import PfinboxError
from pfinbox.tui.shell.post_message import post_message

AT_MOST_EVERY = 0.1
SOON = 0.02
_AGAIN = 1.0


@dataclass
class Changed(Message):
    """These topics changed; None: everything may have, the listening has begun anew."""

    topics: frozenset[str] | None


@dataclass
class Lost(Message):
    """The database does not answer."""

    sentence: str


async def listen(node: Widget, changes: Callable[[], AsyncIterator[frozenset[str]]]) -> None:
    """Post what changes, for ever; a lost connection is said and waited out."""
    while True:
        try:
            async for topics in changes():
                post_message(node, Changed(topics or None))
        except (PfinboxError, OSError) as error:
            post_message(node, Lost(str(error)))
        except Exception as error:  # a screen that hears nothing any more must not look alive
            post_message(node, Lost(f"{type(error).__name__}: {error}"))
        await asyncio.sleep(_AGAIN)


class Throttle:
    """Calls ``reload`` at most every 0.1 s, with everything that came since the last time."""

    def __init__(self, node: Widget, reload: Callable[[frozenset[str] | None], None]) -> None:
        self._node = node
        self._reload = reload
        self._timer: Timer | None = None
        self._topics: frozenset[str] = frozenset()
        self._everything = False

    @property
    def pending(self) -> bool:
        """Whether something waits to be read again."""
        return self._everything or bool(self._topics)

    def __call__(self, topics: frozenset[str] | None) -> None:
        """Take note. A change of our own is heard twice, when made and as news: that is one."""
        self._everything |= topics is None
        self._topics |= topics or frozenset()
        if self._timer is None:
            self._timer = self._node.set_timer(SOON, self._run)

    def _run(self) -> None:
        self._timer = None
        if not self.pending:
            return
        topics = None if self._everything else self._topics
        self._topics, self._everything = frozenset(), False
        self._timer = self._node.set_timer(AT_MOST_EVERY, self._run)
        self._reload(topics)
