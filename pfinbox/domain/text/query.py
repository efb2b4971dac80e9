"""The language of the search field: words, prefixes, phrases, exclusions and operators.

``refund "order 17" invoi* -spam from:maria tag:vip after:2026-10-01 is:open``: all must hold.
"""

import difflib
import re
from dataclasses import replace
from datetime import date
from typing import Literal

from pfinbox.domain.text.cleaning import clean_line
from pfinbox.domain.text.subjects import without_signs
from pfinbox.domain.text.words import words
from pfinbox.errors import UsageError
from pfinbox.i18n import _
from pfinbox.record import record

OPERATORS = (
    "from", "to", "channel", "account", "tag", "status", "assignee",
    "before", "after", "has", "is", "in",
)  # fmt: skip
# Operators that know certain values only; in: leads to what is otherwise left out.
CHOICES = {
    "has": ("attachment",),
    "is": ("unread", "open", "closed", "mine", "snoozed", "failed"),
    "in": ("trash", "spam", "all"),
}
MAX_LENGTH = 1000
MAX_TERMS = 50

Where = Literal["text", "from", "to", "address"]


@record
class Term:
    """Words that stand together; with ``prefix`` the last one may go on.

    ``address``: an address was typed, which may stand in the text as well as on the cards.
    """

    words: tuple[str, ...]
    prefix: bool = False
    negated: bool = False
    where: Where = "text"


@record
class Condition:
    """An operator that does not look for words. Only ``before`` and ``after`` have a day."""

    name: str
    value: str
    negated: bool = False
    day: date | None = None


@record
class Query:
    """A parsed query; every term and condition must hold.

    ``number``: the query is a bare number, which may be a task's. ``hopeless``: something was
    typed that has no letter and no digit, so nothing is found.
    """

    terms: tuple[Term, ...] = ()
    conditions: tuple[Condition, ...] = ()
    # #128: in these tasks only.
    tasks: tuple[int, ...] = ()
    number: int | None = None
    hopeless: bool = False

    def __bool__(self) -> bool:
        return bool(self.terms or self.conditions or self.tasks or self.hopeless)

    def asks(self, name: str) -> bool:
        """Whether the operator stands in it, not negated."""
        return any(one.name == name and not one.negated for one in self.conditions)


_PIECE = re.compile(
    r"""(?P<minus>-?)
        (?:(?P<name>[^\W\d_]{2,}):)?
        (?:"(?P<quoted>[^"]*)"?(?P<star>\*?)|(?P<bare>[^\s"]+))""",
    re.VERBOSE,
)
_DAY = re.compile(r"(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?|(\d{1,2})\.(\d{1,2})\.(\d{4})", re.ASCII)
_NUMBER = re.compile(r"#?(\d{1,17})", re.ASCII)
_TASK = re.compile(r"#(\d{1,17})", re.ASCII)


def parse(text: str) -> Query:
    """What is looked for; UsageError for an operator, date or choice that does not exist."""
    if len(text) > MAX_LENGTH:
        raise UsageError(_("the query is too long"))
    terms: list[Term] = []
    conditions: list[Condition] = []
    tasks: list[int] = []
    last_bare = None
    for piece in _PIECE.finditer(text):
        name, value, minus = _read(piece)
        number = None if name or minus else _TASK.fullmatch(piece.group())
        if number is not None:
            tasks.append(int(number[1]))
        elif name and name not in ("from", "to"):
            conditions.append(_condition(name, value, minus))
        elif (term := _term(name, value, piece)) is not None:
            if term.where in ("text", "address") and piece["bare"] is not None and not minus:
                last_bare = len(terms)
            terms.append(term)
    if len(terms) + len(conditions) + len(tasks) > MAX_TERMS:
        raise UsageError(_("the query is too long"))
    if last_bare is not None:
        # It may be still being typed.
        terms[last_bare] = replace(terms[last_bare], prefix=True)
    only = _NUMBER.fullmatch(text.strip())
    return Query(
        tuple(terms),
        tuple(conditions),
        tuple(tasks),
        number=int(only[1]) if only else None,
        hopeless=not (terms or conditions or tasks) and bool(text.strip()),
    )


def _read(piece: re.Match[str]) -> tuple[str, str, bool]:
    """The operator's name or nothing, the value, and whether it is excluded."""
    name, bare, minus = (piece["name"] or "").lower(), piece["bare"], piece["minus"] == "-"
    if name in OPERATORS:
        value = bare if bare is not None else piece["quoted"]
        if not value.strip():
            raise _empty(name)
        return name, value, minus
    if name and (bare is None or not bare.startswith(("/", "\\"))):
        raise _unknown(name)
    if bare is None:
        return "", piece["quoted"], minus
    # What only looks like an operator: https://..., c:\...
    value = piece.group().removeprefix("-")
    if value.endswith(":") and value[:-1].lower() in OPERATORS:
        raise _empty(value[:-1].lower())
    return "", value, minus


def _term(name: str, value: str, piece: re.Match[str]) -> Term | None:
    # A subject may be typed as it stands in a mail; it is indexed without its signs.
    found = tuple(words(value if name else without_signs(value)))
    if not found and name:
        raise _empty(name)
    if not found:
        return None
    quoted, minus = piece["bare"] is None, piece["minus"] == "-"
    starred = piece["star"] == "*" if quoted else value.endswith("*")
    if name:
        # Names are seldom typed to their end.
        where: Where = "from" if name == "from" else "to"
        return Term(found, prefix=starred or not quoted, negated=minus, where=where)
    return Term(found, starred, minus, where="address" if "@" in value else "text")


def _condition(name: str, value: str, negated: bool) -> Condition:
    value = clean_line(value)
    if name in ("before", "after"):
        return Condition(name, value, negated, _day(name, value))
    if name in CHOICES:
        value = value.lower()
        if value not in CHOICES[name]:
            known = ", ".join(f"{name}:{choice}" for choice in CHOICES[name])
            words = _("{name}:{value} is not known; known: {known}")
            raise UsageError(words.format(name=name, value=value, known=known))
    return Condition(name, value, negated)


def _day(name: str, value: str) -> date:
    """2026-11-02, 2026-11 and 2026 (their first day), 2.11.2026."""
    if found := _DAY.fullmatch(value):
        year, month, day, dotted_day, dotted_month, dotted_year = found.groups()
        if dotted_year:
            year, month, day = dotted_year, dotted_month, dotted_day
        try:
            meant = date(int(year), int(month or 1), int(day or 1))
        except ValueError:
            meant = date.min
        # Beyond these a database or a time zone fails.
        if 1900 <= meant.year < 3000:
            return meant
    raise UsageError(
        _("{value} is no date; write {name}:2026-11-02").format(value=value, name=name)
    )


def _empty(name: str) -> UsageError:
    return UsageError(_("{name}: needs a value behind it, without a blank").format(name=name))


def _unknown(name: str) -> UsageError:
    near = difflib.get_close_matches(name, OPERATORS, n=1)
    if near:
        words = _(
            "there is no operator {name}:, did you mean {near}:? A text with a colon goes in quotes"
        )
        return UsageError(words.format(name=name, near=near[0]))
    words = _("there is no operator {name}:, known: {known}; a text with a colon goes in quotes")
    return UsageError(words.format(name=name, known=" ".join(f"{known}:" for known in OPERATORS)))
