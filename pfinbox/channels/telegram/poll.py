"""Polling for updates as raw JSON, confirmed only after the consumer has come back.

``getUpdates`` with an offset confirms everything below it
(https://core.telegram.org/bots/api#getupdates). The offset lives in memory only: ids restart at
random after a quiet week, so a stored one could hide new updates.
"""

import logging
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any

from aiogram.exceptions import TelegramConflictError
from aiogram.methods import DeleteWebhook, TelegramMethod

from pfinbox.channels.telegram.album import MOST
from pfinbox.channels.telegram.api import Api
from pfinbox.channels.telegram.failures import failure
from pfinbox.channels.telegram.reading.fields import moment, number, obj, words
from pfinbox.domain.contract.channel import TemporaryFailure
from pfinbox.domain.contract.reason import Reason

ALLOWED = [
    "message",
    "edited_message",
    "channel_post",
    "business_connection",
    "business_message",
    "edited_business_message",
    "deleted_business_messages",
    "message_reaction",
    "my_chat_member",
]
_log = logging.getLogger(__name__)

_GRACE = 10  # seconds beyond the long poll until the connection counts as dead
_SETTLE = 0.5  # seconds in which further pictures of an album are waited for
_SETTLED = 10  # seconds after which an album is complete


class GetUpdates(TelegramMethod[list[Any]]):
    """getUpdates with its result unparsed: one odd update must not block the others."""

    __returning__ = list[Any]
    __api_method__ = "getUpdates"

    offset: int | None = None
    timeout: int | None = None
    allowed_updates: list[str] | None = None


class Poller:
    """Asks for updates; :meth:`confirm` says what has been stored."""

    def __init__(
        self,
        api: Api,
        poll_seconds: int,
        now: Callable[[], datetime],
        sleep: Callable[[float], Awaitable[None]],
    ) -> None:
        self._api = api
        self._long = poll_seconds
        self._now = now
        self._sleep = sleep
        self._offset: int | None = None
        self._wait = 0

    async def updates(self) -> list[Any]:
        """The next updates in Telegram's order; empty when nothing more waits."""
        found = await self._ask(self._wait)
        if not found:
            # all is confirmed: from here on the server knows better where we are
            self._offset, self._wait = None, self._long
        return await self._whole(found)

    def confirm(self, updates: list[Any]) -> None:
        """The next question tells the server to forget these."""
        ids = [number(u, "update_id") for u in updates if isinstance(u, dict)]
        last = next((ident for ident in reversed(ids) if ident is not None), None)
        if last is None:
            raise TemporaryFailure(Reason("server_error", {"detail": "updates without numbers"}))
        self._offset = last + 1

    async def _whole(self, found: list[Any]) -> list[Any]:
        """Keep an album together that ends the list: its other pictures may still be coming."""
        start = _last_album(found)
        if start == len(found):
            return found
        if start > 0:
            return found[:start]  # not confirmed, so it comes again with the next question
        for _ in range(3):
            sent = moment(obj(found[-1], "message"), "date")
            age = (self._now() - sent).total_seconds() if sent else 0.0
            if len(found) >= MOST or age > _SETTLED:
                break
            await self._sleep(_SETTLE)
            again = await self._ask(0)
            if len(again) <= len(found):
                break
            found = again
            if (start := _last_album(found)) > 0:
                return found[:start]
        return found

    async def _ask(self, wait: int) -> list[Any]:
        question = GetUpdates(offset=self._offset, timeout=wait, allowed_updates=ALLOWED)
        api = self._api
        unhook = False
        while True:
            try:
                if unhook:
                    await api.call(DeleteWebhook(drop_pending_updates=False))
                answer = await api.call(question, wait + _GRACE)
                return answer if isinstance(answer, list) else []
            except TelegramConflictError as problem:
                # A webhook left by another program keeps us out. What waits there stays waiting.
                if not unhook and "webhook" in problem.message.casefold():
                    _log.warning("removing a webhook that another program left at %s", api.host)
                    unhook = True
                    continue
                failed = failure(problem, host=api.host, token=api.token)
            except Exception as problem:
                failed = failure(problem, host=api.host, token=api.token)
            raise failed


def _last_album(found: list[Any]) -> int:
    """Where the album that ends the list begins; the list's length when none does."""
    at = len(found)
    last = ""
    while at > 0 and isinstance(found[at - 1], dict):
        message = obj(found[at - 1], "message") or obj(found[at - 1], "business_message")
        album = words(message, "media_group_id")
        if not album or (last and album != last):
            break
        last = album
        at -= 1
    return at
