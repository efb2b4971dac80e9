"""What the website chat is called, can do and is opened by; the web door serves its pages."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, available_timezones

from pfinbox.channels.webchat.origins import check_origins
from pfinbox.domain.contract.addresses import is_web_address
from pfinbox.domain.contract.channel import AccountContext, Capability, Channel, ChannelSpec, Limits
from pfinbox.domain.contract.settings import Key, Table
from pfinbox.domain.contract.setup import Setup
from pfinbox.domain.text.moments.opening_hours import opening_hours
from pfinbox.i18n import _

_MEGABYTE = 1_000_000


def _open(context: AccountContext) -> Channel:
    from pfinbox.channels.webchat.channel import WebchatChannel

    return WebchatChannel(context)


def _ask() -> Setup:
    from pfinbox.channels.webchat.setup import setup  # the first start's alone

    return setup()


def _describe(settings: Mapping[str, Any]) -> str:
    hosts = [urlsplit(one).hostname or one for one in settings["origins"]]
    return f"chat on {', '.join(hosts)}" if hosts else "chat by link"


def _check_hours(value: Any) -> str | None:
    try:
        opening_hours(value, ZoneInfo("UTC"))
    except ValueError as error:
        return _("must be lines like mon-fri 9:00-18:00, not {text}").format(text=error)
    return None


def _check_zone(value: Any) -> str | None:
    return None if value in available_timezones() else _("must be a zone like Europe/Riga")


def _check_link(value: Any) -> str | None:
    if value and not is_web_address(value):
        return _("must be an address like https://shop.example/privacy")
    return None


def _check_minutes(value: Any) -> str | None:
    return None if 0 <= value <= 10_000 else _("must be between 0 and 10000")


def _adapt(
    settings: Mapping[str, Any], capabilities: Capability, limits: Limits
) -> tuple[Capability, Limits]:
    if settings.get("typing"):
        capabilities |= Capability.TYPING
    minutes = settings.get("mail_after") or 0
    return capabilities, replace(limits, mail_after=minutes * 60 or None)


SPEC = ChannelSpec(
    name="webchat",
    label="Website chat",
    sign="WC",
    capabilities=(
        Capability.ATTACHMENTS
        | Capability.FIXED_SOURCE_ID
        | Capability.IDEMPOTENT
        | Capability.OWN_PAGES
    ),
    limits=Limits(max_text=20_000, max_file=10 * _MEGABYTE, files_per_part=10),
    settings=Table(
        keys={
            "origins": Key(
                "list",
                default=[],
                check=check_origins,
                doc="The sites that may show the chat; none: it is a page of its own, by link.",
            ),
            "identity_secret": Key(
                "secret", doc="With it your site signs who a visitor is (HMAC-SHA256 of the id)."
            ),
            "greeting": Key(default="", doc="What stands above an empty chat."),
            "consent": Key(default="", doc="What stands below the first message, in your words."),
            "privacy_url": Key(default="", check=_check_link, doc="Your page about privacy."),
            "hours": Key(
                "list",
                default=[],
                check=_check_hours,
                doc="When somebody answers: mon-fri 9:00-18:00; none: whenever one is there.",
            ),
            "timezone": Key(default="UTC", check=_check_zone, doc="The zone of these hours."),
            "mail_after": Key(
                "int",
                default=10,
                check=_check_minutes,
                doc="Minutes after which an answer that was not seen follows by e-mail; 0: never.",
            ),
            "typing": Key("bool", default=True, doc="Whether visitors see that agents write."),
        }
    ),
    open=_open,
    describe=_describe,
    adapt=_adapt,
    ask=_ask,
)
