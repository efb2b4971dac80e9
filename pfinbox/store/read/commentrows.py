"""Comments of a task, as the agent who reads may see them."""

from collections.abc import Sequence
from dataclasses import replace
from functools import cache, lru_cache
from typing import Any

from sqlalchemy import BigInteger, Row, Select, and_, bindparam, exists, func, or_, select

from pfinbox.domain import naming
from pfinbox.domain.actor import AgentActor
from pfinbox.domain.contract.channel import Capability
from pfinbox.domain.contract.party import Party
from pfinbox.domain.contract.reason import Reason
from pfinbox.errors import NotFound
from pfinbox.i18n import _
from pfinbox.store import tables as t
from pfinbox.store.read.hanging import Hanging, has_hanging, load_hanging
from pfinbox.store.read.ids import BATCH, IDS
from pfinbox.store.read.names import COLUMNS, join_person, person_of
from pfinbox.store.read.visibility import Viewer, viewer, visible_among
from pfinbox.store.rows import CommentRow, Person
from pfinbox.store.uow import UnitOfWork

# A limit that no task reaches.
_ALL = 2**40


async def newest(
    uow: UnitOfWork, who: Viewer, root: int, limit: int | None
) -> tuple[tuple[CommentRow, ...], bool]:
    """The newest ``limit`` comments, oldest first, and whether older ones were left out."""
    most = limit + 1 if limit is not None else _ALL
    rows = (await uow.connection.execute(_newest(), {"root": root, "most": most})).all()
    more = limit is not None and len(rows) > limit
    return await complete(uow, who, rows[:limit][::-1]), more


@cache
def _newest() -> Select[Any]:
    origin, order = t.task.alias("origin"), (t.comment.c.created_at.desc(), t.comment.c.id.desc())
    # Chosen in the index alone: a long conversation is mostly left out.
    chosen = (
        select(t.comment.c.id)
        .join(origin, origin.c.id == t.comment.c.task_id)
        .where(origin.c.root_id == bindparam("root"))
        .order_by(*order)
        .limit(bindparam("most", type_=BigInteger))
    )
    return comments().where(t.comment.c.id.in_(chosen.correlate(None))).order_by(*order)


@cache
def comments() -> Select[Any]:
    """Comments with their authors, to be narrowed down."""
    source = join_person(t.comment.join(t.task, t.task.c.id == t.comment.c.task_id), t.comment)
    return select(
        t.comment,
        t.account.c.name.label("account_name"),
        t.account.c.channel,
        t.account.c.capabilities,
        _aside().label("aside"),
        _answered().label("answered_text"),
        *has_hanging(),
        *COLUMNS,
    ).select_from(source.outerjoin(t.account, t.account.c.id == t.comment.c.account_id))


def _aside() -> Any:
    """Whether the comment belongs to a side conversation (R45)."""
    came = exists().where(t.chat.c.id == t.comment.c.chat_id, t.chat.c.outside)
    went = exists().where(
        t.delivery.c.comment_id == t.comment.c.id,
        t.chat.c.id == t.delivery.c.chat_id,
        t.chat.c.outside,
    )
    others = exists().where(
        t.delivery.c.comment_id == t.comment.c.id,
        t.delivery.c.notice.is_(None),
        t.chat.c.id == t.delivery.c.chat_id,
        ~t.chat.c.outside,
    )
    return or_(came, and_(went, ~others))


def _answered() -> Any:
    """The words of the comment that is answered as a whole, where it stands in the same task."""
    quoted, own = t.comment.alias("quoted"), t.task.alias("quoted_in")
    return (
        select(func.coalesce(quoted.c.new_text, quoted.c.text))
        .join(own, own.c.id == quoted.c.task_id)
        .where(
            quoted.c.id == t.comment.c.quote_id,
            own.c.root_id == t.task.c.root_id,
            t.comment.c.quote_text.is_(None),
        )
        .correlate(t.comment, t.task)
        .scalar_subquery()
    )


async def comment(uow: UnitOfWork, actor: AgentActor, comment_id: int) -> CommentRow:
    """One comment; NotFound when its task is not this agent's to see."""
    who = await viewer(uow, actor)
    root = t.task.alias("root")
    statement = comments().join(root, root.c.id == t.task.c.root_id)
    statement = statement.where(
        t.comment.c.id == comment_id, root.c.purged_at.is_(None), who.sees(root)
    )
    rows = (await uow.connection.execute(statement)).all()
    if not rows:
        raise NotFound(_("there is no comment {id}").format(id=comment_id))
    return (await complete(uow, who, rows))[0]


async def complete(
    uow: UnitOfWork, who: Viewer, rows: Sequence[Row[Any]]
) -> tuple[CommentRow, ...]:
    done: list[CommentRow] = []
    for start in range(0, len(rows), BATCH):
        done += await _some(uow, who, rows[start : start + BATCH])
    return await _without_hidden_tasks(uow, who, await _without_hidden_quotes(uow, who, done))


async def _without_hidden_quotes(
    uow: UnitOfWork, who: Viewer, rows: Sequence[CommentRow]
) -> Sequence[CommentRow]:
    """What is quoted may stand in a task that the reader does not see, since an unmerge or a move.

    The words are a part of what was said here; the number leads there (R46).
    """
    here = {row.id for row in rows}
    quoted = {row.quote[0] for row in rows if row.quote is not None and row.quote[0] is not None}
    if not quoted - here:
        return rows
    visible = here | set(await uow.connection.scalars(_visible(who), {"ids": list(quoted)}))
    return [
        replace(row, quote=(None, row.quote[1]))
        if row.quote is not None and row.quote[0] not in visible
        else row
        for row in rows
    ]


@lru_cache
def _visible(who: Viewer) -> Select[tuple[int]]:
    root = t.task.alias("root")
    return (
        select(t.comment.c.id)
        .join(t.task, t.task.c.id == t.comment.c.task_id)
        .join(root, root.c.id == t.task.c.root_id)
        .where(t.comment.c.id.in_(IDS), who.sees(root))
    )


async def _without_hidden_tasks(
    uow: UnitOfWork, who: Viewer, rows: Sequence[CommentRow]
) -> tuple[CommentRow, ...]:
    """Why a comment is here may name a task that the reader may not see (R46)."""
    reasons = [
        reason
        for row in rows
        for reason in (*row.warnings, *((row.matched_by,) if row.matched_by else ()))
    ]
    named = set().union(*map(naming.tasks_of_reason, reasons))
    hidden = named - await visible_among(uow, who, named)
    if not hidden:
        return tuple(rows)

    def shown(row: CommentRow) -> CommentRow:
        why = row.matched_by
        if why is not None and naming.tasks_of_reason(why) & hidden:
            why = naming.without_tasks(why)
        kept = tuple(one for one in row.warnings if not naming.tasks_of_reason(one) & hidden)
        return replace(row, matched_by=why, warnings=kept)

    return tuple(shown(row) for row in rows)


async def _some(uow: UnitOfWork, who: Viewer, rows: Sequence[Row[Any]]) -> list[CommentRow]:
    hanging = await load_hanging(uow, who, rows)
    return [_row(row, hanging) for row in rows]


def _row(row: Row[Any], hanging: Hanging) -> CommentRow:
    # A comment sent elsewhere has no known author: the account stands for it.
    name = row.account_name if row.sent_elsewhere else ""
    unknown = Person("agent" if row.direction == "outgoing" else "contact", 0, name or "")
    if row.internal and (sender := ((row.matched_by or {}).get("args") or {}).get("from")):
        # Somebody's mail that was kept as a note: by its address, and no agent's.
        unknown = Person("contact", 0, sender)
    quoted = row.quote_id is not None or row.quote_text is not None
    words = row.quote_text if row.quote_text is not None else row.answered_text
    return CommentRow(
        id=row.id,
        direction=row.direction,
        author=person_of(row) or unknown,
        text=row.text,
        new_text=row.new_text,
        created_at=row.created_at,
        internal=row.internal,
        account=row.account_name,
        channel=row.channel,
        claimed_at=row.claimed_at,
        quote=(row.quote_id, words or "") if quoted else None,
        in_thread=row.quote_text is None and bool((row.capabilities or 0) & Capability.THREADS),
        edits=tuple(hanging.edits[row.id]),
        edited_at=row.edited_at,
        deleted_at=row.deleted_at,
        hidden=row.hidden,
        automatic=row.automatic,
        sent_elsewhere=row.sent_elsewhere,
        imported=row.imported,
        verified=row.verified,
        source_id=row.source_id,
        origin_task_id=row.task_id,
        matched_by=Reason.from_json(row.matched_by) if row.matched_by else None,
        warnings=tuple(Reason.from_json(one) for one in row.warnings or ()),
        notified=tuple(hanging.notified[row.id]),
        attachments=tuple(hanging.files[row.id]),
        deliveries=tuple(hanging.deliveries[row.id]),
        due_at=row.due_at,
        aside=row.aside,
        reactions=tuple((one["name"], tuple(one["signs"])) for one in row.reactions or ()),
        amendments=tuple(hanging.amendments[row.id]),
        mail_to=_listed(row.recipients, "to"),
        mail_cc=_listed(row.recipients, "cc"),
    )


def _listed(recipients: dict[str, Any] | None, field: str) -> tuple[Party, ...]:
    """Who stands in this field of a client's mail."""
    if recipients is None:
        return ()
    names = recipients.get("names", {})
    return tuple(Party(value, names.get(value, "")) for value in recipients.get(field, ()))
