"""Updates as the tests write them, and how they are read."""

from datetime import UTC, datetime
from typing import Any

from pfinbox.channels.telegram.reading.reading import Reading
from pfinbox.channels.telegram.reading.update import read
from pfinbox.domain.contract.incoming import Message
from tests.servers.bot_api.clients import MARIA
from tests.servers.bot_api.shapes import message, private_chat

NOW = datetime(2026, 11, 22, tzinfo=UTC)
DATE = 1_790_000_000


def update(kind: str = "message", sender: Any = MARIA, chat: Any = None, **content: Any) -> Any:
    place = chat or private_chat(MARIA)
    return {"update_id": 1, kind: message(7, place, sender, DATE, **content)}


def reading(value: Any, *, groups: bool = False) -> Reading:
    return read(value, now=NOW, groups=groups)


def said(value: Any, *, groups: bool = False) -> Message:
    event = reading(value, groups=groups).event
    assert isinstance(event, Message), event
    return event
