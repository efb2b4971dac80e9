"""The configuration keys of the door to the web: ``[web]`` and ``[web.portal]``."""

import ipaddress
import re
from collections.abc import Mapping
from typing import Any

from pfinbox.domain.contract.settings import Key, Table
from pfinbox.domain.listening import listening, origin
from pfinbox.i18n import LANGUAGES, _

_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")
# Of text, for people who see badly (WCAG 2.2, 1.4.3).
_LEAST_CONTRAST = 4.5


def _bad_listen(text: str) -> str | None:
    try:
        listening(text)
    except ValueError:
        return _(
            'it must be an address of this machine such as "127.0.0.1:8080", or "unix:/path"; '
            "a proxy in front of it speaks to the network"
        )
    return None


def _bad_base_url(text: str) -> str | None:
    try:
        origin(text)
    except ValueError:
        return _(
            'it must be like "https://support.example.com", without a path; '
            "http is for this machine alone"
        )
    return None


def _bad_proxies(addresses: list[str]) -> str | None:
    for one in addresses:
        try:
            ipaddress.ip_network(one)
        except ValueError:
            return _("{address} is no IP address").format(address=one)
    return None


def _bad_colour(text: str) -> str | None:
    if not _COLOUR.fullmatch(text):
        return _('it must be a colour such as "#0a5c8a"')
    if 1.05 / (_luminance(text) + 0.05) < _LEAST_CONTRAST:
        return _("white words cannot be read on it; choose a darker colour")
    return None


def _luminance(colour: str) -> float:
    """Relative luminance of ``#rrggbb`` (WCAG 2.2)."""
    shares = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (
        one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in shares
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _bad_size(value: int) -> str | None:
    if 0 <= value <= 1 << 30:
        return None
    return _("it must be from {low} to {high}").format(low=0, high=1 << 30)


def _bad_web(values: Mapping[str, Any]) -> str | None:
    listen, portal = values["listen"], values["portal"]
    if listen and listening(listen).path and not values["base_url"]:
        return _("a Unix socket has no address of its own; name base_url")
    if portal and portal["enabled"] and not listen and not values["base_url"]:
        return _("the portal needs listen, or the base_url of the machine that serves it")
    return None


PORTAL = Table(
    {
        "enabled": Key("bool", default=True, doc="Clients' pages"),
        "title": Key(doc="What stands above every page; default the company's name"),
        "logo": Key(doc="A PNG, JPEG or WebP file shown beside it"),
        "accent": Key(default="#0a5c8a", check=_bad_colour, doc="The colour of links and buttons"),
        "footer": Key(default="", doc="A line below every page"),
        "language": Key(choices=LANGUAGES, doc="Of clients whose card names none"),
        "upload_limit": Key("int", 20_000_000, check=_bad_size, doc="Bytes of one message's files"),
        "self_sign_in": Key("bool", default=True, doc="Clients may ask for a link by themselves"),
        "link_in_mails": Key("bool", default=False, doc="A link to the page in every mail"),
        "new_task_account": Key(doc="The account that gets the tasks opened on the page"),
    }
)

WEB = Table(
    {
        "listen": Key(check=_bad_listen, doc="Where the door listens"),
        "in_daemon": Key("bool", default=True, doc="The daemon serves it; else pfinbox web"),
        "base_url": Key(check=_bad_base_url, doc="The address that clients see"),
        "trusted_proxies": Key(
            "list", (), check=_bad_proxies, doc="Whose X-Forwarded-For is believed"
        ),
        "health": Key(check=_bad_listen, doc="Where the daemon says whether it is well"),
        "portal": PORTAL,
    },
    check=_bad_web,
)
