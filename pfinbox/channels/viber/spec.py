"""What the Viber channel is called, can do and is opened by; imports no network library.

https://developers.viber.com/docs/api/rest-bot-api
"""

from collections.abc import Mapping
from typing import Any

from pfinbox.channels.viber.admit import LONGEST_NAME, admit
from pfinbox.domain.contract.addresses import service_address
from pfinbox.domain.contract.channel import AccountContext, Capability, Channel, ChannelSpec, Limits
from pfinbox.domain.contract.settings import Key, Table
from pfinbox.domain.contract.setup import Setup
from pfinbox.i18n import _

PUBLIC_API = "https://chatapi.viber.com/pa"
_MEGABYTE = 1_000_000
_DAY = 24 * 3600


def _open(context: AccountContext) -> Channel:
    from pfinbox.channels.viber.channel import ViberChannel  # aiohttp: the daemon's alone

    return ViberChannel(context)


def _ask() -> Setup:
    from pfinbox.channels.viber.setup import setup  # the first start's alone

    return setup()


def _describe(settings: Mapping[str, Any]) -> str:
    # The bot's name is known to Viber only.
    return "Viber bot"


def _normalise(address: str) -> str:
    """A client is known by an id of the client and this bot together."""
    text = address.strip()
    if not text or not text.isascii() or any(one.isspace() for one in text):
        raise ValueError(_("a Viber address is a user id, not {text}").format(text=text[:80]))
    return text


def _check_name(value: Any) -> str | None:
    if 0 < len(value) <= LONGEST_NAME:
        return None
    return _("must have from 1 to {most} characters").format(most=LONGEST_NAME)


def _check_greeting(settings: Mapping[str, Any]) -> str | None:
    if settings["greeting"] and not settings["name"]:
        return _("a greeting needs a name, which stands over it")
    return None


SPEC = ChannelSpec(
    name="viber",
    label="Viber",
    sign="VB",
    capabilities=Capability.ATTACHMENTS | Capability.INVITES | Capability.PICTURES,
    limits=Limits(
        max_text=7000,
        max_caption=0,  # only a picture may have one: a text is a message of its own
        max_file=50 * _MEGABYTE,
        files_per_part=1,
        free_window=_DAY,
        kept_for=3600,  # requests are repeated for an hour: https://developers.viber.com/docs/faq
    ),
    settings=Table(
        keys={
            "token": Key("secret", required=True, doc="The bot's authentication token."),
            "name": Key(
                check=_check_name,
                doc="Stands over messages of agents without a public name. Default: the bot's.",
            ),
            "greeting": Key(
                doc="Said to whoever opens the chat and has not written yet. Default: nothing."
            ),
            "api_base": Key(
                default=PUBLIC_API,
                check=service_address(PUBLIC_API),
                doc="Address of Viber's API.",
            ),
        },
        check=_check_greeting,
    ),
    open=_open,
    describe=_describe,
    normalise=_normalise,
    ask=_ask,
    admit=admit,
)
