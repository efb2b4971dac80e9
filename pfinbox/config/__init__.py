"""The configuration file, read and checked: ``load()`` gives one frozen :class:`Config`."""

from pfinbox.config.loading import (
    account_settings,
    config_file,
    default_database_url,
    default_path,
    load,
    parse,
)
from pfinbox.config.model import (
    AccountConfig,
    AgentConfig,
    Config,
    InboxConfig,
    PortalConfig,
    Status,
    WebConfig,
)

__all__ = [
    "AccountConfig",
    "AgentConfig",
    "Config",
    "InboxConfig",
    "PortalConfig",
    "Status",
    "WebConfig",
    "account_settings",
    "config_file",
    "default_database_url",
    "default_path",
    "load",
    "parse",
]
