"""Whose an SQLite file is: looked at before it is opened for use.

That would write at once: the switch to WAL is in the header, and two files appear.
"""

import contextlib
import sqlite3
from pathlib import Path

from pfinbox.errors import StoreError
from pfinbox.i18n import _
from pfinbox.store.sqlite.damage import damaged, is_damage

# "pfin"; in the header of every store from its first page on (sqlite.org/fileformat.html 1.3.14).
APPLICATION_ID = 0x7066696E

# The newest revision in migrations/versions, on PostgreSQL too; a test holds the two together.
HEAD = "0100"
# The oldest one that can be upgraded; what was made before it was never released.
FIRST = "0100"

# What every store of ours has had, besides tables whose names others use, too.
MARKS = frozenset({"alembic_version", "setting", "receipt", "binding", "delivery_part"})


class NotOurs(StoreError):
    """Another program's database: it is left as it is, whatever is asked for."""


def look(path: Path) -> bool:
    """Whether a new store may begin in this empty file; False: it is one of ours already.

    NotOurs: another program's. StoreDamaged: no database. StoreError: an unreleased pfinbox's.
    """
    try:
        if path.stat().st_size == 0:
            return True
        with contextlib.closing(_as_it_lies(path)) as database:
            application_id = database.execute("pragma application_id").fetchone()[0]
            if application_id == APPLICATION_ID:
                return False
            tables = {row[0] for row in database.execute("select name from sqlite_master")}
    except OSError as error:
        raise StoreError(
            _("the database {path} cannot be opened: {detail}").format(
                path=path, detail=error.strerror
            )
        ) from error
    except sqlite3.Error as error:
        if is_damage(error):
            raise damaged(path, _("it is not a database, or is one no longer")) from error
        raise StoreError(
            _("the database {path} cannot be opened: {detail}").format(path=path, detail=error)
        ) from error
    if application_id == 0 and tables >= MARKS:
        raise unreleased("0001")
    raise NotOurs(
        _(
            "{path} is another program's database and was left as it is; "
            "give pfinbox a file of its own: [database] url"
        ).format(path=path)
    )


def unreleased(found: str) -> StoreError:
    """A store from before the first version that can be upgraded."""
    return StoreError(
        _(
            "an unreleased pfinbox made this database (schema {found}); "
            "it cannot be upgraded, begin with a new one"
        ).format(found=found)
    )


def _as_it_lies(path: Path) -> sqlite3.Connection:
    """The file without its log: nothing is written beside it, no lock is asked for.

    By SQLite all the same, and never by open(): to close a file by any other hand drops every lock
    that this process has on it, and whoever else has the store open would throw its log away
    (sqlite.org/howtocorrupt.html 2.2).
    """
    database = sqlite3.connect(path.absolute().as_uri() + "?mode=ro&immutable=1", uri=True)
    # While another process moves its log to the file, the first page is there before the last one:
    # a file shorter than it says is no damage yet.
    database.execute("pragma writable_schema = on")
    return database
