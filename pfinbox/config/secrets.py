"""Where a secret in the configuration comes from: the file itself, env, file or command.

A reference is read when it is needed, not when the configuration is loaded: a machine that only
shows the inbox never asks a password manager for anything.
"""

import os
import shlex
import subprocess
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

from pfinbox.domain.contract.settings import Secret
from pfinbox.errors import ConfigError
from pfinbox.i18n import _

# Long enough to type a passphrase, short enough that a daemon does not hang on a dead agent.
COMMAND_SECONDS = 30.0


def secret_reader(
    source: str, base: Path, *, command_seconds: float = COMMAND_SECONDS
) -> Callable[[object, str], Secret]:
    """What ``domain.contract.settings.check`` calls for every secret found in ``source``.

    ``base`` is the folder that a relative ``{ file = … }`` is meant from.
    """

    def secret(value: object, dotted: str) -> Secret:
        where = f"{source}: {dotted}"
        if isinstance(value, str):
            if not value:
                raise ConfigError(_("{where} is empty").format(where=where))
            return Secret(value)
        kind, name = _reference(value, where)
        if kind == "env":
            read = partial(_from_env, name, where)
        elif kind == "file":
            read = partial(_from_file, base / os.path.expanduser(name), where)
        else:
            read = partial(_from_command, _words(name, where), where, command_seconds)
        return Secret(partial(_read, read))

    return secret


def _read(read: Callable[[], str]) -> str:
    try:
        return read()
    except ConfigError as error:
        sentence = str(error)
    # A fresh error: the frames of the first one hold what was read, and the tracebacks of Textual
    # print local variables.
    raise ConfigError(sentence)


def _one_line(name: str) -> bool:
    return name.isprintable() and bool(name.strip())


def _reference(value: object, where: str) -> tuple[str, str]:
    if isinstance(value, Mapping) and len(value) == 1:
        kind, name = next(iter(value.items()))
        if kind in ("env", "file", "command") and isinstance(name, str) and _one_line(name):
            return kind, name
    raise ConfigError(
        _(
            "{where} must be text, or one of {{ env = … }}, {{ file = … }}, {{ command = … }}"
        ).format(where=where)
    )


def _words(command: str, where: str) -> list[str]:
    try:
        return shlex.split(command)
    except ValueError:
        raise ConfigError(
            _("{where}: the quotes in the command do not match").format(where=where)
        ) from None


def _from_env(name: str, where: str) -> str:
    value = os.environ.get(name, "")
    if not value:
        raise ConfigError(
            _("{where}: the environment variable {name} is not set").format(where=where, name=name)
        )
    return value


def _from_file(path: Path, where: str) -> str:
    try:
        value = path.read_text(encoding="utf-8").rstrip("\r\n")
    except OSError as error:
        raise ConfigError(
            _("{where}: {path} cannot be read: {detail}").format(
                where=where, path=path, detail=error.strerror or error
            )
        ) from error
    except UnicodeDecodeError as error:
        raise ConfigError(
            _("{where}: {path} is not UTF-8 text").format(where=where, path=path)
        ) from error
    if not value:
        raise ConfigError(_("{where}: {path} is empty").format(where=where, path=path))
    return value


def _from_command(words: list[str], where: str, seconds: float) -> str:
    """The first line that the command prints; what it prints to stderr is not repeated."""
    command = shlex.join(words)
    try:
        # No stdin: a password prompt must not eat the keys meant for the TUI.
        done = subprocess.run(words, stdin=subprocess.DEVNULL, capture_output=True, timeout=seconds)
    except OSError as error:
        raise ConfigError(
            _("{where}: the command {command} cannot be run: {detail}").format(
                where=where, command=command, detail=error.strerror or error
            )
        ) from error
    except subprocess.TimeoutExpired as error:
        raise ConfigError(
            _("{where}: the command {command} took longer than {seconds} s").format(
                where=where, command=command, seconds=f"{seconds:g}"
            )
        ) from error
    if done.returncode != 0:
        raise ConfigError(
            _("{where}: the command {command} failed with exit code {code}").format(
                where=where, command=command, code=done.returncode
            )
        )
    value = done.stdout.decode("utf-8", "replace").partition("\n")[0].rstrip("\r")
    if not value:
        raise ConfigError(
            _("{where}: the command {command} printed nothing").format(where=where, command=command)
        )
    return value
