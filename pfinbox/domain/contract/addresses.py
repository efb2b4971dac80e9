"""Addresses of services, as a configuration names them."""

import ipaddress
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from pfinbox.domain.listening import is_loopback
from pfinbox.i18n import _


def is_web_address(value: str) -> bool:
    """Whether it leads to a host by http or https."""
    try:
        parts = urlsplit(value)
        return parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        return False


def service_address(example: str) -> Callable[[Any], str | None]:
    """What is wrong with the address of a service, whose token goes there; None: nothing.

    TLS everywhere but on this machine and in the network of the house: to an address in a private
    network, or a name without a dot, as of a container beside this one.
    """

    def check(value: Any) -> str | None:
        try:
            parts = urlsplit(value)
            host = parts.hostname or ""
        except ValueError:
            host = ""
        # Whatever stands before an @ would be a password in a place that is shown.
        if not host or parts.scheme not in ("http", "https") or "@" in parts.netloc:
            return _("must be an address like {example}").format(example=example)
        if parts.scheme == "http" and not (is_loopback(host) or _of_the_house(host)):
            return _("what goes to {host} by plain http, anybody on the way can read").format(
                host=host
            )
        return None

    return check


def _of_the_house(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_private
    except ValueError:
        return "." not in host
