"""What Meta's channels are called, can do and are opened by; imports no network library.

Facts: https://developers.facebook.com/documentation/business-messaging
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from pfinbox.channels.meta.admit import admit
from pfinbox.channels.meta.ids import check_id, page_user, whatsapp_user
from pfinbox.channels.meta.refusals import window
from pfinbox.domain.contract.addresses import service_address
from pfinbox.domain.contract.channel import (
    AccountContext,
    Capability,
    Channel,
    ChannelSpec,
    Limits,
    TextUnit,
)
from pfinbox.domain.contract.settings import Key, Table
from pfinbox.domain.contract.setup import Setup

PUBLIC_API = "https://graph.facebook.com"
_MEGABYTE = 1_000_000
_DAY = 24 * 3600


def _open_whatsapp(context: AccountContext) -> Channel:
    from pfinbox.channels.meta.whatsapp.channel import WhatsApp  # aiohttp: the daemon's alone

    return WhatsApp(context)


def _open_messenger(context: AccountContext) -> Channel:
    from pfinbox.channels.meta.page.channel import Page  # aiohttp: the daemon's alone

    return Page(context, "")


def _open_instagram(context: AccountContext) -> Channel:
    from pfinbox.channels.meta.page.channel import Page  # aiohttp: the daemon's alone

    return Page(context, "instagram")


def _ask_whatsapp() -> Setup:
    from pfinbox.channels.meta.setup import whatsapp  # the first start's alone

    return whatsapp()


def _ask_messenger() -> Setup:
    from pfinbox.channels.meta.setup import messenger  # the first start's alone

    return messenger()


def _ask_instagram() -> Setup:
    from pfinbox.channels.meta.setup import instagram  # the first start's alone

    return instagram()


def _number(settings: Mapping[str, Any]) -> str:
    return f"WhatsApp ({settings['phone_number_id']})"


def _page(settings: Mapping[str, Any]) -> str:
    return f"page {settings['page_id']}"


def _reads(
    settings: Mapping[str, Any], capabilities: Capability, limits: Limits
) -> tuple[Capability, Limits]:
    if settings["read_receipts"]:
        capabilities |= Capability.MARKS_READ
    return capabilities, limits


def _as_configured(
    settings: Mapping[str, Any], capabilities: Capability, limits: Limits
) -> tuple[Capability, Limits]:
    if settings["typing"]:
        capabilities |= Capability.TYPING
    capabilities, limits = _reads(settings, capabilities, limits)
    return capabilities, replace(limits, reply_window=window(settings) * 3600)


_COMMON = {
    "token": Key("secret", required=True, doc="A system user's or a page's access token."),
    "app_secret": Key("secret", required=True, doc="The app's secret: Meta signs with it."),
    "verify_token": Key(
        "secret", required=True, doc="Any words of your own, entered beside the address at Meta."
    ),
    "api_base": Key(
        default=PUBLIC_API,
        check=service_address(PUBLIC_API),
        doc="Address of Meta's API, with or without a version at its end.",
    ),
    "read_receipts": Key(
        "bool", default=False, doc="Whether clients see that an agent has read a message."
    ),
}
_PAGE_CAN = (
    Capability.ATTACHMENTS | Capability.REPLY_QUOTE | Capability.INVITES | Capability.PICTURES
)
_PAGE = _COMMON | {
    "page_id": Key("any", required=True, check=check_id, doc="The number of the Facebook page."),
    "human_agent": Key(
        "bool",
        default=False,
        doc="Whether Meta has allowed the app the HUMAN_AGENT tag: people may answer for 7 days.",
    ),
    "typing": Key("bool", default=False, doc="Whether clients see that an agent writes."),
}

WHATSAPP = ChannelSpec(
    name="whatsapp",
    label="WhatsApp",
    sign="WA",
    capabilities=Capability.ATTACHMENTS | Capability.REPLY_QUOTE | Capability.TEMPLATES,
    limits=Limits(
        max_text=4096,
        max_caption=1024,
        max_file=100 * _MEGABYTE,
        files_per_part=1,
        text_unit=TextUnit.CHARACTERS,
        reply_window=_DAY,
        # https://developers.facebook.com/docs/whatsapp/cloud-api/reference/media
        above_template={
            "image/jpeg": 5 * _MEGABYTE,
            "image/png": 5 * _MEGABYTE,
            "video/mp4": 16 * _MEGABYTE,
            "video/3gpp": 16 * _MEGABYTE,
        },
        kept_for=7 * _DAY,  # requests are repeated for so long
    ),
    settings=Table(
        keys=_COMMON
        | {
            "phone_number_id": Key(
                "any",
                required=True,
                check=check_id,
                doc="The id of the number, not the number itself.",
            ),
            "business_account_id": Key(
                "any",
                check=check_id,
                doc="The WhatsApp business account; none: as the first request names it.",
            ),
        }
    ),
    open=_open_whatsapp,
    describe=_number,
    adapt=_reads,
    normalise=whatsapp_user,
    ask=_ask_whatsapp,
    admit=admit,
)

MESSENGER = ChannelSpec(
    name="messenger",
    label="Messenger",
    sign="ME",
    capabilities=_PAGE_CAN,
    limits=Limits(
        max_text=2000,
        max_caption=0,  # a message is a text or a file
        max_file=25 * _MEGABYTE,
        files_per_part=1,
        text_unit=TextUnit.CHARACTERS,
        reply_window=_DAY,
        kept_for=_DAY // 3,  # an app whose requests fail for eight hours is unsubscribed
    ),
    settings=Table(keys=_PAGE),
    open=_open_messenger,
    describe=_page,
    adapt=_as_configured,
    normalise=page_user,
    ask=_ask_messenger,
    admit=admit,
)

INSTAGRAM = replace(
    MESSENGER,
    name="instagram",
    label="Instagram",
    sign="IG",
    # Bytes of UTF-8.
    limits=replace(
        MESSENGER.limits, max_text=1000, text_unit=TextUnit.BYTES, max_picture=8 * _MEGABYTE
    ),
    open=_open_instagram,
    ask=_ask_instagram,
)
