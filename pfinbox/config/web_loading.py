"""``[web]`` as frozen values."""

from collections.abc import Container
from pathlib import Path
from typing import Any

from pfinbox.config.checking import checked
from pfinbox.config.model import PortalConfig, WebConfig
from pfinbox.config.web_keys import PORTAL
from pfinbox.domain.listening import listening, origin
from pfinbox.errors import ConfigError
from pfinbox.i18n import _


def web_config(values: dict[str, Any], accounts: Container[str], file: Path) -> WebConfig:
    """The checked ``values`` of ``[web]``; ConfigError where they name an unknown account."""
    portal = PortalConfig(**(values.pop("portal") or checked({}, PORTAL, "web.portal", file)))
    if portal.new_task_account is not None and portal.new_task_account not in accounts:
        raise ConfigError(
            _("{source}: web.portal.new_task_account: there is no account {name}").format(
                source=file, name=portal.new_task_account
            )
        )
    places = {name: values.pop(name) for name in ("listen", "health")}
    found = {name: listening(text) if text else None for name, text in places.items()}
    base_url = values.pop("base_url")
    if base_url is None and found["listen"] is not None:
        base_url = f"http://{found['listen']}"
    return WebConfig(
        listen=found["listen"],
        health=found["health"],
        base_url=origin(base_url) if base_url is not None else None,
        trusted_proxies=tuple(values.pop("trusted_proxies")),
        portal=portal,
        **values,
    )
