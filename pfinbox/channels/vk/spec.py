"""What the VKontakte channel is called, can do and is opened by; imports no network library.

https://dev.vk.com/en/api/community-messages/getting-started. Limits that VK does not document are
marked *observed*.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from pfinbox.domain.contract.addresses import service_address
from pfinbox.domain.contract.channel import AccountContext, Capability, Channel, ChannelSpec, Limits
from pfinbox.domain.contract.settings import Key, Table
from pfinbox.domain.contract.setup import Setup
from pfinbox.i18n import _

PUBLIC_API = "https://api.vk.com"
VERSION = "5.199"
_MEGABYTE = 1_000_000
_HOUR = 3600

CAPABILITIES = (
    Capability.ATTACHMENTS
    | Capability.REPLY_QUOTE
    | Capability.EDITS
    | Capability.DELETES
    | Capability.IDEMPOTENT
    | Capability.INVITES
    | Capability.PICTURES
)
LIMITS = Limits(
    max_text=4096,  # observed; the method's description says 9000
    max_caption=4096,
    max_file=200 * _MEGABYTE,
    files_per_part=10,
    delete_within=24 * _HOUR,
    # For how long VK drops a repeated random_id is not documented.
    repeat_within=_HOUR,
)


def _open(context: AccountContext) -> Channel:
    from pfinbox.channels.vk.channel import VkChannel  # aiohttp: the daemon's alone

    return VkChannel(context)


def _ask() -> Setup:
    from pfinbox.channels.vk.setup import setup  # the first start's alone

    return setup()


def _describe(settings: Mapping[str, Any]) -> str:
    return f"vk.com/club{settings['group_id']}"


def _adapt(
    settings: Mapping[str, Any], capabilities: Capability, limits: Limits
) -> tuple[Capability, Limits]:
    hours = settings["reply_hours"]
    if settings["typing"]:
        capabilities |= Capability.TYPING
    if settings["read_receipts"]:
        capabilities |= Capability.MARKS_READ
    return capabilities, replace(limits, reply_window=hours * _HOUR if hours else None)


def _normalise(address: str) -> str:
    """A user is known by a number; a short name can be given up and taken by another person."""
    text = address.strip().removeprefix("id")
    if not (text.isascii() and text.isdecimal()):
        raise ValueError(
            _("a VK address is a numeric user id, not {text}").format(text=address.strip()[:80])
        )
    return str(int(text))


def _check_group(value: Any) -> str | None:
    return None if value > 0 else _("must be the community's number, without a minus")


def _check_hours(value: Any) -> str | None:
    return None if 0 <= value <= 720 else _("must be from 0 to 720")


SPEC = ChannelSpec(
    name="vk",
    label="VK",
    sign="VK",
    capabilities=CAPABILITIES,
    limits=LIMITS,
    settings=Table(
        keys={
            "token": Key(
                "secret", required=True, doc="The community's access key, with messages and files."
            ),
            "group_id": Key(
                "int", required=True, check=_check_group, doc="The community's number."
            ),
            "api_base": Key(
                default=PUBLIC_API,
                check=service_address(PUBLIC_API),
                doc="Address of VK's API.",
            ),
            "version": Key(default=VERSION, doc="The version of VK's API that is spoken."),
            "typing": Key("bool", default=False, doc="Whether clients see that an agent writes."),
            "read_receipts": Key(
                "bool", default=False, doc="Whether clients see that an agent has read a message."
            ),
            "reply_hours": Key(
                "int",
                default=24,
                check=_check_hours,
                doc="Hours after a client's last message in which VK takes an answer; 0: always.",
            ),
        }
    ),
    open=_open,
    describe=_describe,
    adapt=_adapt,
    normalise=_normalise,
    ask=_ask,
)
