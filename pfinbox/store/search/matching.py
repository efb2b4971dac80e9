"""Finding typed words in columns, without regard to case, alike in both databases."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_


def words_of(query: str) -> list[str]:
    return query.split()


def contains(columns: Sequence[Any], word: str) -> ColumnElement[bool]:
    """``word`` stands somewhere in one of ``columns``; its % and _ mean themselves.

    SQLite's lower() knows ASCII only, so the usual spellings of other alphabets are tried.
    """
    spellings = {_ascii_lower(s) for s in (word, word.lower(), word.upper(), word.capitalize())}
    return or_(
        *(
            func.lower(column).contains(spelling, autoescape=True)
            for column in columns
            for spelling in sorted(spellings)
        )
    )


def all_words(columns: Sequence[Any], query: str) -> ColumnElement[bool]:
    """Every word of ``query`` stands in one of ``columns``."""
    return and_(*(contains(columns, word) for word in words_of(query)))


def _ascii_lower(text: str) -> str:
    return "".join(c.lower() if c.isascii() else c for c in text)
