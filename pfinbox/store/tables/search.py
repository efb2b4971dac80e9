"""The search index: what is looked through, and each database's own way to find words in it.

``search_text`` is an ordinary table on both databases; the rest is made from it by the database
itself, so that a row that goes is never left in the index: on SQLite an FTS5 table with a trigger,
on PostgreSQL a generated tsvector. They are no part of the metadata. What is added or changed is
told to the FTS5 table by its only writer (store/search/index.py): a trigger would write a segment
of the index for each row.
"""

from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    ForeignKey,
    String,
    Table,
    Text,
    column,
    event,
)
from sqlalchemy import table as light_table

from pfinbox.store.tables.base import BigInt, metadata

# One row per comment, and one per task (without a comment) for its title and client.
search_text = Table(
    "search_text",
    metadata,
    # Sorts as the hits do, newest first (see place); below zero: a task's own row.
    Column("id", BigInt, primary_key=True, autoincrement=False),
    Column(
        "task_id", BigInt, ForeignKey("task.id", ondelete="CASCADE"), nullable=False, index=True
    ),
    Column("comment_id", BigInt, ForeignKey("comment.id", ondelete="CASCADE"), unique=True),
    # domain.words.document; last, as the columns before it are read without it.
    Column("folded", Text, nullable=False),
)

# The entries of comments in tasks with a tag, so that those of one tag are read newest first. A tag
# of another task that was merged with theirs is not among these.
search_tag = Table(
    "search_tag",
    metadata,
    Column("name", String(64), primary_key=True),
    Column(
        "entry_id",
        BigInt,
        ForeignKey("search_text.id", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
        index=True,
    ),
)

# SQLite's: SELECT only.
search_fts = light_table("search_fts", column("rowid", BigInteger()), column("search_fts", Text()))
# PostgreSQL's, in search_text.
vector: Any = column("vector", _selectable=search_text)

_SQLITE = (
    # The words come ready, so the simplest tokenizer is the right one: only blanks separate.
    "CREATE VIRTUAL TABLE search_fts USING fts5("
    "folded, content='search_text', content_rowid='id', tokenize='ascii', prefix='2 3')",
    # More segments a level: what is written is merged half as often, and a search hardly minds.
    "INSERT INTO search_fts(search_fts, rank) VALUES ('automerge', 8)",
    "CREATE TRIGGER search_text_delete AFTER DELETE ON search_text BEGIN"
    " INSERT INTO search_fts(search_fts, rowid, folded)"
    " VALUES ('delete', old.id, old.folded); END",
)
_POSTGRESQL = (
    # Its own parser has opinions about words (hosts, numbers with exponents); these come ready.
    "CREATE FUNCTION search_vector(folded text) RETURNS tsvector"
    " LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$"
    " SELECT coalesce(string_agg(quote_literal(word) || ':' || least(place, 16383), ' '), '')"
    "::pg_catalog.tsvector"
    " FROM unnest(string_to_array(folded, ' ')) WITH ORDINALITY AS w(word, place)"
    " WHERE word NOT IN ('', '·') $$",
    "ALTER TABLE search_text ADD COLUMN vector tsvector"
    " GENERATED ALWAYS AS (search_vector(folded)) STORED",
    "CREATE INDEX search_text_vector ON search_text USING gin (vector)",
    # So many words are counted that one which is not among them is known to be rare: else its hits
    # are looked for in all entries, the newest first.
    "ALTER TABLE search_text ALTER COLUMN vector SET STATISTICS 1000",
)


@event.listens_for(search_text, "after_create")
def make_index(_table: Table, connection: Connection, **_kw: Any) -> None:
    """Make the rest on the database where the table was made just now."""
    for statement in _SQLITE if connection.dialect.name == "sqlite" else _POSTGRESQL:
        connection.exec_driver_sql(statement)


def in_metadata(name: str | None, kind: str, _parents: object = None) -> bool:
    """Alembic's ``include_name``: leave out what the database made for the index."""
    if kind == "table":
        return name is None or not name.startswith("search_fts")
    return name not in ("vector", "search_text_vector")
