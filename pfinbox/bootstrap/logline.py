"""One line of the log, as logfmt or JSON, without secrets and without what acts on a terminal."""

import json
import logging
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import lru_cache

from pfinbox.bootstrap.redact import redact, without_addresses


class Line(logging.Formatter):
    """A record whose ``lines`` are told has one line for each, else for its message."""

    def __init__(self, *, as_json: bool) -> None:
        super().__init__()
        self._as_json = as_json

    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="microseconds")
        head: dict[str, object] = {
            "timestamp": at.replace("+00:00", "Z"),
            "level": record.levelname.lower(),
        }
        lines: list[Mapping[str, object]] | None = getattr(record, "lines", None)
        if lines is not None:
            return "\n".join(self._line({**head, **line}, _harmless_word) for line in lines)
        line = head | {"event": record.getMessage()}
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return self._line(line, _harmless)

    def _line(self, line: Mapping[str, object], harmless: Callable[[str], str]) -> str:
        values = {
            name: harmless(one) if isinstance(one, str) else one for name, one in line.items()
        }
        if self._as_json:
            return json.dumps(values, ensure_ascii=False, default=str)
        return " ".join([f"{name}={_logfmt(value)}" for name, value in values.items()])


def _harmless(value: str) -> str:
    """A text without secrets and addresses; what is not printable is written out."""
    text = without_addresses(redact(value))
    if text.isprintable():
        return text
    return "".join(one if one.isprintable() else ascii(one)[1:-1] for one in text)


# Names, states and kinds, the same in many lines.
_harmless_word = lru_cache(200)(_harmless)


def _logfmt(value: object) -> str:
    """A value in quotation marks where it would not end at its own end."""
    text = str(value)
    if not isinstance(value, str):
        return text
    if text and not any(one in text for one in ' ="\\'):
        return text
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
