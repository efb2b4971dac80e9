"""Changing or taking away what the bot has sent; doing it twice does no harm.

https://core.telegram.org/bots/api#editmessagetext, #editmessagecaption, #deletemessages,
#deletebusinessmessages
"""

from typing import Any

from aiogram.exceptions import TelegramBadRequest
from aiogram.methods import (
    DeleteBusinessMessages,
    DeleteMessages,
    EditMessageCaption,
    EditMessageText,
    TelegramMethod,
)

from pfinbox.channels.telegram.api import Api
from pfinbox.channels.telegram.failures import detail_of, failure
from pfinbox.channels.telegram.pace import Pace
from pfinbox.channels.telegram.speech import Target, entities_of, spelled
from pfinbox.domain.contract.amending import Amendment, AmendmentKind
from pfinbox.domain.contract.channel import PermanentFailure, TemporaryFailure, UnknownOutcome
from pfinbox.domain.contract.reason import Reason

# What Telegram answers when there is nothing to do any more, or nothing to do it to.
_SAME = ("message is not modified",)
_GONE = ("message to edit not found", "message_id_invalid", "message to delete not found")
_FIXED = ("can't be edited", "can't be deleted")


class _EditText(EditMessageText):
    __returning__ = Any  # type: ignore[assignment]


class _EditCaption(EditMessageCaption):
    __returning__ = Any  # type: ignore[assignment]


class Amender:
    def __init__(self, api: Api, pace: Pace) -> None:
        self._api = api
        self._pace = pace

    async def amend(self, change: Amendment) -> None:
        """See ``domain.contract.amending.Amending``."""
        target = Target.of(change.chat_key)
        ids = _numbers(change, target)
        await self._api.ready()
        await self._pace.turn(target.chat)
        formatted = True
        while True:
            method = _method(change, target, ids, formatted)
            try:
                await self._api.call(method)
            except TelegramBadRequest as problem:
                said = problem.message.casefold()
                if any(text in said for text in _SAME):
                    return
                if "entit" in said and formatted and change.kind is AmendmentKind.EDIT:
                    formatted = False
                    continue
                if any(text in said for text in _GONE):
                    if change.kind is AmendmentKind.DELETE:
                        return
                    failed: Exception = PermanentFailure(Reason("copy_gone"))
                elif any(text in said for text in _FIXED):
                    failed = PermanentFailure(self._rejected(problem))
                else:
                    failed = self._failure(problem)
            except Exception as problem:
                failed = self._failure(problem)
            else:
                return
            raise failed

    def _rejected(self, problem: Exception) -> Reason:
        return Reason("rejected", {"detail": detail_of(problem, self._api.token)})

    def _failure(self, problem: Exception) -> Exception:
        found = failure(problem, host=self._api.host, token=self._api.token, sending=True)
        # To ask once more is safe here, so nothing stays unknown.
        return TemporaryFailure(found.reason) if isinstance(found, UnknownOutcome) else found


def _numbers(change: Amendment, target: Target) -> list[int]:
    found: list[int] = []
    for source in (change.source_id, *change.also):
        chat, _, message = source.rpartition(":")
        if chat != target.dialogue() or not message.isdecimal():
            # Sent before the chat moved: it has stayed where nobody can reach it.
            raise PermanentFailure(Reason("copy_gone"))
        found.append(int(message))
    return found


def _method(
    change: Amendment, target: Target, ids: list[int], formatted: bool
) -> TelegramMethod[Any]:
    if change.kind is AmendmentKind.DELETE:
        if target.connection is not None:
            return DeleteBusinessMessages(business_connection_id=target.connection, message_ids=ids)
        return DeleteMessages(chat_id=target.chat, message_ids=ids)
    text, marks = spelled(change.text, formatted)
    common: dict[str, Any] = {
        "chat_id": target.chat,
        "message_id": ids[0],
        "business_connection_id": target.connection,
    }
    if change.captioned:
        return _EditCaption(caption=text, caption_entities=entities_of(marks), **common)
    return _EditText(text=text, entities=entities_of(marks), **common)
