"""Whether a request is Viber's: its body is signed with the bot's token.

https://developers.viber.com/docs/api/rest-bot-api/#callbacks
"""

import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import Any

from pfinbox.channels.viber.reading import key_of, parsed
from pfinbox.domain.contract.webhook import Request, Verdict

HEADER = "X-Viber-Content-Signature"
# Of a name that stands over a message, in characters.
LONGEST_NAME = 28


def signature(token: str, body: bytes) -> str:
    """In lower-case hex."""
    return hmac.new(token.encode(), body, hashlib.sha256).hexdigest()


def admit(settings: Mapping[str, Any], request: Request) -> Verdict:
    """See ``ChannelSpec.admit``. What cannot be read is kept as well: a person will look at it.

    The answer to a client who opens the chat is the one message that Viber takes for somebody who
    has not written yet.
    """
    if request.method != "POST":
        return Verdict(status=405)
    wanted = signature(settings["token"].reveal().strip(), request.body)
    given = request.headers.get(HEADER.lower(), "").lower()
    if not hmac.compare_digest(given.encode(), wanted.encode()):
        return Verdict(status=401)
    told = parsed(request.body)
    kind = told.get("event") if isinstance(told, dict) else None
    if kind == "webhook":
        return Verdict(status=200)  # Viber tries the address
    answer = b""
    if kind == "conversation_started" and settings["greeting"] and not told.get("subscribed"):
        greeting = {
            "type": "text",
            "text": settings["greeting"],
            "sender": {"name": settings["name"]},
        }
        answer = json.dumps(greeting, ensure_ascii=False).encode()
    return Verdict(status=200, body=answer, key=key_of(told), keep=True)
