"""Whether a request is MAX's: it carries the secret that MAX was told when it was subscribed.

There is no signature over the body: https://dev.max.ru/docs-api/methods/POST/subscriptions
"""

import hmac
import json
from collections.abc import Mapping
from typing import Any

from pfinbox.channels.max.reading import key_of
from pfinbox.domain.contract.webhook import Request, Verdict

HEADER = "X-Max-Bot-Api-Secret"


def admit(settings: Mapping[str, Any], request: Request) -> Verdict:
    """See ``ChannelSpec.admit``. What cannot be read is kept as well: a person will look at it."""
    if request.method != "POST":
        return Verdict(status=405)
    secret = settings["secret"].reveal() if settings["secret"] is not None else ""
    given = request.headers.get(HEADER.lower(), "")
    if not secret or not hmac.compare_digest(given.encode(), secret.encode()):
        return Verdict(status=401)
    try:
        update = json.loads(request.body)
    except (ValueError, RecursionError):
        update = request.body.decode("utf-8", "replace")
    return Verdict(status=200, key=key_of(update), keep=True)
