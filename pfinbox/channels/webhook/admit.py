"""Whether a request is from whoever knows the account's secret; nothing else is decided here."""

import hmac
import json
from collections.abc import Mapping
from typing import Any

from pfinbox.channels.webhook import signing
from pfinbox.channels.webhook.reading import BadBody, fields, is_json, items, key_of
from pfinbox.domain.contract.settings import Secret
from pfinbox.domain.contract.webhook import Request, Verdict


def admit(settings: Mapping[str, Any], request: Request) -> Verdict:
    """See ``ChannelSpec.admit``: 401 without a proof, 400 for what cannot be read, else kept."""
    if request.method != "POST":
        return Verdict(status=405, body=_told("only POST is taken here"))
    if not _is_proven(settings, request):
        return Verdict(status=401, body=_told("no valid signature, secret or token"))
    try:
        keys = [key_of(item) for item in items(request)]
    except BadBody as error:
        return Verdict(status=400, body=_told(str(error)))
    key = keys[0] if len(keys) == 1 else key_of({"all": keys})
    return Verdict(
        status=200, body=json.dumps({"ok": True, "key": key}).encode(), key=key, keep=True
    )


def _told(problem: str) -> bytes:
    return json.dumps({"ok": False, "error": problem}).encode()


def _is_proven(settings: Mapping[str, Any], request: Request) -> bool:
    """All ways are tried, whichever is right: the time tells nothing about the secret."""
    secret, token = _text(settings["secret"]), _text(settings["planfix_token"])
    now = request.received_at.timestamp()
    signed = signing.is_signed(secret, request.headers, request.body, now)
    by_path = hmac.compare_digest(request.rest.encode(), secret.encode())
    by_token = hmac.compare_digest(_given_token(request).encode(), token.encode())
    return bool((secret and (signed or by_path)) or (token and by_token))


def _text(secret: Secret | None) -> str:
    return secret.reveal() if secret is not None else ""


def _given_token(request: Request) -> str:
    """The ``planfix_token`` of a ``newMessage``, as form or JSON; empty where there is none."""
    try:
        given = json.loads(request.body) if is_json(request) else dict(fields(request))
        if isinstance(given, dict) and isinstance(given.get("planfix_token"), str):
            return str(given["planfix_token"])
    except (ValueError, RecursionError):
        return ""
    return ""
