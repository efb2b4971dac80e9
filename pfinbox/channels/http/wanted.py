"""A file that is still elsewhere; imports no network library."""

from collections.abc import Mapping
from dataclasses import field

from pfinbox.record import record


@record
class Wanted:
    """A file that is to be fetched."""

    name: str
    media_type: str
    url: str
    # What its own host is to be told, and no other one.
    head: Mapping[str, str] = field(default_factory=dict, repr=False, kw_only=True)

    @property
    def key(self) -> str:
        """What it is known by when it is wanted again."""
        return self.url
