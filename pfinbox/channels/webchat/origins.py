"""The sites that may show a website chat."""

from typing import Any
from urllib.parse import urlsplit

from pfinbox.domain.contract.addresses import is_web_address
from pfinbox.i18n import _


def check_origins(value: Any) -> str | None:
    """What is wrong with the sites that may show it, None when nothing is."""
    for one in value:
        if not is_web_address(one) or urlsplit(one).path not in ("", "/"):
            return _("must be addresses like https://shop.example, not {text}").format(text=one)
    return None
