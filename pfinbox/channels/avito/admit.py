"""Whether a request is Avito's: it comes to a path that only Avito was told.

Avito signs its requests, and describes nowhere how. What a request says is not believed either: it
only says in which chat there is something new, which is then read from Avito's API.
"""

import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import Any

from pfinbox.domain.contract.webhook import Request, Verdict

_PURPOSE = b"pfinbox: the path of Avito's webhook"


def hook_secret(client_secret: str) -> str:
    """The end of the webhook's address: unguessable, and the same at every start."""
    return hmac.new(client_secret.encode(), _PURPOSE, hashlib.sha256).hexdigest()


def admit(settings: Mapping[str, Any], request: Request) -> Verdict:
    """See ``ChannelSpec.admit``. What cannot be read is kept as well: a person will look at it."""
    if request.method != "POST":
        return Verdict(status=405)
    wanted = hook_secret(settings["client_secret"].reveal().strip())
    if not hmac.compare_digest(request.rest.encode(), wanted.encode()):
        return Verdict(status=401)
    if request.body.strip() == b"{}":
        return Verdict(status=200)  # Avito tries the address
    return Verdict(status=200, key=key_of(request.body), keep=True)


def key_of(body: bytes) -> str:
    """The same for a repeat of a request."""
    try:
        told = json.loads(body)
    except (ValueError, RecursionError):
        told = None
    named = told.get("id") if isinstance(told, dict) else None
    return f"hook:{named}" if named else f"hook:{hashlib.sha256(body).hexdigest()}"
