"""Sentences as spans: words with the role that they play; each front end renders roles its way."""

from collections.abc import Iterable
from enum import StrEnum

from pfinbox.domain.text.cleaning import MAX_LINE, clean, clean_line
from pfinbox.record import record


class Role(StrEnum):
    """What a span is to its reader."""

    PLAIN = ""
    # A person, an address, a title.
    NAME = "name"
    HEADING = "heading"
    ASIDE = "aside"
    # What reaches somebody outside, and what stays inside (R14).
    OUTSIDE = "outside"
    INSIDE = "inside"
    # A delivery's state.
    SENT = "sent"
    WAITS = "waits"
    ALARM = "alarm"
    # To know before going on.
    WARNING = "warning"


@record
class Span:
    """Some words of a sentence, harmless already, and their role."""

    text: str
    role: Role = Role.PLAIN


# One line, or a text of several where the words hold line breaks.
Spans = tuple[Span, ...]


def said(text: str, role: Role = Role.PLAIN) -> Spans:
    """Words of ours."""
    return (Span(text, role),)


def outside(text: str, role: Role = Role.PLAIN, limit: int = MAX_LINE) -> Spans:
    """Words that hold a text from outside, cleaned, on one line."""
    return (Span(clean_line(text, limit), role),)


def block(text: str) -> Spans:
    """A text from outside, cleaned, of several lines."""
    return (Span(clean(text)),)


def joined(between: str, parts: Iterable[Spans], role: Role = Role.PLAIN) -> Spans:
    """The parts with ``between``, in ``role``, between two of them."""
    line: Spans = ()
    for part in parts:
        line += (said(between, role) if line else ()) + part
    return line


def plain(spans: Spans) -> str:
    """The words alone."""
    return "".join(span.text for span in spans)
