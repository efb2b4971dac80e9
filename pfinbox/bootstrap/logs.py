"""Where programs write what happens: one line each, as logfmt or JSON, without anybody's words."""

import logging
from collections.abc import Iterable, Mapping
from itertools import groupby
from pathlib import Path

from pfinbox.bootstrap.logline import Line
from pfinbox.config import Config
from pfinbox.domain.health.happened import Happened

log = logging.getLogger("pfinbox")

# What a line may carry besides its event: ids, states and kinds.
_FACTS = (
    "account", "receipt", "task", "comment", "delivery", "step", "state", "reason", "lag",
)  # fmt: skip
# A person has to look.
_TROUBLE = ("failed", "unknown", "held", "quarantined")


def log_file(config: Config) -> Path:
    """Where a daemon without a terminal writes: beside the SQLite file, else the state folder."""
    from platformdirs import user_log_dir

    return Path(user_log_dir("pfinbox")) / "daemon.log"


def note(happened: Iterable[Happened], accounts: Mapping[int, str]) -> None:
    """A line for each thing that a committed transaction did; ``accounts``: names by id.

    Those of one level are one record: a batch of old mails is some hundred lines.
    """
    for level, some in groupby(happened, _level):
        lines = [_told(one, accounts) for one in some]
        log.log(level, "%d", len(lines), extra={"lines": lines})


def _level(happened: Happened) -> int:
    return logging.WARNING if happened.facts.get("state") in _TROUBLE else logging.INFO


def _told(happened: Happened, accounts: Mapping[int, str]) -> dict[str, object]:
    line: dict[str, object] = {"event": happened.kind}
    facts = happened.facts
    for name in _FACTS:
        value = facts.get(name)
        if value is None:
            continue
        if name == "account" and isinstance(value, int):
            value = accounts.get(value, str(value))
        line[name] = round(value, 3) if isinstance(value, float) else value
    return line


def set_up_logging(path: Path | None, *, verbose: bool = False, form: str = "logfmt") -> None:
    """Log to stderr or to a file; secrets are cut out of every line, whoever wrote it.

    ``form``: logfmt or json.
    """
    handler: logging.Handler = logging.StreamHandler()
    if path is not None:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        handler = logging.FileHandler(path, delay=True)
    handler.setFormatter(Line(as_json=form == "json"))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.DEBUG if verbose else logging.INFO)
    # Their debug lines hold whole mails and tokens.
    for name in (
        *("aioimaplib", "aiosmtplib", "aiogram", "aiohttp", "asyncio", "aiosqlite"),
        *("nio", "peewee"),
    ):
        logging.getLogger(name).setLevel(logging.WARNING)
