"""The simulated network's own format: JSON, written by the clients and read by the channel.

What is received is read from these bytes, as with any other channel, and they are what is kept.
"""

import base64
import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from pfinbox.demo.clients import CLIENTS, Client
from pfinbox.demo.company import MAIL_ADDRESS, NAME
from pfinbox.demo.memory import Heard
from pfinbox.demo.story import STORY, Line
from pfinbox.domain.contract.files import File
from pfinbox.domain.contract.incoming import Edit, IncomingEvent, Message, Unreadable
from pfinbox.domain.contract.party import Party
from pfinbox.domain.contract.reason import Reason

_LINES = {line.id: line for line in STORY}


def line_bytes(line: Line, now: datetime) -> bytes:
    """A line of the story as it comes over the wire."""
    client = CLIENTS[line.client]
    if line.edits is not None:
        edited = source_id(client, line.edits)
        return _dump(_head(client, "edit", edited, now) | {"text": line.text})
    data = _head(client, "message", source_id(client, line.id), now - timedelta(minutes=line.ago))
    return _dump(
        data
        | {
            "text": line.text,
            "new_text": line.new_text,
            "subject": line.subject,
            "cc": [_party(CLIENTS[other]) for other in line.cc],
            "files": [_file(make()) for make in line.files],
            "answers": [source_id(CLIENTS[_LINES[i].client], i) for i in line.answers],
            "quote": line.quote,
        }
    )


def answer_bytes(client: Client, number: int, heard: Heard, now: datetime) -> bytes:
    """The client's answer (counted from 0) to what it has read."""
    answer = client.answers[number]
    data = _head(client, "message", source_id(client, answer_id(client, number)), now)
    data["text"] = answer.text
    if client.kind == "mail":
        quoted = "\n".join(f"> {line}".rstrip() for line in heard.text.splitlines())
        subject = heard.subject or ""
        data |= {
            "text": f"{answer.text}\n\n{NAME}:\n{quoted}",
            "new_text": answer.text,
            "subject": subject if subject[:3].lower() == "re:" else f"Re: {subject}",
            "tokens": [heard.token] if heard.token else [],
        }
    if client.kind == "mail" or answer.quotes:
        data["answers"] = [heard.source_id]
    return _dump(data)


def answer_id(client: Client, number: int) -> str:
    """The receipt's key of an answer (counted from 0)."""
    return f"{client.id}-answer-{number + 1}"


def source_id(client: Client, key: str) -> str:
    if client.kind == "mail":
        return f"<{key}@{client.address.partition('@')[2]}>"
    return f"{client.address}:{key}"


def read(raw: bytes, now: datetime) -> IncomingEvent:
    """What stands in the bytes; Unreadable when they are not of this format."""
    try:
        data = json.loads(raw)
        match data["type"]:
            case "edit":
                return Edit(
                    source_id=data["id"],
                    chat_key=data["chat"],
                    text=data["text"],
                    edited_at=datetime.fromisoformat(data["date"]),
                )
            case "message":
                return _message(data)
            case other:
                return Unreadable(reason=Reason("unsupported", {"detail": str(other)}), sent_at=now)
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        reason = Reason("unreadable", {"detail": type(error).__name__})
        return Unreadable(reason=reason, sent_at=now)


def _message(data: Mapping[str, Any]) -> Message:
    return Message(
        source_id=data["id"],
        chat_key=data["chat"],
        sender=_read_party(data["from"]),
        sent_at=datetime.fromisoformat(data["date"]),
        text=data["text"],
        new_text=data.get("new_text"),
        title=data.get("subject"),
        to=tuple(_read_party(one) for one in data["to"]),
        cc=tuple(_read_party(one) for one in data.get("cc", ())),
        files=tuple(
            File(one["name"], one["type"], base64.b64decode(one["data"], validate=True))
            for one in data.get("files", ())
        ),
        tokens=tuple(data.get("tokens", ())),
        references=tuple(data.get("answers", ())),
        quote_text=data.get("quote"),
        verified=data["verified"],
    )


def _head(client: Client, kind: str, identity: str, at: datetime) -> dict[str, Any]:
    mail = client.kind == "mail"
    return {
        "type": kind,
        "id": identity,
        "chat": None if mail else client.address,
        "from": _party(client),
        "date": at.isoformat(),
        "to": [{"id": MAIL_ADDRESS, "name": NAME, "username": None}] if mail else [],
        "verified": client.verified if mail else None,
    }


def _party(client: Client) -> dict[str, Any]:
    return {"id": client.address, "name": client.name, "username": client.username}


def _read_party(data: Mapping[str, Any]) -> Party:
    return Party(data["id"], data["name"], data["username"])


def _file(file: File) -> dict[str, str]:
    data = base64.b64encode(file.content).decode()
    return {"name": file.name, "type": file.media_type, "data": data}


def _dump(data: Mapping[str, Any]) -> bytes:
    return json.dumps(data, ensure_ascii=False).encode()
