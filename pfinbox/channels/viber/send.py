"""Handing one part over: https://developers.viber.com/docs/api/rest-bot-api/#send-message

Viber fetches files itself, by addresses of the web door that expire.
"""

from collections.abc import Callable
from dataclasses import replace
from os.path import splitext
from typing import Any

from pfinbox.channels.http.connection import Broken
from pfinbox.channels.viber.admit import LONGEST_NAME
from pfinbox.channels.viber.api import ViberApi
from pfinbox.domain.contract.channel import AccountFailure, Transmitting
from pfinbox.domain.contract.files import File
from pfinbox.domain.contract.outgoing import Outgoing, Sent
from pfinbox.domain.contract.reason import Reason
from pfinbox.domain.text.cleaning import clean_line

_PICTURES = {"image/jpeg": ".jpg", "image/png": ".png"}
_PICTURE_LIMIT, _VIDEO_LIMIT = 1_000_000, 26_000_000
# An address may have 2,000 characters, and a letter of the name makes twelve of them.
_LONGEST_FILE_NAME = 60

Publish = Callable[[File], str]


async def send(
    api: ViberApi, part: Outgoing, name: str, publish: Publish | None, transmitting: Transmitting
) -> Sent:
    """See ``Channel.send``. ``name`` stands over the message."""
    told = _file(part.files[0], publish) if part.files else {"type": "text", "text": part.text}
    await transmitting()
    with api.channel_errors(sending=True):
        answer = await api.method(
            "send_message",
            receiver=part.chat_key or "",
            sender={"name": name[:LONGEST_NAME]},
            **told,
        )
        if not answer.get("message_token"):
            raise Broken("no id of the message")
        return Sent(str(answer["message_token"]))


def _file(file: File, publish: Publish | None) -> dict[str, Any]:
    if publish is None:
        raise AccountFailure(Reason("no_base_url"))
    size = len(file.content)
    if file.media_type in _PICTURES and size <= _PICTURE_LIMIT:
        address = publish(_named(file, _PICTURES[file.media_type]))
        return {"type": "picture", "text": "", "media": address}
    if file.media_type == "video/mp4" and size <= _VIDEO_LIMIT:
        return {"type": "video", "media": publish(_named(file, ".mp4")), "size": size}
    named = _named(file)
    return {"type": "file", "media": publish(named), "size": size, "file_name": named.name}


def _named(file: File, ending: str | None = None) -> File:
    """Viber tells what a picture or a video is by the end of its address."""
    stem, kind = splitext(clean_line(file.name, 1000) or "file")
    return replace(file, name=stem[:_LONGEST_FILE_NAME] + (ending or kind[:10]))
