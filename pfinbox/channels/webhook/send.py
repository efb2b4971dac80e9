"""Posting one part to ``send_url``: our own JSON, signed as what comes in is."""

import base64
import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import aiohttp

from pfinbox.channels.webhook import signing
from pfinbox.domain.contract.channel import (
    ChannelError,
    PermanentFailure,
    TemporaryFailure,
    Transmitting,
    UnknownOutcome,
)
from pfinbox.domain.contract.files import File
from pfinbox.domain.contract.outgoing import Outgoing, Sent
from pfinbox.domain.contract.reason import Reason

_PATIENCE = aiohttp.ClientTimeout(total=60, sock_connect=15)
_MOST_ANSWER = 1 << 16
# Larger files go as addresses.
_MOST_INLINE = 1_000_000
# Before anything has left: the other side has it for certain not.
_NOT_CONNECTED = (aiohttp.ClientConnectorError, aiohttp.InvalidURL)


class Sender:
    def __init__(
        self,
        session: aiohttp.ClientSession,
        url: str,
        secret: str,
        now: Callable[[], datetime],
        publish: Callable[[File], str] | None,
    ) -> None:
        self._session = session
        self._url = url
        self._secret = secret
        self._now = now
        self._publish = publish

    async def send(self, part: Outgoing, transmitting: Transmitting) -> Sent:
        """See ``Channel.send``: 2xx is sent, 429 and 503 are later, other refusals are for good.

        Without an answer, or with another 5xx, it may have arrived.
        """
        body = json.dumps(message(part, self._publish), ensure_ascii=False).encode(
            "utf-8", "replace"
        )
        await transmitting()
        stamp = int(self._now().timestamp())
        head = signing.headers(self._secret, stamp, body) | {"Content-Type": "application/json"}
        try:
            async with self._session.post(
                self._url, data=body, headers=head, timeout=_PATIENCE, allow_redirects=False
            ) as answer:
                told = await answer.content.read(_MOST_ANSWER)
                return _sent(part, answer, told)
        except _NOT_CONNECTED as error:
            host = urlsplit(self._url).netloc
            reason = Reason("connection_failed", {"host": host, "detail": type(error).__name__})
            raise TemporaryFailure(reason) from error
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            detail = type(error).__name__
            raise UnknownOutcome(Reason("outcome_unknown", {"detail": detail})) from error


def message(part: Outgoing, publish: Callable[[File], str] | None) -> dict[str, Any]:
    """What is posted; fields as in what comes in."""
    data: dict[str, Any] = {
        "event": "message",
        "id": part.source_id,
        "chat": part.chat_key,
        "at": part.created_at.astimezone(UTC).isoformat(),
        "contact": {"id": part.to[0].value, "name": part.to[0].name} if part.to else {},
        "text": part.text,
    }
    if part.sender_name:
        data["author"] = part.sender_name
    if part.quote_source_id:
        data["reply_to"] = part.quote_source_id
    if part.files:
        data["files"] = [_file(one, publish) for one in part.files]
    return data


def _file(file: File, publish: Callable[[File], str] | None) -> dict[str, str]:
    if publish is not None and len(file.content) > _MOST_INLINE:
        return {"name": file.name, "type": file.media_type, "url": publish(file)}
    content = base64.b64encode(file.content).decode()
    return {"name": file.name, "type": file.media_type, "base64": content}


def _sent(part: Outgoing, answer: aiohttp.ClientResponse, told: bytes) -> Sent:
    if 200 <= answer.status < 300:
        theirs = _id(told)
        return Sent(part.source_id or theirs or "", also=(theirs,) if theirs else ())
    raise _refusal(answer)


def _id(told: bytes) -> str | None:
    """The other side's own id, where the answer has one."""
    try:
        given = json.loads(told)
    except (ValueError, RecursionError):
        return None
    value = given.get("id") if isinstance(given, dict) else None
    return str(value)[:500] if isinstance(value, str | int) and str(value) else None


def _refusal(answer: aiohttp.ClientResponse) -> ChannelError:
    status = answer.status
    reason = Reason("rejected", {"detail": f"HTTP {status}"})
    if status in (429, 503):
        after = answer.headers.get("Retry-After", "")
        return TemporaryFailure(reason, float(after) if after.isdecimal() else None)
    if status >= 500:
        return UnknownOutcome(Reason("outcome_unknown", {"detail": f"HTTP {status}"}))
    return PermanentFailure(reason)
