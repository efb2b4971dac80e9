"""Handing one part over: one text or one file with its caption is one call.

https://core.telegram.org/bots/api#sendmessage, #sendphoto, #senddocument
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from aiogram.exceptions import TelegramBadRequest, TelegramMigrateToChat
from aiogram.methods import SendDocument, SendMessage, SendPhoto, TelegramMethod
from aiogram.types import BufferedInputFile, MessageEntity, ReplyParameters

from pfinbox.channels.telegram.api import Api
from pfinbox.channels.telegram.markup import formatted, units
from pfinbox.channels.telegram.pace import Pace
from pfinbox.channels.telegram.trouble import failure
from pfinbox.domain.channel import Limits, PermanentFailure, UnknownOutcome
from pfinbox.domain.envelope import File, Outgoing, Sent
from pfinbox.domain.reason import Reason
from pfinbox.domain.text import clean_line

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


@dataclass(frozen=True, slots=True)
class _Target:
    """Where a chat key leads: ``42`` or ``biz:CONNECTION:42``."""

    chat: int
    connection: str | None = None

    @classmethod
    def of(cls, key: str | None) -> "_Target":
        head, _, chat = (key or "").rpartition(":")
        connection = head.removeprefix("biz:") or None
        try:
            return cls(int(chat), connection)
        except ValueError:
            pass
        raise PermanentFailure(Reason("chat_gone"), chat_writable=False)

    def key(self) -> str:
        return f"biz:{self.connection}:{self.chat}" if self.connection else str(self.chat)


@dataclass(frozen=True, slots=True)
class _Attempt:
    """One way to say it; after a definite refusal another way may be tried."""

    target: _Target
    formatted: bool = True
    as_photo: bool = True


class Sender:
    def __init__(self, api: Api, limits: Limits, pace: Pace) -> None:
        self._api = api
        self._limits = limits
        self._pace = pace

    async def send(self, part: Outgoing, transmitting: Callable[[], Awaitable[None]]) -> Sent:
        """See ``Channel.send``."""
        attempt = _Attempt(_Target.of(part.chat_key))
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
                return _receipt(answer, attempt.target)
            raise failed
        raise PermanentFailure(Reason("rejected", {"detail": "every way was refused"}))

    def _failure(self, problem: Exception) -> Exception:
        return failure(problem, host=self._api.host, token=self._api.token, sending=True)

    def _check(self, part: Outgoing) -> None:
        """Refuse before anything is handed over what Telegram is known not to take (R25)."""
        if len(part.files) > 1:
            raise PermanentFailure(Reason("rejected", {"detail": "several files in one part"}))
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
    text, marks = formatted(part.text) if attempt.formatted else (part.text, ())
    text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    entities = [
        MessageEntity(
            type=mark.kind,
            offset=mark.offset,
            length=mark.length,
            url=mark.url,
            language=mark.language,
        )
        for mark in marks
    ] or None
    common: dict[str, Any] = {
        "chat_id": attempt.target.chat,
        "business_connection_id": attempt.target.connection,
        "reply_parameters": _reply(part, attempt.target),
    }
    if not part.files:
        return _Text(text=text, entities=entities, **common)
    file = part.files[0]
    upload = BufferedInputFile(file.content, filename=_file_name(file))
    caption: dict[str, Any] = {"caption": text or None, "caption_entities": entities}
    if attempt.as_photo and _is_photo(file):
        return _Photo(photo=upload, **caption, **common)
    return _Document(document=upload, **caption, **common)


def _reply(part: Outgoing, target: _Target) -> ReplyParameters | None:
    chat, _, message = (part.quote_source_id or "").rpartition(":")
    if not message.isdecimal() or chat != target.key():
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
        target = _Target(problem.migrate_to_chat_id, attempt.target.connection)
        return None if target == attempt.target else _with(attempt, target=target)
    said = problem.message.casefold()
    if "entit" in said and attempt.formatted:
        return _with(attempt, formatted=False)
    photo = bool(part.files) and _is_photo(part.files[0])
    if photo and attempt.as_photo and ("photo" in said or "image" in said):
        return _with(attempt, as_photo=False)
    return None


def _with(attempt: _Attempt, **changes: Any) -> _Attempt:
    given = {name: getattr(attempt, name) for name in ("target", "formatted", "as_photo")}
    return _Attempt(**{**given, **changes})


def _receipt(answer: Any, target: _Target) -> Sent:
    message = answer.get("message_id") if isinstance(answer, dict) else None
    if not isinstance(message, int):
        raise UnknownOutcome(Reason("outcome_unknown", {"detail": "no message number"}))
    return Sent(f"{target.key()}:{message}")
