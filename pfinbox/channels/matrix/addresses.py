"""How users and homeservers are named: https://spec.matrix.org/v1.16/appendices/#user-identifiers"""

import re
from typing import Any
from urllib.parse import unquote

from pfinbox.domain.contract.addresses import service_address
from pfinbox.i18n import _

_USER = re.compile(r"@[^:\s]+:[^\s]+")


def normalise(address: str) -> str:
    """A user's id, also out of a matrix.to link."""
    text = address.strip()
    if "matrix.to/#/" in text:
        text = unquote(text.partition("matrix.to/#/")[2].partition("?")[0])
    if not _USER.fullmatch(text):
        raise ValueError(
            _("a Matrix address is like @maria:example.org, not {text}").format(text=text[:80])
        )
    name, _colon, server = text.partition(":")
    return f"{name}:{server.lower()}"


def check_user(value: Any) -> str | None:
    return None if _USER.fullmatch(value) else _("must be a user's id like @support:example.org")


check_homeserver = service_address("https://matrix.example.org")
