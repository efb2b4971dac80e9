"""What the Telegram channel is called, can do and is opened by; imports no network library."""

from collections.abc import Mapping
from typing import Any

from pfinbox.channels.telegram.settings import (
    CAPABILITIES,
    LIMITS,
    SETTINGS,
    adapt,
    host_of,
    is_own_server,
)
from pfinbox.domain.contract.channel import AccountContext, Channel, ChannelSpec
from pfinbox.domain.contract.setup import Setup
from pfinbox.i18n import _


def _open(context: AccountContext) -> Channel:
    # aiogram takes three seconds to import; only the daemon and doctor ever come here
    from pfinbox.channels.telegram.channel import TelegramChannel

    return TelegramChannel(context)


def _ask() -> Setup:
    from pfinbox.channels.telegram.setup import setup  # the first start's alone

    return setup()


def _describe(settings: Mapping[str, Any]) -> str:
    # the bot's name is known to Telegram only, and the token may be behind a slow command
    if is_own_server(settings):
        return f"Telegram bot ({host_of(settings)})"
    return "Telegram bot"


def _normalise(address: str) -> str:
    """A user is known by a number; a user name can be given up and taken by somebody else."""
    text = address.strip()
    if not text.removeprefix("-").isdecimal():
        raise ValueError(_("a Telegram address is a numeric user id, not {text}").format(text=text))
    return str(int(text))


SPEC = ChannelSpec(
    name="telegram",
    label="Telegram",
    sign="➤",
    capabilities=CAPABILITIES,
    limits=LIMITS,
    settings=SETTINGS,
    open=_open,
    describe=_describe,
    adapt=adapt,
    normalise=_normalise,
    ask=_ask,
)
