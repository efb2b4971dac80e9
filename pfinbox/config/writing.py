"""Writing a configuration: values to TOML, and a new file that never takes another one's place."""

import contextlib
import json
import os
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pfinbox.errors import ConfigError
from pfinbox.i18n import _

_REFERENCES = ("env", "file", "command")


def as_toml(data: Mapping[str, Any]) -> str:
    """The tables as TOML, as a person would write it; ``tomllib`` reads the same values again."""
    return "\n".join(_lines(data, ())).lstrip("\n") + "\n"


def create(path: Path, text: str) -> None:
    """A new file of mode 0600, whole or not at all; ConfigError where there is one already."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        _put(path, text.encode("utf-8"))
    except OSError as error:
        problem = _("{source} cannot be written: {detail}").format(
            source=path, detail=error.strerror or error
        )
        if path.exists():
            problem = _("{source} exists already; it is not overwritten").format(source=path)
    else:
        return
    # Not raised above: a traceback of that frame would print the text, passwords and all.
    raise ConfigError(problem)


def _put(path: Path, content: bytes) -> None:
    beside = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        _write(beside, content)
        # Unlike a rename, a link fails where the name is taken, by whomever and at any moment.
        os.link(beside, path)
    except FileExistsError:
        raise
    except OSError:
        # Some file systems know no links; what fails for another reason fails here again.
        _write(path, content)
    finally:
        with contextlib.suppress(OSError):
            beside.unlink()


def _write(path: Path, content: bytes) -> None:
    opened = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    with os.fdopen(opened, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _lines(table: Mapping[str, Any], path: tuple[str, ...]) -> list[str]:
    inline = {key: value for key, value in table.items() if not _is_table(value)}
    tables = {key: value for key, value in table.items() if _is_table(value)}
    lines = []
    # A table that only holds tables needs no head of its own.
    if path and (inline or not tables):
        lines += ["", f"[{'.'.join(_name(one) for one in path)}]"]
    lines += [f"{_name(key)} = {_value(value)}" for key, value in inline.items()]
    for key, value in tables.items():
        lines += _lines(value, (*path, key))
    return lines


def _is_table(value: Any) -> bool:
    """What gets a head of its own; a reference to a secret stays on its line."""
    return isinstance(value, Mapping) and not (len(value) == 1 and next(iter(value)) in _REFERENCES)


def _name(key: str) -> str:
    bare = key.isascii() and key.replace("_", "a").replace("-", "a").isalnum()
    return key if bare else _text(key)


def _text(value: str) -> str:
    # JSON's strings are TOML's basic strings but for DEL, which TOML wants escaped.
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _value(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{_name(k)} = {_value(v)}" for k, v in value.items()) + " }"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_value(one) for one in value) + "]"
    if isinstance(value, bool):
        return str(value).lower()
    return _text(value) if isinstance(value, str) else str(value)
