"""Ids as people enter them; imports no network library."""

import re
from typing import Any

from pfinbox.i18n import _


def check_id(value: Any) -> str | None:
    """What is wrong with an id of Meta's as the configuration has it."""
    good = not isinstance(value, bool) and re.fullmatch(r"[A-Za-z0-9_-]{1,64}", str(value))
    return None if good else _('must be the number that Meta shows, such as "123456"')


def whatsapp_user(address: str) -> str:
    """A user's id, or the number by which users without one are known."""
    text = address.strip()
    number = re.sub(r"[\s().-]", "", text).removeprefix("+")
    if number.isascii() and number.isdecimal():
        return number
    if re.fullmatch(r"[A-Z]{2}\.(ENT\.)?[A-Za-z0-9]{1,128}", text):
        return text
    raise ValueError(
        _("a WhatsApp address is a number or a user id like US.123, not {text}").format(
            text=text[:80]
        )
    )


def page_user(address: str) -> str:
    """A client's id for one page or professional account."""
    text = address.strip()
    if not (text.isascii() and text.isdecimal()):
        raise ValueError(
            _("this service's address is a numeric user id, not {text}").format(text=text[:80])
        )
    return text
