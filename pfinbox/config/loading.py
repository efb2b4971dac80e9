"""Finds the configuration file, reads it and checks every key of the core.

The keys of an account's channel are checked apart, by :func:`account_settings`: the TUI reads
this file too and needs no channel.
"""

import difflib
import os
import stat
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import platformdirs

from pfinbox.config.checking import checked
from pfinbox.config.keys import (
    ACCOUNT,
    ACCOUNT_NAME,
    INLINE_SECRET,
    SECTIONS,
    STATUSES,
    bad_url,
)
from pfinbox.config.model import AccountConfig, AgentConfig, Config, InboxConfig, Status
from pfinbox.config.secrets import secret_reader
from pfinbox.config.web_loading import web_config
from pfinbox.domain.contract.channel import ChannelSpec
from pfinbox.domain.contract.settings import Secret, check, unknown_key
from pfinbox.errors import ConfigError
from pfinbox.i18n import _


def default_path() -> Path:
    return platformdirs.user_config_path("pfinbox", appauthor=False) / "config.toml"


def default_database_url() -> str:
    data = platformdirs.user_data_path("pfinbox", appauthor=False)
    return f"sqlite+aiosqlite:///{data / 'pfinbox.sqlite'}"


def config_file(path: str | os.PathLike[str] | None = None) -> Path:
    """``path``, else PFINBOX_CONFIG, else the default place; it need not exist."""
    named = path or os.environ.get("PFINBOX_CONFIG")
    return Path(os.path.expanduser(named)).absolute() if named else default_path()


def load(path: str | os.PathLike[str] | None = None) -> Config:
    """The configuration at ``path``, else at ``PFINBOX_CONFIG``, else at the default place.

    Only the file at the default place may be missing. Raises ConfigError with one sentence.
    """
    file = config_file(path)
    try:
        data, mode = _read(file, must_exist=bool(path or os.environ.get("PFINBOX_CONFIG")))
        return _config(data, mode, file)
    except ConfigError as error:
        sentence = str(error)
        data = {}
    # A fresh error: the frames of the first one hold the file's text, and the tracebacks of
    # Textual prints local variables, passwords among them.
    raise ConfigError(sentence)


def parse(text: str, source: Path) -> Config:
    """A configuration that is not written yet, checked as if it stood in the file ``source``."""
    try:
        return _config(_parsed(text, source), 0o600, source)
    except ConfigError as error:
        sentence = str(error)
        text = ""
    raise ConfigError(sentence)  # a fresh one, for the reason given in load()


def account_settings(config: Config, account: AccountConfig, spec: ChannelSpec) -> dict[str, Any]:
    """The account's own keys, checked against its channel's and filled up with defaults.

    Raises ConfigError with one sentence.
    """
    source, where = str(config.source), f"accounts.{account.name}"
    try:
        for name in account.settings:
            if name not in spec.settings.keys:
                known = {**ACCOUNT.keys, **spec.settings.keys}
                raise ConfigError(unknown_key(name, known, where=where, source=source))
        return check(
            account.settings,
            spec.settings,
            where=where,
            source=source,
            secret=secret_reader(source, config.source.parent),
        )
    except ConfigError as error:
        sentence = str(error)
    raise ConfigError(sentence)  # a fresh one, for the reason given in load()


def _read(file: Path, *, must_exist: bool) -> tuple[dict[str, Any], int]:
    """The parsed file and its permission bits; nothing when it is not there and need not be."""
    try:
        with file.open("rb") as opened:
            mode = stat.S_IMODE(os.fstat(opened.fileno()).st_mode)
            return tomllib.load(opened), mode
    except FileNotFoundError:
        if not must_exist:
            return {}, 0
        problem = _("{source} does not exist").format(source=file)
    except OSError as error:
        problem = _("{source} cannot be read: {detail}").format(
            source=file, detail=error.strerror or error
        )
    except UnicodeDecodeError:
        problem = _("{source} is not UTF-8 text").format(source=file)
    except tomllib.TOMLDecodeError as error:
        problem = _("{source} is not valid TOML: {detail}").format(source=file, detail=error)
    raise ConfigError(problem)


def _parsed(text: str, source: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(
            _("{source} is not valid TOML: {detail}").format(source=source, detail=error)
        ) from None


def _config(data: dict[str, Any], mode: int, file: Path) -> Config:
    source = str(file)
    for name in data:
        if name not in SECTIONS:
            raise ConfigError(unknown_key(name, SECTIONS, where="", source=source))

    def section(name: str) -> dict[str, Any]:
        return checked(data.get(name, {}), SECTIONS[name], name, file)

    database = section("database")["url"]
    if database is None:
        database = Secret(default_database_url())
    elif isinstance(inline := data["database"]["url"], str) and (problem := bad_url(inline)):
        raise ConfigError(f"{source}: database.url: {problem}")
    accounts = {
        name: _account(name, given, file)
        for name, given in _open_table(data, "accounts", source).items()
    }
    inbox = _inbox(section("inbox"), file)
    if inbox.mail_account is not None and inbox.mail_account not in accounts:
        raise ConfigError(
            _("{source}: inbox.mail_account: there is no account {name}").format(
                source=source, name=inbox.mail_account
            )
        )
    return Config(
        source=file,
        inbox=inbox,
        agent=AgentConfig(**section("agent")),
        keys=_keys(_open_table(data, "keys", source), source),
        accounts=accounts,
        warnings=_warnings(data, mode, source),
        database=database,
        web=web_config(section("web"), accounts, file),
        log_format=section("log")["format"],
    )


def _open_table(data: Mapping[str, Any], name: str, source: str) -> dict[str, Any]:
    """A table whose keys the user chooses."""
    table = data.get(name, {})
    if not isinstance(table, dict):
        raise ConfigError(
            _("{source}: [{where}] must be a table").format(source=source, where=name)
        )
    return table


def _inbox(values: dict[str, Any], file: Path) -> InboxConfig:
    names = values.pop("statuses") or checked({}, STATUSES, "inbox.statuses", file)
    statuses = tuple(
        Status(name, kind == "active") for kind in STATUSES.keys for name in names[kind]
    )
    seen: set[str] = set()
    for status in statuses:
        if status.name in seen:
            raise ConfigError(
                _("{source}: inbox.statuses: {name} stands there twice").format(
                    source=file, name=status.name
                )
            )
        seen.add(status.name)
    return InboxConfig(statuses=statuses, **values)


def _account(name: str, given: object, file: Path) -> AccountConfig:
    where, source = f"accounts.{name}", str(file)
    if not ACCOUNT_NAME.fullmatch(name):
        raise ConfigError(
            _(
                "{source}: [{where}]: the name of an account is 1 to 40 "
                "lower-case letters, digits, - or _"
            ).format(source=source, where=where)
        )
    raw = _open_table({where: given}, where, source)
    if "channel" not in raw and (near := difflib.get_close_matches("channel", raw, n=1)):
        raise ConfigError(unknown_key(near[0], ACCOUNT.keys, where=where, source=source))
    core = {key: value for key, value in raw.items() if key in ACCOUNT.keys}
    values = checked(core, ACCOUNT, where, file)
    if (values["role"] == "personal") != (values["owner"] is not None):
        raise ConfigError(
            _('{source}: {key}: an account with role = "personal", and no other, has one').format(
                source=source, key=f"{where}.owner"
            )
        )
    if values["role"] == "personal" and values["acknowledgement"] is not None:
        raise ConfigError(
            _("{source}: {key}: a personal account answers nothing by itself").format(
                source=source, key=f"{where}.acknowledgement"
            )
        )
    if values["agents"] is not None:
        values["agents"] = tuple(values["agents"])
    settings = {key: value for key, value in raw.items() if key not in ACCOUNT.keys}
    return AccountConfig(name=name, settings=settings, **values)


def _keys(table: Mapping[str, Any], source: str) -> dict[str, tuple[str, ...]]:
    keys: dict[str, tuple[str, ...]] = {}
    for command, value in table.items():
        given = [value] if isinstance(value, str) else value
        if not isinstance(given, list) or not all(isinstance(key, str) and key for key in given):
            raise ConfigError(
                _("{source}: {key} must be a key, or a list of keys").format(
                    source=source, key=f"keys.{command}"
                )
            )
        keys[command] = tuple(given)
    return keys


def _warnings(data: Mapping[str, Any], mode: int, source: str) -> tuple[str, ...]:
    shown = list(_inline_secrets(data.get("accounts", {}), "accounts"))
    url = data.get("database", {}).get("url")
    if isinstance(url, str) and "@" in url and ":" in url.partition("://")[2].rpartition("@")[0]:
        shown.insert(0, "database.url")
    if not shown or not mode & (stat.S_IRGRP | stat.S_IROTH):
        return ()
    return (
        _("{source} holds {key} in plain text and others can read it; use chmod 600").format(
            source=source, key=", ".join(shown)
        ),
    )


def _inline_secrets(table: Mapping[str, Any], where: str) -> list[str]:
    """By their names: which keys are secret only the channel knows, and it may not be here."""
    found: list[str] = []
    for name, value in table.items():
        dotted = f"{where}.{name}"
        if isinstance(value, str) and INLINE_SECRET.search(name):
            found.append(dotted)
        # { env = … } and its like have none of these names, so that a reference is not reported
        elif isinstance(value, dict):
            found += _inline_secrets(value, dotted)
    return found
