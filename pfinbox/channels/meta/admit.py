"""Whether a request is Meta's: signed with the app's secret over the raw bytes.

https://developers.facebook.com/docs/graph-api/webhooks/getting-started
"""

import hmac
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from pfinbox.domain.contract.webhook import Request, Verdict

HEADER = "X-Hub-Signature-256"
_LONGEST_CHALLENGE = 200


def admit(settings: Mapping[str, Any], request: Request) -> Verdict:
    """See ``ChannelSpec.admit``. A body that cannot be read is kept as well: a person will look."""
    if request.method == "GET":
        return _subscribing(settings, request)
    if request.method != "POST":
        return Verdict(status=405)
    given = request.headers.get(HEADER.lower(), "")
    if not hmac.compare_digest(given.encode(), signature(_app_secret(settings), request.body)):
        return Verdict(status=401)
    return Verdict(status=200, key=sha256(request.body).hexdigest(), keep=True)


def signature(app_secret: str, body: bytes) -> bytes:
    """The value of the header for a body."""
    return b"sha256=" + hmac.new(app_secret.encode(), body, sha256).hexdigest().encode()


def _subscribing(settings: Mapping[str, Any], request: Request) -> Verdict:
    """An admin of the app enters our address: Meta asks whether it is really ours."""
    query = request.query
    token = str(settings["verify_token"].reveal()).strip()
    known = hmac.compare_digest(query.get("hub.verify_token", "").encode(), token.encode())
    if not token or not known or query.get("hub.mode") != "subscribe":
        return Verdict(status=403)
    challenge = query.get("hub.challenge", "")[:_LONGEST_CHALLENGE]
    return Verdict(status=200, body=challenge.encode(), media_type="text/plain")


def _app_secret(settings: Mapping[str, Any]) -> str:
    return str(settings["app_secret"].reveal()).strip()
