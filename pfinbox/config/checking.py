"""A table of the file, checked: secrets and sentences name the file."""

from pathlib import Path
from typing import Any

from pfinbox.config.secrets import secret_reader
from pfinbox.domain.contract.settings import Table, check


def checked(given: object, table: Table, where: str, file: Path) -> dict[str, Any]:
    """The values of ``given`` with defaults filled in; ``where`` is its dotted name in ``file``."""
    source = str(file)
    return check(
        given, table, where=where, source=source, secret=secret_reader(source, file.parent)
    )
