"""What a daemon starts before it imports the rest of itself, which takes half a second."""

from contextlib import suppress

from pfinbox.config import Config
from pfinbox.errors import ConfigError
from pfinbox.plugins import load_channel


def begin(config: Config) -> None:
    """Whatever channels need that takes as long; what is wrong with them is said later."""
    with suppress(ConfigError, OSError):
        for account in config.accounts.values():
            spec = load_channel(account.channel)
            if spec.begin is not None:
                spec.begin(account.settings)
