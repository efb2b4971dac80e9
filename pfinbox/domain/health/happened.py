"""What a transaction did, in a form that a log may keep: kinds and ids, never a word of anybody."""

from collections.abc import Mapping

from pfinbox.record import record


@record
class Happened:
    """``kind``: received, delivery. ``facts``: ids, states, kinds of reasons, seconds."""

    kind: str
    facts: Mapping[str, int | str | float | None]
