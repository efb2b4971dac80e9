"""E-mail addresses that a client names in what they write: perhaps their own, on another card."""

import re
from collections.abc import Iterable
from contextlib import suppress

from pfinbox.domain.text.mail_address import normalise

# A mail may hold a whole address book.
MOST = 20
_LIKE_ONE = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}")


def named_addresses(texts: Iterable[str]) -> tuple[str, ...]:
    """In the order in which they stand, each once, in the spelling of the cards."""
    found: dict[str, None] = {}
    for text in texts:
        for match in _LIKE_ONE.finditer(text):
            # What only looks like one is none.
            with suppress(ValueError):
                found[normalise(match[0])] = None
            if len(found) == MOST:
                return tuple(found)
    return tuple(found)
