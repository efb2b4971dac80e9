"""What a configuration table may hold, as data: one checker serves every table and channel.

A channel declares the keys of its ``[accounts.NAME]`` section with :class:`Key` and
:class:`Table`; the checker answers with the values filled in, or one sentence about what is wrong.
"""

import difflib
from collections.abc import Callable, Mapping
from dataclasses import field
from typing import Any

from pfinbox.errors import ConfigError
from pfinbox.i18n import N_, _
from pfinbox.record import record


class Secret:
    """A password or token that no log, traceback or screen ever shows."""

    __slots__ = ("_read",)

    def __init__(self, read: str | Callable[[], str]) -> None:
        self._read = read

    def reveal(self) -> str:
        """The value itself; a reference (env, file, command) is read now and may wait."""
        return self._read if isinstance(self._read, str) else self._read()

    def __repr__(self) -> str:
        return "Secret('…')"

    __str__ = __repr__


_KINDS: dict[str, tuple[tuple[type, ...], str]] = {
    "text": ((str,), N_("text")),
    "int": ((int,), N_("a whole number")),
    "bool": ((bool,), N_("true or false")),
    "list": ((list,), N_("a list of texts")),
    "secret": ((str, dict), N_("text, or { env = … }, { file = … } or { command = … }")),
    "any": ((object,), N_("a value")),
}


@record
class Key:
    """One key. ``kind``: text, int, bool, list, secret, any. ``doc`` is one sentence for people."""

    kind: str = "text"
    default: Any = None
    required: bool = False
    choices: tuple[Any, ...] = ()
    doc: str = ""
    # Gets the value, returns what is wrong with it (a sentence) or None.
    check: Callable[[Any], str | None] | None = None


@record
class Table:
    """A table of keys and further tables; ``required`` says that it must be present."""

    keys: Mapping[str, "Key | Table"] = field(default_factory=dict)
    required: bool = False
    doc: str = ""
    # Gets the table's checked values, returns what is wrong between them (a sentence) or None.
    check: Callable[[Mapping[str, Any]], str | None] | None = None


def check(
    given: object,
    table: Table,
    *,
    where: str,
    source: str,
    secret: Callable[[object, str], Secret],
) -> dict[str, Any]:
    """The values of ``given`` with defaults filled in; ``where`` is its dotted name in ``source``.

    ``secret`` turns what stands in the file into a :class:`Secret`.
    Raises ConfigError with one sentence that names ``source``, the key and the nearest known one.
    """
    if not isinstance(given, Mapping):
        raise ConfigError(
            _("{source}: [{where}] must be a table").format(source=source, where=where)
        )
    for name in given:
        if name not in table.keys:
            raise ConfigError(unknown_key(name, table.keys, where=where, source=source))
    values: dict[str, Any] = {}
    for name, key in table.keys.items():
        dotted = f"{where}.{name}" if where else name
        if isinstance(key, Table):
            if name in given:
                values[name] = check(given[name], key, where=dotted, source=source, secret=secret)
            elif key.required:
                raise ConfigError(
                    _("{source}: [{where}] is missing").format(source=source, where=dotted)
                )
            else:
                values[name] = None
            continue
        if name not in given:
            if key.required:
                raise ConfigError(
                    _("{source}: key {key} is missing").format(source=source, key=dotted)
                )
            values[name] = key.default
            continue
        values[name] = _value(given[name], key, dotted, source, secret)
    if table.check is not None and (problem := table.check(values)) is not None:
        raise ConfigError(f"{source}: [{where}]: {problem}")
    return values


def unknown_key(name: str, known: Mapping[str, object], *, where: str, source: str) -> str:
    """The sentence about an unknown key, with the nearest known one where there is one."""
    dotted = f"{where}.{name}" if where else name
    near = difflib.get_close_matches(name, list(known), n=1)
    if near:
        return _("{source}: unknown key {key}; did you mean {near}?").format(
            source=source, key=dotted, near=near[0]
        )
    return _("{source}: unknown key {key}; known here: {known}").format(
        source=source, key=dotted, known=", ".join(known)
    )


def _value(
    value: object,
    key: Key,
    dotted: str,
    source: str,
    secret: Callable[[object, str], Secret],
) -> Any:
    types, wanted = _KINDS[key.kind]
    wrong = not isinstance(value, types) or (isinstance(value, bool) and key.kind == "int")
    if key.kind == "list" and isinstance(value, list):
        wrong = not all(isinstance(item, str) for item in value)
    if wrong:
        raise ConfigError(
            _("{source}: {key} must be {wanted}").format(
                source=source, key=dotted, wanted=_(wanted)
            )
        )
    if key.choices and value not in key.choices:
        raise ConfigError(
            _("{source}: {key} must be one of {choices}").format(
                source=source, key=dotted, choices=", ".join(str(c) for c in key.choices)
            )
        )
    if key.check is not None and (problem := key.check(value)) is not None:
        raise ConfigError(f"{source}: {dotted}: {problem}")
    return secret(value, dotted) if key.kind == "secret" else value
