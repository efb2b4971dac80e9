"""One line of the log, as logfmt or JSON, without secrets and without what acts on a terminal."""

import json
import logging
from collections.abc import Sequence
from datetime import UTC, datetime

from pfinbox.bootstrap.redact import redact, without_addresses


class Line(logging.Formatter):
    """``facts``: attributes of a record that stand in its line, in this order."""

    def __init__(self, facts: Sequence[str], *, as_json: bool) -> None:
        super().__init__()
        self._facts = facts
        self._as_json = as_json

    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="microseconds")
        line: dict[str, object] = {
            "timestamp": at.replace("+00:00", "Z"),
            "level": record.levelname.lower(),
            "event": record.getMessage(),
        }
        line |= {name: getattr(record, name) for name in self._facts if hasattr(record, name)}
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        line = {name: _harmless(value) for name, value in line.items()}
        if self._as_json:
            return json.dumps(line, ensure_ascii=False, default=str)
        return " ".join(f"{name}={_logfmt(value)}" for name, value in line.items())


def _harmless(value: object) -> object:
    """A text without secrets and addresses; what is not printable is written out."""
    if not isinstance(value, str):
        return value
    text = without_addresses(redact(value))
    if text.isprintable():
        return text
    return "".join(one if one.isprintable() else ascii(one)[1:-1] for one in text)


def _logfmt(value: object) -> str:
    """A value in quotation marks where it would not end at its own end."""
    text = str(value)
    if text and not any(one in text for one in ' ="\\'):
        return text
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
