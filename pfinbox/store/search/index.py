"""Keeping the search index in step: call these wherever what it holds is written or changed.

A row that goes takes its entry with it (the database sees to that); nothing else is automatic,
because folding is ours and no database's.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from operator import itemgetter
from typing import Any

from sqlalchemy import (
    BigInteger,
    Select,
    Text,
    bindparam,
    column,
    delete,
    insert,
    or_,
    select,
    table,
    text,
)

from pfinbox.store import tables as t
from pfinbox.store.search.entries import BATCH, Entry, of_comments, of_new, of_tasks
from pfinbox.store.uow import UnitOfWork


async def index_comment(uow: UnitOfWork, comment_id: int) -> None:
    """A comment is new, has another text, or belongs to another task.

    Its files and its notify set must be stored already.
    """
    await index_comments(uow, [comment_id])


async def index_comments(uow: UnitOfWork, comment_ids: Sequence[int]) -> None:
    """The same for many."""
    for start in range(0, len(comment_ids), BATCH):
        await _write(uow, await of_comments(uow, comment_ids[start : start + BATCH]))


async def index_new(
    uow: UnitOfWork,
    task_ids: Sequence[int],
    comment_ids: Sequence[int],
    words: Mapping[int, str],
    renamed: Sequence[int] = (),
) -> None:
    """The same for tasks and comments that have no entry yet.

    ``words``: those of the texts of some comments, where they are known. ``renamed``: tasks that
    have one, and another title or client now.
    """
    entries = await of_new(uow, task_ids, comment_ids, words)
    if renamed:
        others = await _of_tasks_with_comments(uow, renamed, comment_ids)
        await _write(uow, others, entries)
    else:
        tags = _tags_of(entries)
        await _add(uow, entries, entries)
        await uow.connection.execute_many(_TAG, tags)


async def index_task(uow: UnitOfWork, task_id: int) -> None:
    """A task is new, has another title or another client; its comments carry both."""
    await index_tasks(uow, [task_id])


async def index_tasks(uow: UnitOfWork, task_ids: Sequence[int]) -> None:
    """The same for many."""
    if task_ids:
        await _write(uow, await _of_tasks_with_comments(uow, task_ids))


async def _of_tasks_with_comments(
    uow: UnitOfWork, task_ids: Sequence[int], but: Collection[int] = ()
) -> list[Entry]:
    entries = await of_tasks(uow, task_ids)
    carrying = await uow.connection.scalars(_CARRYING, {"ids": task_ids})
    comment_ids = sorted(set(carrying).difference(but))
    for start in range(0, len(comment_ids), BATCH):
        entries += await of_comments(uow, comment_ids[start : start + BATCH])
    return entries


async def index_contact(uow: UnitOfWork, contact_id: int) -> None:
    """A card has another name, company or address, or was merged or taken apart."""
    cards = select(t.contact.c.id).where(
        or_(t.contact.c.root_id == contact_id, t.contact.c.id == contact_id)
    )
    tasks = select(t.task.c.id).where(t.task.c.contact_id.in_(cards))
    notified = select(t.notify.c.comment_id).where(t.notify.c.contact_id.in_(cards))
    concerned = select(t.comment.c.id).where(
        or_(
            t.comment.c.contact_id.in_(cards),
            t.comment.c.task_id.in_(tasks),
            t.comment.c.id.in_(notified),
        )
    )
    await _index_tasks(uow, list(await uow.connection.scalars(tasks)))
    await index_comments(uow, list(await uow.connection.scalars(concerned)))


async def index_tags(uow: UnitOfWork, task_ids: Select[tuple[int]]) -> None:
    """Tasks have other tags."""
    here = t.search_text.c.task_id.in_(task_ids), t.search_text.c.comment_id.is_not(None)
    entries = select(t.search_text.c.id).where(*here)
    await uow.connection.execute(delete(t.search_tag).where(t.search_tag.c.entry_id.in_(entries)))
    tags = (
        select(t.tag.c.name, t.search_text.c.id)
        .join(t.search_text, t.search_text.c.task_id == t.tag.c.task_id)
        .where(*here)
    )
    await uow.connection.execute(insert(t.search_tag).from_select(["name", "entry_id"], tags))


async def forget_comments(uow: UnitOfWork, comment_ids: Iterable[int]) -> None:
    """Their content is gone, though their rows stay (purged)."""
    await uow.connection.execute(
        delete(t.search_text).where(t.search_text.c.comment_id.in_(list(comment_ids)))
    )


async def forget_task(uow: UnitOfWork, task_id: int) -> None:
    """A task is purged: it and its comments are found no more."""
    await uow.connection.execute(delete(t.search_text).where(t.search_text.c.task_id == task_id))


async def scrub(uow: UnitOfWork) -> None:
    """Leave no word of what was removed: FTS5 only marks it until its segments are merged."""
    if uow.sqlite:
        await uow.connection.execute(text("insert into search_fts(search_fts) values ('optimize')"))


async def index_all(uow: UnitOfWork) -> None:
    """Make the whole index anew."""
    await uow.connection.execute(delete(t.search_text))
    living = select(t.task.c.id).where(t.task.c.purged_at.is_(None))
    await _index_tasks(uow, list(await uow.connection.scalars(living)))
    comments = select(t.comment.c.id).where(t.comment.c.task_id.in_(living))
    await index_comments(uow, list(await uow.connection.scalars(comments)))


async def _index_tasks(uow: UnitOfWork, task_ids: Sequence[int]) -> None:
    for start in range(0, len(task_ids), BATCH):
        await _write(uow, await of_tasks(uow, task_ids[start : start + BATCH]))


async def _write(uow: UnitOfWork, entries: list[Entry], new: Sequence[Entry] = ()) -> None:
    """Write entries, some of which may be there already, and ``new`` ones."""
    tags = _tags_of([*entries, *new])
    await uow.connection.execute(_UNTAG, {"ids": [one["id"] for one in entries]})
    await _write_words(uow, entries, new)
    await uow.connection.execute_many(_TAG, tags)


def _tags_of(entries: Iterable[Entry]) -> list[dict[str, Any]]:
    """Take the tags out of entries: rows of a table of their own."""
    return [
        {"name": name, "entry_id": one["id"]} for one in entries for name in one.pop("tags", ())
    ]


async def _write_words(uow: UnitOfWork, entries: list[Entry], new: Sequence[Entry]) -> None:
    if not uow.sqlite or not entries:
        await _add(uow, [*entries, *new], [])
        return
    ids = {"ids": [one["id"] for one in entries]}
    known = {row.id: row.folded for row in await uow.connection.execute(_KNOWN, ids)}
    # What is the same costs nothing.
    changed = [one for one in entries if known.get(one["id"]) != one["folded"]]
    before = [
        {"id": one["id"], "folded": known[one["id"]]} for one in changed if one["id"] in known
    ]
    before.sort(key=itemgetter("id"))
    await uow.connection.execute_many(_FORGET_WORDS, before)
    await uow.put(t.search_text, ("id",), [one for one in entries if one["id"] in known])
    missing = [one for one in entries if one["id"] not in known]
    await _add(uow, [*missing, *new], [*changed, *new])


async def _add(uow: UnitOfWork, entries: list[Entry], changed: list[Entry]) -> None:
    """Add entries; on SQLite also the words of those whose words changed, these included."""
    if not uow.sqlite:
        await uow.put(t.search_text, ("id",), entries)
        return
    # FTS5 gathers words in memory as long as their rows come in order, without a trigger.
    entries.sort(key=itemgetter("id"))
    changed.sort(key=itemgetter("id"))
    await uow.connection.execute_many(_ADD, entries)
    await uow.connection.execute_many(_ADD_WORDS, changed)


_CARRYING = select(t.comment.c.id).where(t.comment.c.task_id.in_(bindparam("ids", expanding=True)))
_KNOWN = select(t.search_text.c.id, t.search_text.c.folded).where(
    t.search_text.c.id.in_(bindparam("ids", expanding=True))
)
_TAG = insert(t.search_tag)
_UNTAG = delete(t.search_tag).where(t.search_tag.c.entry_id.in_(bindparam("ids", expanding=True)))
_ADD = insert(t.search_text)
_fts = table(
    "search_fts",
    column("rowid", BigInteger()),
    column("folded", Text()),
    column("search_fts", Text()),
)
_ADD_WORDS = insert(_fts).values(rowid=bindparam("id"), folded=bindparam("folded"))
# FTS5 keeps no text of its own: what is taken out is told (its command "delete").
_FORGET_WORDS = insert(_fts).values(
    search_fts="delete", rowid=bindparam("id"), folded=bindparam("folded")
)
