"""Where programs write what happens."""

import logging
from pathlib import Path

from pfinbox.config import Config


def log_file(config: Config) -> Path:
    """Where a daemon without a terminal writes: beside the SQLite file, else the state folder."""
    from platformdirs import user_log_dir

    return Path(user_log_dir("pfinbox")) / "daemon.log"


def set_up_logging(path: Path | None, *, verbose: bool = False) -> None:
    """Log to stderr or to a file; secrets are cut out of every line, whoever wrote it."""
    import structlog

    from pfinbox.bootstrap.redact import Redact

    handler: logging.Handler = logging.StreamHandler()
    if path is not None:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        handler = logging.FileHandler(path, delay=True)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.KeyValueRenderer(key_order=["timestamp", "level", "event"]),
            ],
            foreign_pre_chain=[
                structlog.stdlib.add_log_level,
                structlog.processors.TimeStamper(fmt="iso", utc=True),
                structlog.processors.format_exc_info,
                Redact(),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.DEBUG if verbose else logging.INFO)
    # Their debug lines hold whole mails and tokens.
    for name in ("aioimaplib", "aiosmtplib", "aiogram", "aiohttp", "asyncio", "aiosqlite"):
        logging.getLogger(name).setLevel(logging.WARNING)
