"""A file that is still elsewhere; imports no network library."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Wanted:
    """A file that is to be fetched."""

    name: str
    media_type: str
    url: str
