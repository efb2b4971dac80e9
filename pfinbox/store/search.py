"""Full-text search over comments: newest first, page by key, only what the agent may see."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, func, select

from pfinbox.domain.snippet import beginning, snippet
from pfinbox.errors import UsageError
from pfinbox.i18n import _
from pfinbox.store import tables as t
from pfinbox.store.queries import persons
from pfinbox.store.queries.visibility import Viewer, viewer
from pfinbox.store.queries.wanted import Wanted, wanted
from pfinbox.store.rows import Person
from pfinbox.store.uow import UnitOfWork

_root = t.task.alias("root")
_FILES = (
    select(func.aggregate_strings(t.attachment.c.name, ", "))
    .where(t.attachment.c.comment_id == t.comment.c.id)
    .correlate(t.comment)
    .scalar_subquery()
)


@dataclass(frozen=True, slots=True)
class SearchHit:
    """A comment that was found. ``task_id`` and ``title`` are those of its task's root."""

    task_id: int
    comment_id: int
    # One line of the text around what was found.
    snippet: str
    created_at: datetime
    # Its author; None for what was written elsewhere (R43).
    who: Person | None
    title: str


@dataclass(frozen=True, slots=True)
class SearchPage:
    """``after`` is the key to ask for the next page with, None at the end."""

    rows: tuple[SearchHit, ...]
    after: tuple[Any, ...] | None


async def search(
    uow: UnitOfWork,
    agent_id: int,
    query: str,
    *,
    after: tuple[Any, ...] | None = None,
    limit: int = 50,
) -> SearchPage:
    """The comments in which all of ``query`` (see domain.query) is found, newest first.

    The trash, spam and deleted comments are left out unless ``in:trash``, ``in:spam`` or
    ``in:all`` asks for them.
    """
    who = await viewer(uow, agent_id)
    sought = await wanted(uow, who, query)
    if not sought.query:
        raise UsageError(_("say what to look for"))
    key = sought.needles.key(uow.sqlite)
    statement = _hits(sought, who, uow.sqlite)
    if after is not None:
        statement = statement.where(key < after[0])
    # One more than asked for tells whether there is a next page.
    found = (await uow.connection.execute(statement.order_by(key.desc()).limit(limit + 1))).all()
    page = found[:limit]
    last = page[-1] if len(found) > limit else None
    return SearchPage(
        tuple(_hit(row, sought) for row in page), (last.key,) if last is not None else None
    )


def _hits(sought: Wanted, who: Viewer, sqlite: bool) -> Select[Any]:
    needles = sought.needles
    thrown_away = []
    if not sought.query.asks("in"):
        thrown_away = [_root.c.deleted_at.is_(None), ~_root.c.spam]
    source = (
        needles.source(sqlite)
        .join(t.comment, t.comment.c.id == t.search_text.c.comment_id)
        .join(t.task, t.task.c.id == t.comment.c.task_id)
        .join(_root, _root.c.id == t.task.c.root_id)
    )
    return (
        select(
            needles.key(sqlite).label("key"),
            t.comment.c.id,
            t.comment.c.text,
            t.comment.c.new_text,
            t.comment.c.created_at,
            _FILES.label("files"),
            _root.c.id.label("root_id"),
            _root.c.title,
            *persons.COLUMNS,
        )
        .select_from(persons.join_person(source, t.comment))
        .where(
            # Below zero are the tasks' own rows.
            needles.key(sqlite) > 0,
            *needles.conditions(sqlite),
            *sought.of_task(_root),
            *sought.of_comment(t.comment, t.task),
            _root.c.purged_at.is_(None),
            *thrown_away,
            who.sees(_root),
        )
    )


def _hit(row: Row[Any], sought: Wanted) -> SearchHit:
    phrases = [
        (term.words, term.prefix)
        for term in sought.query.terms
        if not term.negated and term.where in ("text", "address")
    ]
    return SearchHit(
        task_id=row.root_id,
        comment_id=row.id,
        snippet=_piece([row.new_text, row.text, row.files], phrases),
        created_at=row.created_at,
        who=persons.person_of(row),
        title=row.title,
    )


def _piece(texts: Sequence[str | None], phrases: list[tuple[tuple[str, ...], bool]]) -> str:
    """Of what is new in the mail if it stands there; else of all of it; else of a file's name."""
    there = [text for text in texts if text]
    for text in there:
        if found := snippet(text, phrases):
            return found
    return beginning(there[0]) if there else ""
