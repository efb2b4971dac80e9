"""A query's words as each database's index is asked for them.

Nothing that was typed reaches the index's own language but words of letters and digits.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import ColumnElement, FromClause, and_, cast, func, literal, not_, or_, true

from pfinbox.domain.text.query import Term
from pfinbox.domain.text.words import AGENT_FROM, AGENT_TO, FROM, TO
from pfinbox.record import record
from pfinbox.store import tables as t
from pfinbox.store.tables.search import search_fts, vector

# The index lists the entries of a beginning so long by themselves; for a longer one it puts the
# lists of all its words together first, however many entries these have.
LISTED_PREFIX = 3


@record
class Phrase:
    """Words of the index that stand together."""

    words: tuple[str, ...]
    prefix: bool = False

    @property
    def is_of_people(self) -> bool:
        """Whether it says who wrote it, or to whom."""
        return self.words[0][0] in (FROM, TO, AGENT_FROM, AGENT_TO)

    @property
    def is_long_prefix(self) -> bool:
        return self.prefix and len(self.words[-1]) > LISTED_PREFIX

    def shortened(self) -> "Phrase":
        """A phrase that the index lists by itself and that stands wherever this one stands."""
        if not self.is_long_prefix:
            return self
        return replace(self, words=(*self.words[:-1], self.words[-1][:LISTED_PREFIX]))

    def fts5(self) -> str:
        return f'"{" ".join(self.words)}"{" *" if self.prefix else ""}'

    def tsquery(self) -> str:
        return " <-> ".join(f"'{word}'" for word in self.words) + (":*" if self.prefix else "")

    def stands(self) -> ColumnElement[bool]:
        """Whether it stands in an entry, found out from the entry's own text."""
        sought = f" {' '.join(self.words)}" + ("" if self.prefix else " ")
        return func.instr(literal(" ") + t.search_text.c.folded + literal(" "), sought) > 0


def phrases(term: Term, agents: Mapping[Term, Sequence[int]]) -> list[Phrase]:
    """Any of these will do. ``agents``: whom the names in from: and to: mean."""
    marks = {"text": ("",), "from": (FROM,), "to": (TO,), "address": ("", FROM, TO)}[term.where]
    found = [Phrase(tuple(mark + word for word in term.words), term.prefix) for mark in marks]
    mark = AGENT_TO if term.where == "to" else AGENT_FROM
    return found + [Phrase((f"{mark}{agent_id}",)) for agent_id in agents.get(term, ())]


@record
class Needles:
    """All of ``wanted`` must be found and none of ``unwanted``; each is a choice of phrases."""

    wanted: tuple[tuple[Phrase, ...], ...]
    unwanted: tuple[tuple[Phrase, ...], ...] = ()

    @property
    def is_long_prefix(self) -> bool:
        return any(phrase.is_long_prefix for choice in self.wanted for phrase in choice)

    def shortened(self) -> "Needles":
        """Needles that the index finds one by one, among them every entry with these."""
        wanted = tuple(tuple(phrase.shortened() for phrase in choice) for choice in self.wanted)
        return Needles(wanted, self.unwanted)

    def source(self, sqlite: bool) -> FromClause:
        """What to select from: ``search_text``, with the index where that is a table."""
        if sqlite and self.wanted:
            # The index first: it gives the hits newest first, one by one.
            return search_fts.join(t.search_text, t.search_text.c.id == search_fts.c.rowid)
        return t.search_text

    def key(self, sqlite: bool) -> ColumnElement[int]:
        """What sorts the hits."""
        return search_fts.c.rowid if sqlite and self.wanted else t.search_text.c.id

    def conditions(self, sqlite: bool) -> list[ColumnElement[bool]]:
        """For finding the entries by the index."""
        if not (self.wanted or self.unwanted):
            return []
        if not sqlite:
            people = self.of_people().wanted
            if not people or len(people) == len(self.wanted):
                return [_matches(self._tsquery())]
            # The index would list all that people of that name ever wrote, and words are rarer:
            # the entries that these find are asked.
            words = tuple(one for one in self.wanted if one not in people)
            return [
                # Asked in this order, and names are the quicker question.
                _matches(Needles(people)._tsquery()).is_(true()),
                _matches(replace(self, wanted=words)._tsquery()),
            ]
        if self.wanted:
            return [_found(self._fts5())]
        # FTS5 has no NOT without something before it.
        return self.stand(sqlite)

    def stand(self, sqlite: bool) -> list[ColumnElement[bool]]:
        """For asking a row of ``search_text`` that was found otherwise."""
        if not sqlite:
            return self.conditions(sqlite)
        wanted = [or_(*(phrase.stands() for phrase in choice)) for choice in self.wanted]
        unwanted = [phrase.stands() for choice in self.unwanted for phrase in choice]
        return [*wanted, *(not_(one) for one in unwanted)]

    def listed(self) -> ColumnElement[bool]:
        """For PostgreSQL: all of it at once, for its index to list."""
        return and_(_matches(self._tsquery()))

    def of_people(self) -> "Needles":
        """What of it asks who wrote, or to whom."""
        return Needles(tuple(one for one in self.wanted if all(p.is_of_people for p in one)))

    def _fts5(self) -> str:
        wanted = " AND ".join(_any_fts5([choice]) for choice in self.wanted)
        return f"({wanted}) NOT {_any_fts5(self.unwanted)}" if self.unwanted else wanted

    def _tsquery(self) -> str:
        wanted = [_any_tsquery(choice) for choice in self.wanted]
        return " & ".join([*wanted, *(f"!{_any_tsquery(choice)}" for choice in self.unwanted)])


def _any_fts5(choices: Sequence[Sequence[Phrase]]) -> str:
    return "(" + " OR ".join(phrase.fts5() for choice in choices for phrase in choice) + ")"


def _any_tsquery(choice: Sequence[Phrase]) -> str:
    return "(" + " | ".join(f"({phrase.tsquery()})" for phrase in choice) + ")"


def _found(expression: str) -> ColumnElement[bool]:
    return search_fts.c.search_fts.bool_op("MATCH")(expression)


def _matches(expression: str) -> Any:
    from sqlalchemy.dialects.postgresql import TSQUERY

    return vector.bool_op("@@")(cast(literal(expression), TSQUERY))
