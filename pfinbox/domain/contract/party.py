"""Who stands at the other side of a channel."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Party:
    """One person or mailbox at the other side.

    ``value`` is the normalised address: lower-cased e-mail address, numeric user id as text.
    """

    value: str
    name: str = ""
    username: str | None = None
