"""Cutting secrets out of log lines: the last net, whoever wrote the line."""

import re

_SECRETS = (
    # A bot's token, as libraries put it into URLs.
    re.compile(r"(?<!\d)\d{6,}+:[\w-]{30,}"),
    # user:password@ in a URL
    re.compile(r"(?<=://)[^/\s:@]+:[^/\s@]+(?=@)"),
    re.compile(r"(?i)(?<=bearer )[\w.~+/=-]{8,}"),
)

# From the beginning of a word alone: a long one without an address is read once.
_WORD = r"[^\s@<>\"'=:;,()\[\]]"
_ADDRESS = re.compile(rf"(?<!{_WORD}){_WORD}++@[\w-]+(?:\.[\w-]+)+")


def redact(text: str) -> str:
    """The text with everything that looks like a secret replaced."""
    for pattern in _SECRETS:
        text = pattern.sub("[secret]", text)
    return text


def without_addresses(text: str) -> str:
    """The text without mail addresses: servers name them in what they refuse."""
    return _ADDRESS.sub("[address]", text)
