"""Bringing an older store up to date; the only part of the program that imports alembic."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection

FOLDER = Path(__file__).parent


def configuration(connection: Connection | None = None) -> Config:
    """Alembic's settings; there is no alembic.ini, as users have no use for one."""
    config = Config()
    # Its own parser would take a % in the path for an interpolation.
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def run(connection: Connection, revision: str = "head") -> None:
    """Run what is missing, within the caller's transaction: all of it or nothing."""
    command.upgrade(configuration(connection), revision)
