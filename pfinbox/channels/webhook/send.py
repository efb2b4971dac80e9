"""Posting one part to ``send_url``: our own JSON, signed as what comes in is."""

import base64
import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from pfinbox.channels.http.connection import Answer, Broken, Connection, NotConnected
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

# Larger files go as addresses.
_MOST_INLINE = 1_000_000


class Sender:
    def __init__(
        self,
        connection: Connection,
        url: str,
        secret: str,
        now: Callable[[], datetime],
        publish: Callable[[File], str] | None,
    ) -> None:
        self._connection = connection
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
            answer = await self._connection.ask("POST", self._url, data=body, headers=head)
        except NotConnected as error:
            said = {"host": self._connection.host, "detail": str(error)}
            raise TemporaryFailure(Reason("connection_failed", said)) from error
        except Broken as error:
            raise UnknownOutcome(Reason("outcome_unknown", {"detail": str(error)})) from error
        return _sent(part, answer)


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


def _sent(part: Outgoing, answer: Answer) -> Sent:
    if answer.good:
        theirs = _id(answer.body)
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


def _refusal(answer: Answer) -> ChannelError:
    status = answer.status
    reason = Reason("rejected", {"detail": f"HTTP {status}"})
    if status in (429, 503):
        return TemporaryFailure(reason, answer.retry_after)
    if status >= 500:
        return UnknownOutcome(Reason("outcome_unknown", {"detail": f"HTTP {status}"}))
    return PermanentFailure(reason)
