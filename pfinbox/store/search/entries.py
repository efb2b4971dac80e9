"""What the search index holds of tasks and comments: one entry each, made of what is stored."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, Text, and_, bindparam, cast, func, literal, or_, select

from pfinbox.domain.text.subjects import without_signs
from pfinbox.domain.text.words import document
from pfinbox.store import tables as t
from pfinbox.store.uow import UnitOfWork

# Ids in one statement.
BATCH = 500
# A row of ``search_text``, and the tags of its task under "tags".
Entry = dict[str, Any]

_author = t.contact.alias("author")
_author_card = t.contact.alias("author_card")
_client = t.contact.alias("client")
_client_card = t.contact.alias("client_card")
_written = t.contact.alias("notified")
_card = t.contact.alias("notified_card")
_owner = t.contact.alias("owner")
_came_by, _went_by = t.chat.alias("came_by"), t.chat.alias("went_by")


def place(created_at: datetime, comment_id: int) -> int:
    """Where a comment stands among the hits: by the second, then by id.

    It is the index's own row number, so that newest first costs no sorting, however many hits.
    """
    seconds = min(max(int(created_at.timestamp()), 0), 2**32 - 1)
    return seconds << 31 | comment_id & 0x7FFFFFFF


def comment_of(key: int) -> int:
    """The comment whose place this is."""
    return key & 0x7FFFFFFF


async def of_tasks(uow: UnitOfWork, task_ids: Sequence[int]) -> list[Entry]:
    entries: list[Entry] = []
    for start in range(0, len(task_ids), BATCH):
        rows = await uow.connection.execute(_TASKS, {"ids": task_ids[start : start + BATCH]})
        entries += [_of_task(row.id, row.title, row.client_name, row.company) for row in rows]
    return entries


def _of_task(task_id: int, title: str, client: str | None, company: str | None) -> Entry:
    return {
        "id": -task_id,
        "task_id": task_id,
        "comment_id": None,
        "folded": document([without_signs(title), client or "", company or ""]),
    }


async def of_comments(uow: UnitOfWork, comment_ids: Sequence[int]) -> list[Entry]:
    rows = await uow.connection.execute(_COMMENTS, {"ids": comment_ids})
    return [_entry(row, None) for row in rows]


async def of_new(
    uow: UnitOfWork, task_ids: Collection[int], comment_ids: Sequence[int], words: Mapping[int, str]
) -> list[Entry]:
    """Entries of tasks and of their first comments: a comment's row names its task and client."""
    entries: list[Entry] = []
    missing = set(task_ids)
    for start in range(0, len(comment_ids), BATCH):
        some = comment_ids[start : start + BATCH]
        for row in await uow.connection.execute(_COMMENTS, {"ids": some}):
            entries.append(_entry(row, words.get(row.id)))
            if row.task_id in missing:
                missing.discard(row.task_id)
                entries.append(_of_task(row.task_id, row.title, row.client_name, row.company))
    return entries + await of_tasks(uow, sorted(missing))


def _comments() -> Select[Any]:
    """Everything that is indexed of these comments, in one statement: mail waits for it."""
    return (
        select(
            t.comment.c.id,
            t.comment.c.task_id,
            t.comment.c.text,
            t.comment.c.created_at,
            t.comment.c.recipients,
            t.comment.c.agent_id,
            t.task.c.title,
            t.agent.c.name.label("agent_name"),
            _author_card.c.name.label("author_name"),
            _client_card.c.name.label("client_name"),
            _client_card.c.company,
            _came_by.c.subject,
            _subjects_of_ours().label("subjects"),
            _tags().label("tags"),
            _files().label("files"),
            _addresses_of_author().label("author_addresses"),
            _notified_contacts().label("contacts"),
            _notified_agents().label("agents"),
        )
        .join(t.task, t.task.c.id == t.comment.c.task_id)
        .outerjoin(_came_by, _came_by.c.id == t.comment.c.chat_id)
        .outerjoin(t.agent, t.agent.c.id == t.comment.c.agent_id)
        .outerjoin(_author, _author.c.id == t.comment.c.contact_id)
        .outerjoin(_author_card, _author_card.c.id == _author.c.root_id)
        .outerjoin(_client, _client.c.id == t.task.c.contact_id)
        .outerjoin(_client_card, _client_card.c.id == _client.c.root_id)
        .where(t.comment.c.id.in_(bindparam("ids", expanding=True)))
    )


def _entry(row: Row[Any], words: str | None) -> Entry:
    lists = row.recipients or {}
    addressed = (lists.get("to", ()), lists.get("cc", ()), lists.get("names", {}).values())
    names = (without_signs(row.title), row.client_name or "", row.company or "")
    author = row.author_name or row.agent_name or ""
    # The contact knows the task by these, whatever agents call it.
    subjects = {without_signs(one) for one in (row.subject or "", *_lines(row.subjects))}
    return {
        "id": place(row.created_at, row.id),
        "task_id": row.task_id,
        "comment_id": row.id,
        "tags": _lines(row.tags),
        "folded": document(
            # The client's own name once is enough.
            [
                *names,
                *([author] if author not in names else []),
                *sorted(subjects.difference(names)),
                *_lines(row.files),
            ],
            row.text,
            ready=words,
            authors=[row.author_name or "", *_lines(row.author_addresses)],
            recipients=[*_lines(row.contacts), *(one for some in addressed for one in some)],
            author_agent=row.agent_id,
            recipient_agents=[int(one) for one in _lines(row.agents)],
        ),
    }


def _lines(joined: str | None) -> list[str]:
    return joined.split("\n") if joined else []


def _joined(value: Any) -> Any:
    return func.aggregate_strings(value, "\n")


def _address(of: Any = t.address) -> Any:
    return of.c.value + literal("\n") + func.coalesce(of.c.username, "")


def _known_here() -> Any:
    """Whether all who may see the task may know the address (R46).

    An id that counts on one account is its agents' affair, also when the card is everybody's.
    """
    few = select(t.account_agent.c.account_id)
    personal, awaits = t.account.c.role == "personal", t.account.c.awaits.is_not(None)
    alone = select(t.account.c.id).where(or_(personal, awaits))
    scope = t.address.c.scope
    return or_(
        scope == 0,
        scope == func.coalesce(t.task.c.account_id, 0),
        and_(scope.not_in(few), scope.not_in(alone)),
    )


def _subjects_of_ours() -> Any:
    """The subjects under which it went to contacts."""
    return (
        select(_joined(_went_by.c.subject))
        .select_from(t.delivery)
        .join(_went_by, _went_by.c.id == t.delivery.c.chat_id)
        .where(t.delivery.c.comment_id == t.comment.c.id)
        .correlate(t.comment)
        .scalar_subquery()
    )


def _tags() -> Any:
    return (
        select(_joined(t.tag.c.name))
        .where(t.tag.c.task_id == t.comment.c.task_id)
        .correlate(t.comment)
        .scalar_subquery()
    )


def _files() -> Any:
    return (
        select(_joined(t.attachment.c.name))
        .where(t.attachment.c.comment_id == t.comment.c.id)
        .correlate(t.comment)
        .scalar_subquery()
    )


def _addresses_of_author() -> Any:
    return (
        select(_joined(_address()))
        .join(_owner, _owner.c.id == t.address.c.contact_id)
        .where(_owner.c.root_id == _author.c.root_id, _known_here())
        .correlate(_author, t.task)
        .scalar_subquery()
    )


def _notified_contacts() -> Any:
    """Names and addresses of the contacts who got it."""
    return (
        select(_joined(_card.c.name + literal("\n") + func.coalesce(_address(), "")))
        .select_from(t.notify)
        .join(_written, _written.c.id == t.notify.c.contact_id)
        .join(_card, _card.c.id == _written.c.root_id)
        .join(_owner, _owner.c.root_id == _card.c.id)
        .outerjoin(t.address, and_(t.address.c.contact_id == _owner.c.id, _known_here()))
        .where(t.notify.c.comment_id == t.comment.c.id)
        .correlate(t.comment, t.task)
        .scalar_subquery()
    )


def _notified_agents() -> Any:
    return (
        select(_joined(cast(t.notify.c.agent_id, Text)))
        .where(t.notify.c.comment_id == t.comment.c.id, t.notify.c.agent_id.is_not(None))
        .correlate(t.comment)
        .scalar_subquery()
    )


_COMMENTS = _comments()
_TASKS = (
    select(
        t.task.c.id,
        t.task.c.title,
        _client_card.c.name.label("client_name"),
        _client_card.c.company,
    )
    .outerjoin(_client, _client.c.id == t.task.c.contact_id)
    .outerjoin(_client_card, _client_card.c.id == _client.c.root_id)
    .where(t.task.c.id.in_(bindparam("ids", expanding=True)))
)
