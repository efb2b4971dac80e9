"""An account's settings, and what it can do with them; imports no network library.

Limits: https://core.telegram.org/bots/api (sendMessage, sendDocument, "Using a Local Bot API
Server").
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from pfinbox.domain.contract.addresses import service_address
from pfinbox.domain.contract.batch import Profile
from pfinbox.domain.contract.channel import Capability, Limits
from pfinbox.domain.contract.settings import Key, Table
from pfinbox.i18n import _

PUBLIC_API = "https://api.telegram.org"
_MEGABYTE = 1_000_000


def is_own_server(settings: Mapping[str, Any]) -> bool:
    """A Bot API server of one's own has other limits than Telegram's public one."""
    return str(settings["api_base"]).rstrip("/") != PUBLIC_API


def host_of(settings: Mapping[str, Any]) -> str:
    """The server's host and port for people; an address may also hold a password."""
    parts = urlsplit(str(settings["api_base"]))
    return f"{parts.hostname}:{parts.port}" if parts.port else str(parts.hostname)


def profile_of(username: str) -> Profile:
    """The bot's name, and its deep link: https://core.telegram.org/bots/features#deep-linking"""
    return Profile(f"@{username}", f"https://t.me/{username}?start={{token}}")


def adapt(
    settings: Mapping[str, Any], capabilities: Capability, limits: Limits
) -> tuple[Capability, Limits]:
    """A Bot API server of one's own takes larger files; a switch shows that somebody writes."""
    if is_own_server(settings):
        limits = replace(limits, max_file=2000 * _MEGABYTE)
    if settings.get("typing"):
        capabilities |= Capability.TYPING
    if settings.get("read_receipts"):
        capabilities |= Capability.MARKS_READ
    return capabilities, limits


def _check_poll(value: Any) -> str | None:
    return None if 0 <= value <= 50 else _("must be between 0 and 50")


CAPABILITIES = (
    Capability.ATTACHMENTS
    | Capability.REPLY_QUOTE
    | Capability.EDITS
    | Capability.DELETES
    | Capability.INVITES
    | Capability.PICTURES
)
LIMITS = Limits(
    max_text=4096,
    max_caption=1024,
    max_file=50 * _MEGABYTE,
    files_per_part=10,  # https://core.telegram.org/bots/api#sendmediagroup
    kept_for=24 * 3600,  # https://core.telegram.org/bots/api#getting-updates
    delete_within=48 * 3600,  # https://core.telegram.org/bots/api#deletemessage
)
SETTINGS = Table(
    keys={
        "token": Key("secret", required=True, doc="The bot's token, from @BotFather."),
        "api_base": Key(
            "text",
            default=PUBLIC_API,
            check=service_address(PUBLIC_API),
            doc="Address of the Bot API server; your own one takes files up to 2000 MB.",
        ),
        "groups": Key(
            "bool", default=False, doc="Whether messages in groups become tasks as well."
        ),
        "files_dir": Key(doc="Where your own Bot API server (run with --local) keeps its files."),
        "typing": Key("bool", default=False, doc="Whether clients see that an agent is writing."),
        "read_receipts": Key(
            "bool",
            default=False,
            doc="Whether clients of a business account see that an agent has read a message.",
        ),
        "poll_seconds": Key(
            "int",
            default=20,
            check=_check_poll,
            doc="How long one question for news may wait for its answer, in seconds.",
        ),
    }
)
