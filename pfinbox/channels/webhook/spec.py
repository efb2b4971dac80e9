"""What the webhook channel is called, can do and is opened by; imports no network library."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from pfinbox.channels.webhook.admit import admit
from pfinbox.domain.contract.addresses import service_address
from pfinbox.domain.contract.channel import AccountContext, Capability, Channel, ChannelSpec, Limits
from pfinbox.domain.contract.settings import Key, Table
from pfinbox.domain.contract.setup import Setup
from pfinbox.i18n import _

_MEGABYTE = 1_000_000


def _open(context: AccountContext) -> Channel:
    from pfinbox.channels.webhook.channel import WebhookChannel  # aiohttp: the daemon's alone

    return WebhookChannel(context)


def _ask() -> Setup:
    from pfinbox.channels.webhook.setup import setup  # the first start's alone

    return setup()


def _describe(settings: Mapping[str, Any]) -> str:
    if not settings.get("send_url"):
        return "webhook"
    host = urlsplit(settings["send_url"]).hostname
    return f"webhook ({host})"


def _adapt(
    settings: Mapping[str, Any], capabilities: Capability, limits: Limits
) -> tuple[Capability, Limits]:
    """Without an address to send to, nobody can be written to first."""
    if not settings.get("send_url"):
        capabilities &= ~(Capability.WRITE_FIRST | Capability.ATTACHMENTS)
    return capabilities, limits


def _check_secret(settings: Mapping[str, Any]) -> str | None:
    if settings["secret"] is None and settings["planfix_token"] is None:
        return _("one of secret and planfix_token is needed, or nobody could send anything here")
    if settings["send_url"] and settings["secret"] is None:
        return _("send_url needs a secret, with which what goes there is signed")
    return None


SPEC = ChannelSpec(
    name="webhook",
    label="Webhook",
    sign="WH",
    capabilities=(
        Capability.ATTACHMENTS
        | Capability.REPLY_QUOTE
        | Capability.FIXED_SOURCE_ID
        | Capability.WRITE_FIRST
    ),
    limits=Limits(max_file=25 * _MEGABYTE, files_per_part=10),
    settings=Table(
        keys={
            "secret": Key(
                "secret", doc="Signs what is sent in both directions; or the end of a secret path."
            ),
            "send_url": Key(
                check=service_address("https://shop.example/pfinbox"),
                doc="Where answers are posted to; none: no answers.",
            ),
            "planfix_token": Key(
                "secret", doc="The planfix_token that adapters for Planfix's newMessage send."
            ),
            "allow_private": Key(
                "bool",
                default=False,
                doc="Whether files are fetched from addresses in private networks.",
            ),
        },
        check=_check_secret,
    ),
    open=_open,
    describe=_describe,
    adapt=_adapt,
    admit=admit,
    ask=_ask,
)
