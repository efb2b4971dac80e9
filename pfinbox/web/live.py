"""Open pages hear of changes: one listener for all of them, which wakes those concerned."""

import asyncio
import logging
from collections import defaultdict
from collections.abc import Awaitable, Callable, Hashable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from typing import Any, TypeVar

from aiohttp import web

from pfinbox.errors import PfinboxError
from pfinbox.services.inbox import ProgramInbox
from pfinbox.services.portal import stirring
from pfinbox.web.site import INBOX

log = logging.getLogger(__name__)

T = TypeVar("T")

# What is written now may be sent a little later; the page looks again at each change meanwhile.
_LATELY = timedelta(minutes=10)
_AGAIN = 1.0
# Several devices with several tabs; whoever opens more waits for none of them.
_MOST = 12


class Live:
    """Which tasks are on open pages."""

    def __init__(self, inbox: ProgramInbox) -> None:
        self._inbox = inbox
        self._watching: dict[int, set[asyncio.Event]] = defaultdict(set)
        self._sessions: dict[int, int] = defaultdict(int)
        # How many of the pages of a task show who is writing, and in which tasks somebody is.
        self._attentive: dict[int, int] = defaultdict(int)
        self._written_to: set[int] = set()
        self._listening: asyncio.Task[None] | None = None
        # By task: what its pages have read since it last changed, by whose sight it is.
        self._looks: dict[int, dict[Hashable, asyncio.Future[Any]]] = defaultdict(dict)
        self.closing = False

    @contextmanager
    def watch(
        self, task_id: int, session_id: int, *, attentive: bool = False
    ) -> Iterator[asyncio.Event]:
        """An event that is set when the task, or whoever may see it, may have changed.

        ``attentive``: also when an agent begins or ends to write in it.
        """
        if self._sessions[session_id] >= _MOST:
            raise web.HTTPTooManyRequests
        if self._listening is None:
            # Nobody listens before the first page is open.
            self._listening = asyncio.create_task(self._listen())
        woken = asyncio.Event()
        self._watching[task_id].add(woken)
        self._sessions[session_id] += 1
        if attentive:
            self._attentive[task_id] += 1
        try:
            yield woken
        finally:
            self._watching[task_id].discard(woken)
            if not self._watching[task_id]:
                del self._watching[task_id]
                self._looks.pop(task_id, None)
            if attentive:
                self._attentive[task_id] -= 1
                if not self._attentive[task_id]:
                    del self._attentive[task_id]
            self._sessions[session_id] -= 1
            if not self._sessions[session_id]:
                del self._sessions[session_id]

    async def look(self, task_id: int, who: Hashable, read: Callable[[], Awaitable[T]]) -> T:
        """What ``read`` finds: once after a change, however many pages of theirs show the task.

        Only while the task is watched.
        """
        looks = self._looks[task_id]
        look = looks.get(who)
        if look is None or (look.done() and (look.cancelled() or look.exception() is not None)):
            look = looks[who] = asyncio.ensure_future(read())
        # Whoever goes away meanwhile takes it from nobody else.
        found: T = await asyncio.shield(look)
        return found

    async def _listen(self) -> None:
        """Wake pages, for ever; a lost connection is waited out."""
        while True:
            try:
                async for topics in self._inbox.changes():
                    await self._changed(topics)
            except (PfinboxError, OSError) as error:
                log.warning("open pages hear nothing: %s", error)
            await asyncio.sleep(_AGAIN)

    async def _changed(self, topics: frozenset[str]) -> None:
        if not self._watching:
            return
        if not topics or "contacts" in topics:
            # Access may have been taken.
            self.wake(set(self._watching))
            return
        if topics & {"tasks", "outbox"}:
            self.wake(await self._inbox.read(stirring.lately, _LATELY))
        if "presence" in topics and self._attentive:
            written_to = await self._inbox.read(stirring.written_to)
            self.wake((written_to ^ self._written_to) & self._attentive.keys())
            self._written_to = written_to

    def wake(self, task_ids: set[int]) -> None:
        for task_id in task_ids & self._watching.keys():
            self._looks.pop(task_id, None)
            for woken in self._watching[task_id]:
                woken.set()

    def close(self) -> None:
        """Every open page ends its stream: the door closes."""
        self.closing = True
        self.wake(set(self._watching))

    async def end(self) -> None:
        looks = [look for some in self._looks.values() for look in some.values()]
        for look in looks:
            look.cancel()
        await asyncio.gather(*looks, return_exceptions=True)
        if self._listening is not None:
            self._listening.cancel()
            with suppress(asyncio.CancelledError):
                await self._listening


LIVE = web.AppKey("live", Live)


def add_to(app: web.Application) -> None:
    """Wake open pages until the door closes."""
    live = app[LIVE] = Live(app[INBOX])

    async def close(_app: web.Application) -> None:
        live.close()

    async def end(_app: web.Application) -> None:
        await live.end()

    app.on_shutdown.append(close)
    app.on_cleanup.append(end)
