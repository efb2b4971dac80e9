"""What the MAX channel is called, can do and is opened by; imports no network library.

https://dev.max.ru/docs-api
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from pfinbox.channels.max.admit import admit
from pfinbox.domain.contract.addresses import service_address
from pfinbox.domain.contract.channel import AccountContext, Capability, Channel, ChannelSpec, Limits
from pfinbox.domain.contract.settings import Key, Table
from pfinbox.domain.contract.setup import Setup
from pfinbox.i18n import _

PUBLIC_API = "https://platform-api2.max.ru"
_MEGABYTE = 1_000_000
_DAY = 24 * 3600
_EIGHT_HOURS = 8 * 3600


def _open(context: AccountContext) -> Channel:
    from pfinbox.channels.max.channel import MaxChannel  # aiohttp: the daemon's alone

    return MaxChannel(context)


def _ask() -> Setup:
    from pfinbox.channels.max.setup import setup  # the first start's alone

    return setup()


def _describe(settings: Mapping[str, Any]) -> str:
    # The bot's name is known to MAX only.
    return "MAX bot"


def _adapt(
    settings: Mapping[str, Any], capabilities: Capability, limits: Limits
) -> tuple[Capability, Limits]:
    if settings["typing"]:
        capabilities |= Capability.TYPING
    if settings["read_receipts"]:
        capabilities |= Capability.MARKS_READ
    # MAX ends the subscription of a bot that took nothing for so long; how long it keeps what is
    # asked for, it does not say: https://dev.max.ru/help/events
    kept_for = _EIGHT_HOURS if settings["mode"] == "webhook" else None
    return capabilities, replace(limits, kept_for=kept_for)


def _normalise(address: str) -> str:
    text = address.strip()
    if not (text.isascii() and text.isdecimal()):
        raise ValueError(_("a MAX address is a numeric user id, not {text}").format(text=text[:80]))
    return str(int(text))


def _check_mode(settings: Mapping[str, Any]) -> str | None:
    if settings["mode"] == "webhook" and settings["secret"] is None:
        return _('mode = "webhook" needs a secret, which MAX sends along with every request')
    return None


def is_secret(text: str) -> bool:
    """What MAX takes for one: https://dev.max.ru/docs-api/methods/POST/subscriptions"""
    return re.fullmatch(r"[A-Za-z0-9_-]{5,256}", text) is not None


SPEC = ChannelSpec(
    name="max",
    label="MAX",
    sign="MX",
    capabilities=(
        Capability.ATTACHMENTS
        | Capability.REPLY_QUOTE
        | Capability.EDITS
        | Capability.DELETES
        | Capability.INVITES
        | Capability.PICTURES
    ),
    limits=Limits(
        max_text=4000,
        max_caption=4000,
        max_file=200 * _MEGABYTE,  # MAX takes 4 GB; here it has to fit in memory
        files_per_part=1,  # whether several files may stand in one message is not documented
        delete_within=7 * _DAY,
    ),
    settings=Table(
        keys={
            "token": Key("secret", required=True, doc="The bot's token."),
            "secret": Key("secret", doc="Sent along by MAX: 5-256 letters, digits, _ and -."),
            "mode": Key(
                default="webhook",
                choices=("webhook", "poll"),
                doc="MAX allows poll for trials only: what it keeps is limited.",
            ),
            "api_base": Key(
                default=PUBLIC_API,
                check=service_address(PUBLIC_API),
                doc="Address of MAX's API.",
            ),
            "ca_file": Key(doc="A root certificate that this account trusts besides the system's."),
            "typing": Key("bool", default=False, doc="Whether clients see that an agent writes."),
            "read_receipts": Key(
                "bool", default=False, doc="Whether clients see that an agent has read a message."
            ),
        },
        check=_check_mode,
    ),
    open=_open,
    describe=_describe,
    adapt=_adapt,
    normalise=_normalise,
    ask=_ask,
    admit=admit,
)
