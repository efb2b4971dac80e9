"""Full-text search over comments: newest first, page by key, only what the agent may see."""

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Row, Select, func, select

from pfinbox.domain.actor import AgentActor
from pfinbox.domain.text.snippet import beginning, snippet
from pfinbox.errors import UsageError
from pfinbox.i18n import _
from pfinbox.record import record
from pfinbox.store import tables as t
from pfinbox.store.read import names
from pfinbox.store.read.ids import IDS
from pfinbox.store.read.visibility import viewer
from pfinbox.store.rows import Person
from pfinbox.store.search.filters import Wanted, wanted
from pfinbox.store.search.hits import hits
from pfinbox.store.uow import UnitOfWork

_root = t.task.alias("root")
_FILES = (
    select(func.aggregate_strings(t.attachment.c.name, ", "))
    .where(t.attachment.c.comment_id == t.comment.c.id)
    .correlate(t.comment)
    .scalar_subquery()
)


@record
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


@record
class SearchPage:
    """``after`` is the key to ask for the next page with, None at the end."""

    rows: tuple[SearchHit, ...]
    after: tuple[Any, ...] | None


async def search(
    uow: UnitOfWork,
    actor: AgentActor,
    query: str,
    *,
    after: tuple[Any, ...] | None = None,
    limit: int = 50,
) -> SearchPage:
    """The comments in which all of ``query`` (see domain.query) is found, newest first.

    The trash, spam and deleted comments are left out unless ``in:trash``, ``in:spam`` or
    ``in:all`` asks for them.
    """
    who = await viewer(uow, actor)
    sought = await wanted(uow, who, query)
    if not sought.query:
        raise UsageError(_("say what to look for"))
    # One more than asked for tells whether there is a next page.
    before = after[0] if after is not None else None
    found = await hits(uow, who, sought, before, limit + 1)
    page = found[:limit]
    ids = [comment_id for _key, comment_id in page]
    rows = {row.id: row for row in await uow.connection.execute(_rows(), {"ids": ids})}
    last = page[-1][0] if len(found) > limit else None
    return SearchPage(
        tuple(_hit(rows[comment_id], sought) for comment_id in ids),
        (last,) if last is not None else None,
    )


@cache
def _rows() -> Select[Any]:
    source = t.comment.join(t.task, t.task.c.id == t.comment.c.task_id)
    return (
        select(
            t.comment.c.id,
            t.comment.c.text,
            t.comment.c.new_text,
            t.comment.c.created_at,
            _FILES.label("files"),
            _root.c.id.label("root_id"),
            _root.c.title,
            *names.COLUMNS,
        )
        .select_from(
            names.join_person(source.join(_root, _root.c.id == t.task.c.root_id), t.comment)
        )
        .where(t.comment.c.id.in_(IDS))
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
        who=names.person_of(row),
        title=row.title,
    )


def _piece(texts: Sequence[str | None], phrases: list[tuple[tuple[str, ...], bool]]) -> str:
    """Of what is new in the mail if it stands there; else of all of it; else of a file's name."""
    there = [text for text in texts if text]
    for text in there:
        if found := snippet(text, phrases):
            return found
    return beginning(there[0]) if there else ""
