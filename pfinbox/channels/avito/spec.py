"""What the Avito channel is called, can do and is opened by; imports no network library.

https://developers.avito.ru/api-catalog/messenger/documentation
"""

from collections.abc import Mapping
from typing import Any

from pfinbox.channels.avito.admit import admit
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
from pfinbox.i18n import _

PUBLIC_API = "https://api.avito.ru"
_MEGABYTE = 1_000_000
_HOUR = 3600


def _open(context: AccountContext) -> Channel:
    from pfinbox.channels.avito.channel import AvitoChannel  # aiohttp: the daemon's alone

    return AvitoChannel(context)


def _ask() -> Setup:
    from pfinbox.channels.avito.setup import setup  # the first start's alone

    return setup()


def _describe(settings: Mapping[str, Any]) -> str:
    return f"Avito {settings['user_id']}"


def _normalise(address: str) -> str:
    text = address.strip()
    if not (text.isascii() and text.isdecimal()):
        raise ValueError(
            _("an Avito address is a numeric user id, not {text}").format(text=text[:80])
        )
    return str(int(text))


def _adapt(
    settings: Mapping[str, Any], capabilities: Capability, limits: Limits
) -> tuple[Capability, Limits]:
    if settings["read_receipts"]:
        capabilities |= Capability.MARKS_READ
    return capabilities, limits


def _check_user(value: Any) -> str | None:
    return None if value > 0 else _("must be the number of your Avito profile")


SPEC = ChannelSpec(
    name="avito",
    label="Avito",
    sign="AV",
    capabilities=Capability.ATTACHMENTS | Capability.DELETES | Capability.PICTURES,
    limits=Limits(
        max_text=1000,
        text_unit=TextUnit.CHARACTERS,
        max_caption=0,  # a picture has no text
        max_file=24 * _MEGABYTE,
        files_per_part=1,
        media_types=("image/jpeg", "image/png", "image/gif", "image/bmp", "image/heic"),
        delete_within=_HOUR,
    ),
    settings=Table(
        keys={
            "client_id": Key(required=True, doc="The application's id."),
            "client_secret": Key("secret", required=True, doc="The application's secret."),
            "user_id": Key(
                "int", required=True, check=_check_user, doc="The number of your Avito profile."
            ),
            "api_base": Key(
                default=PUBLIC_API, check=service_address(PUBLIC_API), doc="Address of Avito's API."
            ),
            "read_receipts": Key(
                "bool", default=False, doc="Whether clients see that an agent has read a message."
            ),
        }
    ),
    open=_open,
    describe=_describe,
    adapt=_adapt,
    normalise=_normalise,
    ask=_ask,
    admit=admit,
)
