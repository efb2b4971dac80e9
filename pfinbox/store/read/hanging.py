"""What hangs on comments: edits, notify sets, files, deliveries, amendments.

Each takes one statement for all comments, and none where no comment has any.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, bindparam, exists, select

from pfinbox.domain.contract.reason import Reason
from pfinbox.record import record
from pfinbox.store import tables as t
from pfinbox.store.read.bytes_of import attachment_row
from pfinbox.store.read.ids import IDS, rows_of
from pfinbox.store.read.names import COLUMNS, join_person, person_of
from pfinbox.store.read.outbox import by_comment
from pfinbox.store.read.visibility import Viewer
from pfinbox.store.rows import AmendmentRow, AttachmentRow, DeliveryRow, Person
from pfinbox.store.uow import UnitOfWork

_TABLES = {
    "edits": t.comment_edit,
    "notified": t.notify,
    "files": t.attachment,
    "deliveries": t.delivery,
    "amendments": t.amendment,
}

_EDITS = (
    select(t.comment_edit).where(t.comment_edit.c.comment_id.in_(IDS)).order_by(t.comment_edit.c.id)
)
_AMENDMENTS = (
    select(t.amendment, t.account.c.name)
    .join(t.account, t.account.c.id == t.amendment.c.account_id)
    .where(
        t.amendment.c.comment_id.in_(IDS),
        t.amendment.c.state.in_(bindparam("states", expanding=True)),
    )
    .order_by(t.amendment.c.id)
)
_NOTIFIED = (
    select(t.notify.c.comment_id, *COLUMNS)
    .select_from(join_person(t.notify, t.notify))
    .where(t.notify.c.comment_id.in_(IDS))
    .order_by(t.notify.c.id)
)
_ATTACHMENTS = (
    select(t.attachment).where(t.attachment.c.comment_id.in_(IDS)).order_by(t.attachment.c.id)
)


@record
class Hanging:
    """What hangs on some comments, by the comment's id."""

    edits: dict[int, list[tuple[str, datetime]]]
    notified: dict[int, list[Person]]
    files: dict[int, list[AttachmentRow]]
    deliveries: dict[int, list[DeliveryRow]]
    amendments: dict[int, list[AmendmentRow]]


def has_hanging() -> list[ColumnElement[bool]]:
    """For the row of a comment: whether anything hangs on it, a column for each kind."""
    return [
        exists().where(table.c.comment_id == t.comment.c.id).label(f"has_{name}")
        for name, table in _TABLES.items()
    ]


async def load_hanging(uow: UnitOfWork, who: Viewer, rows: Sequence[Row[Any]]) -> Hanging:
    """What hangs on these comments; their rows have the columns of ``has_hanging``."""

    def having(name: str) -> list[int]:
        return [row.id for row in rows if row._mapping[f"has_{name}"]]

    return Hanging(
        edits=await _edits(uow, having("edits")),
        notified=await _notified(uow, having("notified")),
        files=await _attachments(uow, having("files")),
        deliveries=await by_comment(uow, who, having("deliveries")),
        amendments=await _amendments(uow, having("amendments")),
    )


async def _edits(uow: UnitOfWork, ids: list[int]) -> dict[int, list[tuple[str, datetime]]]:
    found: dict[int, list[tuple[str, datetime]]] = defaultdict(list)
    for row in await rows_of(uow, _EDITS, ids):
        found[row.comment_id].append((row.text, row.at))
    return found


async def _amendments(uow: UnitOfWork, ids: list[int]) -> dict[int, list[AmendmentRow]]:
    """The last amendment of each account; of several parts the one in the worst state."""
    worst = {"failed": 0, "pending": 1, "done": 2}
    rows = await rows_of(uow, _AMENDMENTS, ids, states=list(worst))
    last: dict[tuple[int, str], dict[int, Row[Any]]] = defaultdict(dict)
    for row in rows:
        last[row.comment_id, row.name][row.part_id] = row
    found: dict[int, list[AmendmentRow]] = defaultdict(list)
    for (comment_id, account), parts in last.items():
        row = min(parts.values(), key=lambda one: (worst[one.state], -one.id))
        error = Reason.from_json(row.error) if row.error else None
        found[comment_id].append(AmendmentRow(account, row.kind, row.state, error))
    return found


async def _notified(uow: UnitOfWork, ids: list[int]) -> dict[int, list[Person]]:
    found: dict[int, list[Person]] = defaultdict(list)
    for row in await rows_of(uow, _NOTIFIED, ids):
        person = person_of(row)
        if person is not None and person not in found[row.comment_id]:
            found[row.comment_id].append(person)
    return found


async def _attachments(uow: UnitOfWork, ids: list[int]) -> dict[int, list[AttachmentRow]]:
    found: dict[int, list[AttachmentRow]] = defaultdict(list)
    for row in await rows_of(uow, _ATTACHMENTS, ids):
        found[row.comment_id].append(attachment_row(row))
    return found
