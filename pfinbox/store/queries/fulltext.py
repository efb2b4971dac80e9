"""A query's words as each database's index is asked for them.

Nothing that was typed reaches the index's own language but words of letters and digits.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, FromClause, cast, literal, select
from sqlalchemy.dialects.postgresql import TSQUERY

from pfinbox.domain.query import Term
from pfinbox.domain.words import AGENT_FROM, AGENT_TO, FROM, TO
from pfinbox.store import tables as t
from pfinbox.store.tables.search import search_fts, vector


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words of the index that stand together."""

    words: tuple[str, ...]
    prefix: bool = False

    def fts5(self) -> str:
        return f'"{" ".join(self.words)}"{" *" if self.prefix else ""}'

    def tsquery(self) -> str:
        return " <-> ".join(f"'{word}'" for word in self.words) + (":*" if self.prefix else "")


def phrases(term: Term, agents: Mapping[Term, Sequence[int]]) -> list[Phrase]:
    """Any of these will do. ``agents``: whom the names in from: and to: mean."""
    marks = {"text": ("",), "from": (FROM,), "to": (TO,), "address": ("", FROM, TO)}[term.where]
    found = [Phrase(tuple(mark + word for word in term.words), term.prefix) for mark in marks]
    mark = AGENT_TO if term.where == "to" else AGENT_FROM
    return found + [Phrase((f"{mark}{agent_id}",)) for agent_id in agents.get(term, ())]


@dataclass(frozen=True, slots=True)
class Needles:
    """All of ``wanted`` must be found and none of ``unwanted``; each is a choice of phrases."""

    wanted: tuple[tuple[Phrase, ...], ...]
    unwanted: tuple[tuple[Phrase, ...], ...] = ()

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
        if not (self.wanted or self.unwanted):
            return []
        if not sqlite:
            return [_matches(self._tsquery())]
        if self.wanted:
            return [_found(self._fts5())]
        # FTS5 has no NOT without something before it.
        excluded = select(search_fts.c.rowid).where(_found(_any_fts5(self.unwanted)))
        return [t.search_text.c.id.not_in(excluded)]

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
    return vector.bool_op("@@")(cast(literal(expression), TSQUERY))
