"""Who stands at the other side of a channel."""

from pfinbox.record import record


@record
class Party:
    """One person or mailbox at the other side.

    ``value`` is the normalised address: lower-cased e-mail address, numeric user id as text.
    ``username`` is what people call it by: a username, or with ``+`` a phone number.
    """

    value: str
    name: str = ""
    username: str | None = None


def called(username: str) -> str:
    """A username as people write it: ``@maria``; a phone number as it is."""
    return username if username.startswith("+") else f"@{username}"
