"""Where programs write what happens: one line each, as logfmt or JSON, without anybody's words."""

import logging
from collections.abc import Mapping
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


def note(happened: Happened, accounts: Mapping[int, str]) -> None:
    """One line for what a committed transaction did; ``accounts``: names by id."""
    facts = {name: value for name, value in happened.facts.items() if value is not None}
    account = facts.get("account")
    if isinstance(account, int):
        facts["account"] = accounts.get(account, str(account))
    if "lag" in facts:
        facts["lag"] = round(float(facts["lag"]), 3)
    level = logging.WARNING if facts.get("state") in _TROUBLE else logging.INFO
    log.log(level, happened.kind, extra=facts)


def set_up_logging(path: Path | None, *, verbose: bool = False, form: str = "logfmt") -> None:
    """Log to stderr or to a file; secrets are cut out of every line, whoever wrote it.

    ``form``: logfmt or json.
    """
    handler: logging.Handler = logging.StreamHandler()
    if path is not None:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        handler = logging.FileHandler(path, delay=True)
    handler.setFormatter(Line(_FACTS, as_json=form == "json"))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.DEBUG if verbose else logging.INFO)
    # Their debug lines hold whole mails and tokens.
    for name in (
        *("aioimaplib", "aiosmtplib", "aiogram", "aiohttp", "asyncio", "aiosqlite"),
        *("nio", "peewee"),
    ):
        logging.getLogger(name).setLevel(logging.WARNING)
