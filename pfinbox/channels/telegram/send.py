"""Handing one part over: a text, or up to ten files with their caption, is one call.

https://core.telegram.org/bots/api#sendmessage, #sendphoto, #senddocument, #sendmediagroup
"""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

from aiogram.exceptions import TelegramBadRequest, TelegramMigrateToChat
from aiogram.methods import SendDocument, SendMediaGroup, SendMessage, SendPhoto, TelegramMethod
from aiogram.types import (
    BufferedInputFile,
    InputMediaDocument,
    InputMediaPhoto,
    ReplyParameters,
)

from pfinbox.channels.telegram.api import Api
from pfinbox.channels.telegram.failures import failure
from pfinbox.channels.telegram.pace import Pace
from pfinbox.channels.telegram.speech import Target, entities_of, spelled
from pfinbox.domain.contract.channel import Limits, PermanentFailure, UnknownOutcome
from pfinbox.domain.contract.files import File
from pfinbox.domain.contract.outgoing import Outgoing, Sent
from pfinbox.domain.contract.reason import Reason
from pfinbox.domain.text.cleaning import clean_line
from pfinbox.domain.text.markup import formatted, units
from pfinbox.record import record

_PHOTOS = ("image/jpeg", "image/png")
_PHOTO_LIMIT = 10 * 1024 * 1024
_SLOWEST = 50_000  # bytes a second that an upload must at least make


# The answers are left unparsed: a new field in them must not turn "sent" into "unknown".
class _Text(SendMessage):
    __returning__ = Any  # type: ignore[assignment]


class _Photo(SendPhoto):
    __returning__ = Any  # type: ignore[assignment]


class _Document(SendDocument):
    __returning__ = Any  # type: ignore[assignment]


class _Album(SendMediaGroup):
    __returning__ = Any  # type: ignore[assignment]


@record
class _Attempt:
    """One way to say it; after a definite refusal another way may be tried."""

    target: Target
    formatted: bool = True
    as_photo: bool = True


class Sender:
    def __init__(self, api: Api, limits: Limits, pace: Pace) -> None:
        self._api = api
        self._limits = limits
        self._pace = pace

    async def send(self, part: Outgoing, transmitting: Callable[[], Awaitable[None]]) -> Sent:
        """See ``Channel.send``."""
        attempt = _Attempt(Target.of(part.chat_key))
        self._check(part)
        await self._api.ready()
        await self._pace.turn(attempt.target.chat)
        await transmitting()
        for _ in range(3):  # one further way per kind of refusal
            try:
                answer = await self._api.call(_method(part, attempt), _patience(part))
            except (TelegramBadRequest, TelegramMigrateToChat) as problem:
                other = _other_way(part, attempt, problem)
                if other is not None:
                    attempt = other
                    continue
                failed = self._failure(problem)
            except Exception as problem:
                failed = self._failure(problem)
            else:
                return _receipt(answer, attempt.target, part.chat_key)
            raise failed
        raise PermanentFailure(Reason("rejected", {"detail": "every way was refused"}))

    def _failure(self, problem: Exception) -> Exception:
        return failure(problem, host=self._api.host, token=self._api.token, sending=True)

    def _check(self, part: Outgoing) -> None:
        """Refuse before anything is handed over what Telegram is known not to take (R25)."""
        most_files = self._limits.files_per_part
        if most_files is not None and len(part.files) > most_files:
            raise PermanentFailure(Reason("rejected", {"detail": "too many files in one part"}))
        limit = self._limits.max_caption if part.files else self._limits.max_text
        # marks do not count, but nobody types four times as many marks as letters
        if limit is not None and (
            units(part.text) > 4 * limit or units(formatted(part.text)[0]) > limit
        ):
            raise PermanentFailure(Reason("text_too_long"))
        if not part.files and not formatted(part.text)[0].strip():
            raise PermanentFailure(Reason("rejected", {"detail": "the text is empty"}))
        for file in part.files:
            most = self._limits.max_file
            if most is not None and len(file.content) > most:
                args = {"name": file.name, "size": len(file.content), "limit": most}
                raise PermanentFailure(Reason("file_too_large", args))


def _method(part: Outgoing, attempt: _Attempt) -> TelegramMethod[Any]:
    text, marks = spelled(part.text, attempt.formatted)
    entities = entities_of(marks)
    common: dict[str, Any] = {
        "chat_id": attempt.target.chat,
        "business_connection_id": attempt.target.connection,
        "message_thread_id": attempt.target.topic,
        "reply_parameters": _reply(part, attempt.target),
    }
    if not part.files:
        return _Text(text=text, entities=entities, **common)
    caption: dict[str, Any] = {"caption": text or None, "caption_entities": entities}
    uploads = [BufferedInputFile(file.content, filename=_file_name(file)) for file in part.files]
    photos = attempt.as_photo and all(_is_photo(file) for file in part.files)
    if len(uploads) == 1:
        if photos:
            return _Photo(photo=uploads[0], **caption, **common)
        return _Document(document=uploads[0], **caption, **common)
    # Photos and documents do not mix; the caption stands with the first, which can be edited then.
    kind = InputMediaPhoto if photos else InputMediaDocument
    media: list[Any] = [
        kind(media=upload, **(caption if not position else {}))
        for position, upload in enumerate(uploads)
    ]
    return _Album(media=media, **common)


def _reply(part: Outgoing, target: Target) -> ReplyParameters | None:
    chat, _, message = (part.quote_source_id or "").rpartition(":")
    if not message.isdecimal() or chat != target.dialogue():
        return None  # a message of another chat would show the client what is not theirs (R15)
    return ReplyParameters(message_id=int(message), allow_sending_without_reply=True)


def _file_name(file: File) -> str:
    # the name stands quoted in a header of the upload
    name = clean_line(file.name, 150).replace('"', "'").replace("\\", "_").replace("/", "_")
    return name or "file"


def _is_photo(file: File) -> bool:
    return file.media_type in _PHOTOS and len(file.content) <= _PHOTO_LIMIT


def _patience(part: Outgoing) -> float:
    return 60 + sum(len(file.content) for file in part.files) / _SLOWEST


def _other_way(
    part: Outgoing, attempt: _Attempt, problem: TelegramBadRequest | TelegramMigrateToChat
) -> _Attempt | None:
    """Another way to say the same after Telegram has refused this one for certain."""
    if isinstance(problem, TelegramMigrateToChat):
        target = Target(problem.migrate_to_chat_id, attempt.target.connection)
        return None if target == attempt.target else replace(attempt, target=target)
    said = problem.message.casefold()
    if "entit" in said and attempt.formatted:
        return replace(attempt, formatted=False)
    photo = bool(part.files) and all(_is_photo(file) for file in part.files)
    if photo and attempt.as_photo and ("photo" in said or "image" in said):
        return replace(attempt, as_photo=False)
    return None


def _receipt(answer: Any, target: Target, asked: str | None) -> Sent:
    answers = answer if isinstance(answer, list) else [answer]
    numbers = [one.get("message_id") if isinstance(one, dict) else None for one in answers]
    ids = [f"{target.dialogue()}:{one}" for one in numbers if isinstance(one, int)]
    if not ids or len(ids) != len(numbers):
        raise UnknownOutcome(Reason("outcome_unknown", {"detail": "no message number"}))
    moved = target.key() if target.key() != asked else None
    return Sent(ids[0], also=tuple(ids[1:]), chat_key=moved)
