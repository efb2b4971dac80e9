"""Whose an SQLite file is: its first bytes are read before SQLite may open it.

SQLite itself would write at once: the switch to WAL is in the header, and two files appear.
"""

import contextlib
import sqlite3
import struct
from pathlib import Path

from pfinbox.errors import StoreError
from pfinbox.i18n import _
from pfinbox.store.damage import damaged

# "pfin"; in the header of every store from its first page on (sqlite.org/fileformat.html 1.3.14).
APPLICATION_ID = 0x7066696E

_MAGIC = b"SQLite format 3\x00"
_APPLICATION_ID_AT = 68
_HEADER = 100
# What every store of ours has had, besides tables whose names others use, too.
MARKS = frozenset({"alembic_version", "setting", "receipt", "binding", "delivery_part"})


class NotOurs(StoreError):
    """Another program's database: it is left as it is, whatever is asked for."""


def look(path: Path) -> bool:
    """Whether a new store may begin in this empty file; False: it is one of ours already.

    NotOurs: another program's. StoreDamaged: no database. StoreError: an unreleased pfinbox's.
    """
    try:
        with path.open("rb") as file:
            header = file.read(_HEADER)
    except OSError as error:
        raise StoreError(
            _("the database {path} cannot be opened: {detail}").format(
                path=path, detail=error.strerror
            )
        ) from error
    if not header:
        return True
    if not header.startswith(_MAGIC) or len(header) < _HEADER:
        raise damaged(path, _("it is not a database, or is one no longer"))
    (application_id,) = struct.unpack_from(">I", header, _APPLICATION_ID_AT)
    if application_id != APPLICATION_ID:
        if application_id == 0 and _is_unreleased(path):
            raise unreleased("0001")
        raise NotOurs(
            _(
                "{path} is another program's database and was left as it is; "
                "give pfinbox a file of its own: [database] url"
            ).format(path=path)
        )
    return False


def unreleased(found: str) -> StoreError:
    """A store from before the first version that can be upgraded."""
    return StoreError(
        _(
            "an unreleased pfinbox made this database (schema {found}); "
            "it cannot be upgraded, begin with a new one"
        ).format(found=found)
    )


def _is_unreleased(path: Path) -> bool:
    """Read as it lies on the disk, without its log: nothing is written beside it."""
    with contextlib.suppress(sqlite3.Error), contextlib.closing(_as_it_lies(path)) as database:
        tables = {row[0] for row in database.execute("select name from sqlite_master")}
        return tables >= MARKS
    return False


def _as_it_lies(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(path.absolute().as_uri() + "?mode=ro&immutable=1", uri=True)
