"""Cutting secrets out of log lines: the last net, whoever wrote the line."""

import re
from collections.abc import MutableMapping
from typing import Any

_SECRETS = (
    # A bot's token, as libraries put it into URLs.
    re.compile(r"\d{6,}:[\w-]{30,}"),
    # user:password@ in a URL
    re.compile(r"(?<=://)[^/\s:@]+:[^/\s@]+(?=@)"),
    re.compile(r"(?i)(?<=bearer )[\w.~+/=-]{8,}"),
)

_ADDRESS = re.compile(r"[^\s@<>\"'=:;,()\[\]]+@[\w-]+(?:\.[\w-]+)+")


def redact(text: str) -> str:
    """The text with everything that looks like a secret replaced."""
    for pattern in _SECRETS:
        text = pattern.sub("[secret]", text)
    return text


class Redact:
    """A structlog processor over every text of a line, tracebacks included.

    Addresses are cut out, too: servers name them in what they refuse.
    """

    def __call__(
        self, _logger: Any, _method: str, event: MutableMapping[str, Any]
    ) -> MutableMapping[str, Any]:
        for key, value in event.items():
            if isinstance(value, str):
                event[key] = _ADDRESS.sub("[address]", redact(value))
        return event
