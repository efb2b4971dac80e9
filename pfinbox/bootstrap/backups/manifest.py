"""What a backup says of itself, and whether that is so."""

import hashlib
import json
import sqlite3
from pathlib import Path
from typing import Any

from pfinbox.errors import NotFound, PfinboxError
from pfinbox.i18n import _
from pfinbox.record import record

NAME = "manifest.json"
DATABASE = "pfinbox.sqlite"
_FORMAT = 1


class BadBackup(PfinboxError):
    """It is not what was written once; nothing is restored from it."""


@record
class Manifest:
    """``rows`` per table; ``files``: name -> sha256 in hex; ``made_at`` ISO 8601 UTC."""

    made_at: str
    version: str
    store_id: str
    rows: dict[str, int]
    files: dict[str, str]

    def write(self, folder: Path) -> None:
        value = {
            "format": _FORMAT,
            "made_at": self.made_at,
            "pfinbox": self.version,
            "store_id": self.store_id,
            "rows": self.rows,
            "files": self.files,
        }
        (folder / NAME).write_text(json.dumps(value, indent=2) + "\n", "utf-8")


def sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def verify(folder: Path) -> Manifest:
    """The manifest of a sound backup. NotFound: there is none. BadBackup says what is wrong."""
    path = folder / NAME
    if not path.is_file():
        raise NotFound(_("there is no backup in {folder}").format(folder=folder))
    manifest = _read(path)
    for name, digest in manifest.files.items():
        file = folder / name
        if not file.is_file():
            raise _bad(folder, _("{name} is missing").format(name=name))
        if sha256(file) != digest:
            raise _bad(folder, _("{name} was changed or is damaged").format(name=name))
    try:
        _look_into(folder, manifest)
    except sqlite3.Error as error:
        raise _bad(folder, str(error)) from error
    return manifest


def _read(path: Path) -> Manifest:
    try:
        value: dict[str, Any] = json.loads(path.read_text("utf-8"))
        if value["format"] != _FORMAT:
            raise _bad(path.parent, _("a newer pfinbox made it"))
        files = {str(name): str(digest) for name, digest in value["files"].items()}
        manifest = Manifest(
            made_at=str(value["made_at"]),
            version=str(value["pfinbox"]),
            store_id=str(value["store_id"]),
            rows={str(name): int(n) for name, n in value["rows"].items()},
            files=files,
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise _bad(path.parent, _("its manifest cannot be read")) from error
    if DATABASE not in files or any(Path(name).name != name for name in files):
        raise _bad(path.parent, _("its manifest cannot be read"))
    return manifest


def _look_into(folder: Path, manifest: Manifest) -> None:
    # immutable: nothing is written beside a backup that is only looked at.
    source = (folder / DATABASE).absolute().as_uri() + "?mode=ro&immutable=1"
    database = sqlite3.connect(source, uri=True)
    try:
        found = database.execute("pragma quick_check(1)").fetchone()[0]
        if found != "ok":
            raise _bad(folder, str(found))
        if (row := database.execute("pragma foreign_key_check").fetchone()) is not None:
            raise _bad(folder, f"{row[0]} {row[1]} -> {row[2]}")
        for name, wanted in manifest.rows.items():
            quoted = '"' + name.replace('"', '""') + '"'
            count = database.execute(f"select count(*) from {quoted}").fetchone()[0]  # noqa: S608
            if count != wanted:
                raise _bad(
                    folder,
                    _("{table} has {n} rows instead of {wanted}").format(
                        table=name, n=count, wanted=wanted
                    ),
                )
        query = "select value from setting where name = 'store_id'"
        if json.loads(database.execute(query).fetchone()[0]) != manifest.store_id:
            raise _bad(folder, _("it is another store's"))
    finally:
        database.close()


def _bad(folder: Path, detail: str) -> BadBackup:
    return BadBackup(
        _("the backup in {folder} cannot be used: {detail}").format(folder=folder, detail=detail)
    )
