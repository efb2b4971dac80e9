"""The configuration without its secrets, for a backup: what was inline asks the environment now."""

import contextlib
import tomllib
from collections.abc import Mapping
from typing import Any

from pfinbox.config import Config
from pfinbox.config.keys import INLINE_SECRET
from pfinbox.config.writing import as_toml
from pfinbox.domain.contract.settings import Key, Table
from pfinbox.errors import PfinboxError
from pfinbox.plugins import load_channel


def without_secrets(config: Config) -> str | None:
    """The file anew as TOML; None when there is none. Comments are not kept."""
    if not config.source.exists():
        return None
    data = tomllib.loads(config.source.read_text("utf-8"))
    if isinstance(data.get("database", {}).get("url"), str) and "@" in data["database"]["url"]:
        data["database"]["url"] = {"env": "PFINBOX_DATABASE_URL"}
    for name, account in data.get("accounts", {}).items():
        known: Mapping[str, Key | Table] = {}
        # Of a plug-in that is not installed here only the names of keys tell.
        with contextlib.suppress(PfinboxError):
            known = load_channel(account.get("channel", "")).settings.keys
        data["accounts"][name] = _bare(account, known, f"PFINBOX_{name}")
    return as_toml(data)


def _bare(given: Mapping[str, Any], known: Mapping[str, Key | Table], where: str) -> dict[str, Any]:
    """Secrets by the channel's own word, and by their names where the channel is not here."""
    found: dict[str, Any] = {}
    for name, value in given.items():
        dotted = f"{where}_{name}"
        key = known.get(name)
        secret = (isinstance(key, Key) and key.kind == "secret") or INLINE_SECRET.search(name)
        if isinstance(value, str) and secret:
            found[name] = {"env": "".join(c if c.isalnum() else "_" for c in dotted).upper()}
        elif isinstance(value, dict):
            inner = key.keys if isinstance(key, Table) else {}
            found[name] = _bare(value, inner, dotted)
        else:
            found[name] = value
    return found
