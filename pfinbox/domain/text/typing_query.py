"""A query while it is typed: what may follow, and what is no mistake yet."""

import re
from collections.abc import Collection, Mapping, Sequence
from datetime import date, timedelta

from pfinbox.domain.text.query import CHOICES, OPERATORS, parse
from pfinbox.errors import UsageError

# What is offered first: the operators that are typed most.
OFTEN = ("from", "to", "tag", "channel", "before", "after", "is")
_DATE_BEGUN = re.compile(r"[\d.-]*", re.ASCII)
_DATE = re.compile(r"\d{4}(-\d{1,2}(-\d{1,2})?)?|\d{1,2}\.\d{1,2}\.\d{4}", re.ASCII)


def settled(query: str) -> str:
    """``query`` without an operator at its end whose value is only begun: ``tag:``, ``is:un``."""
    before, piece = _last(query)
    name, colon, value = piece.lstrip("-").lower().partition(":")
    if colon and name in OPERATORS and _is_begun(name, value):
        return before.rstrip()
    return query


def mistake(query: str) -> str:
    """Why that is no query, "" where it is one."""
    try:
        parse(query)
    except UsageError as error:
        return str(error)
    return ""


def _is_begun(name: str, value: str) -> bool:
    if name in CHOICES:
        return value not in CHOICES[name] and any(c.startswith(value) for c in CHOICES[name])
    if name in ("before", "after"):
        return not _DATE.fullmatch(value) and bool(_DATE_BEGUN.fullmatch(value))
    return not value


def value_begun(query: str, names: Collection[str]) -> str:
    """The value at the end of ``query``, of one of the operators ``names``; "" behind another."""
    name, _colon, value = _last(query)[1].lstrip("-").lower().partition(":")
    return value.strip('"') if name in names else ""


def following(query: str, values: Mapping[str, Sequence[str]]) -> tuple[str, tuple[str, ...]]:
    """What of ``query`` stays, and what may stand behind it: operators, or values of the one begun.

    ``values``: by operator, what it may have besides the choices that it knows itself.
    """
    before, piece = _last(query)
    if query.count('"') % 2:
        return query, ()
    minus = "-" if piece.startswith("-") else ""
    name, colon, value = piece.removeprefix("-").lower().partition(":")
    if not colon:
        known = dict.fromkeys((*OFTEN, *OPERATORS))
        return before + minus, tuple(f"{one}:" for one in known if one.startswith(name))
    offered = (*CHOICES.get(name, ()), *values.get(name, ()))
    # A value with a blank would end there.
    words = (f'"{one}"' if " " in one else one for one in offered)
    typed = value.strip('"')
    found = (f"{name}:{one}" for one in words if _has_word(one.lower().strip('"'), typed))
    return before + minus, tuple(one for one in found if one != piece.removeprefix("-"))


def _has_word(text: str, begun: str) -> bool:
    """Whether a word of ``text`` begins so: people are looked for by their last names, too."""
    return text.startswith(begun) or f" {begun}" in text


def days(today: date) -> tuple[str, ...]:
    """Dates that are often meant: the days of the last week, the first of months and of years."""
    week = [today - timedelta(days=n) for n in (0, 1, 7)]
    month = today.replace(day=1)
    firsts = [month, (month - timedelta(days=1)).replace(day=1), today.replace(month=1, day=1)]
    return tuple(dict.fromkeys(one.isoformat() for one in (*week, *firsts)))


def _last(query: str) -> tuple[str, str]:
    """The piece at the end of ``query``, "" behind a blank, and what stands before it."""
    at = len(query) - len(query.rpartition(" ")[2])
    return query[:at], query[at:]
