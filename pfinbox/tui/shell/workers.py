"""Background work of widgets: one call, then exactly one message, a result or a failure."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, TypeVar
from weakref import WeakKeyDictionary

from textual.dom import DOMNode
from textual.message import Message

from pfinbox.services.people import revealing
from pfinbox.tui.shell.context import context
from pfinbox.tui.shell.post_message import post_message

if TYPE_CHECKING:
    from pfinbox.domain.people.portal import Look
    from pfinbox.services.inbox import Inbox

T = TypeVar("T")


@dataclass
class Failed(Message):
    """A job ended in an error; it bubbles up to the app, which shows it. Never fatal."""

    job: str
    error: Exception


@dataclass
class Reveals(Message):
    """A change would show a contact what they never got; the app asks, with the words (R49).

    ``again`` does it when these have been agreed to, ``leave`` ends the job as failed.
    """

    looks: tuple["Look", ...]
    again: Callable[[], None]
    leave: Callable[[], None]


@dataclass
class Result(Message):
    """What a job of an object that is no widget has brought; the screen does what it ``then`` is.

    A job in the store ends while other handlers run; ``then`` runs in the screen's own turn.
    """

    then: Callable[[], None] = lambda: None


class _Queue:
    """The reads under way on one widget: by job, the newest one that waits for its turn."""

    def __init__(self) -> None:
        self.waiting: dict[str, Callable[[], Awaitable[None]] | None] = {}


_queues: WeakKeyDictionary[DOMNode, _Queue] = WeakKeyDictionary()


def read(
    node: DOMNode, job: str, call: Callable[[], Awaitable[T]], result: Callable[[T], Message]
) -> None:
    """Look something up; of several reads of one name only the newest gives a result.

    A read under way is not cancelled (that would throw its database connection away): the newest
    one waits for it, those in between are never started.
    """

    async def once() -> None:
        message = await _outcome(inbox, job, call, result)
        if queue.waiting.get(job) is None:
            post_message(node, message)

    async def all_of_them() -> None:
        try:
            while (following := queue.waiting[job]) is not None:
                queue.waiting[job] = None
                await following()
        finally:
            del queue.waiting[job]

    inbox = context(node).inbox
    queue = _queues.setdefault(node, _Queue())
    under_way = job in queue.waiting
    queue.waiting[job] = once
    if not under_way:
        node.run_worker(all_of_them(), name=job, group=job, exit_on_error=False)


def ask(
    screen: DOMNode, job: str, call: Callable[[], Awaitable[T]], then: Callable[[T], None]
) -> None:
    """Look something up as ``read`` does, for an object that is no widget."""
    read(screen, job, call, lambda found: Result(partial(then, found)))


def do(
    screen: DOMNode, job: str, call: Callable[["Inbox"], Awaitable[T]], then: Callable[[T], None]
) -> None:
    """Change something as ``write`` does, for an object that is no widget."""
    write(screen, job, call, lambda made: Result(partial(then, made)))


# The writes of one app come one after another; side by side they may end in either order.
_turns: WeakKeyDictionary[DOMNode, asyncio.Lock] = WeakKeyDictionary()


def write(
    node: DOMNode,
    job: str,
    call: Callable[["Inbox"], Awaitable[T]],
    result: Callable[[T], Message],
    *,
    apart: bool = False,
) -> None:
    """Change something, in the order in which it was asked for. ``apart``: out of that order.

    ``call`` gets the inbox; once more, agreeing, where it reveals words and the agent agrees.
    Never exclusive: a second key press must not cancel the first one's work. It runs on the app:
    closing a widget or a screen must not cancel it either.
    """
    inbox = context(node).inbox
    turn = asyncio.Lock() if apart else _turns.setdefault(node.app, asyncio.Lock())

    def begin(looks: tuple["Look", ...]) -> None:
        node.app.run_worker(once(looks), name=job, group=job, exit_on_error=False)

    async def once(looks: tuple["Look", ...]) -> None:
        async with turn:
            message = await _outcome(inbox, job, lambda: call(inbox.agreeing(looks)), result)
        if isinstance(message, Failed) and isinstance(message.error, revealing.WouldReveal):
            found = message.error.looks
            asked = Reveals(found, lambda: begin(found), lambda: post_message(node, message))
            post_message(node.app, asked)
        else:
            post_message(node, message)

    begin(())


async def _outcome(
    inbox: "Inbox", job: str, call: Callable[[], Awaitable[T]], result: Callable[[T], Message]
) -> Message:
    try:
        # Not before: what looks for a use case would wait for its import, and the screen with it.
        await inbox.opened()
        return result(await call())
    except Exception as error:  # shown by the app, in one place; a job is never fatal
        return Failed(job, error)
