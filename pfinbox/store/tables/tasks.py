"""Tasks, who takes part in them, and what agents keep: marks, drafts, merges, searches, texts."""

from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    ColumnElement,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
    and_,
    literal_column,
)

from pfinbox.store.tables.base import BigInt, Json, Utc, flag, metadata, partial_index, pk, ref

# Copied from the daemon's config at its start; everyone reads it here.
status = Table(
    "status",
    metadata,
    Column("name", String(40), primary_key=True),
    Column("position", Integer, nullable=False),
    Column("active", Boolean, nullable=False),
)

task = Table(
    "task",
    metadata,
    pk(),
    Column("title", Text, nullable=False),
    Column("status", String(40), nullable=False),
    Column("active", Boolean, nullable=False),
    ref("contact_id", "contact", null=True),
    # The account whose rules it lives under; null for a task made by hand without one.
    ref("account_id", "account", null=True),
    ref("assignee_agent_id", "agent", null=True),
    ref("assignee_contact_id", "contact", null=True),
    # A merge is a redirect: the edge for undoing, the resolved root for reading (R32, R33).
    ref("merged_into_id", "task", null=True),
    Column("root_id", BigInt, nullable=False, index=True),
    ref("previous_task_id", "task", null=True),
    # own, last, all or an account's name (R16); set when the survivor of a merge had no channel too
    Column("reply_via", Text, nullable=False, default="own"),
    flag("spam"),
    # A personal account's task: its owner alone sees it until it is shared (R10).
    ref("private_to_id", "agent", null=True),
    Column("deleted_at", Utc),
    Column("purged_at", Utc),
    Column("snoozed_until", Utc),
    # Time of the oldest client message still to answer (R41).
    Column("waiting_since", Utc),
    # Highest client comment that is new for every agent of the account (R41).
    Column("last_notable_id", BigInt, nullable=False, default=0),
    Column("last_direction", String(8)),
    Column("last_line", Text, nullable=False, default=""),
    Column("closed_at", Utc),
    Column("created_at", Utc, nullable=False),
    Column("last_activity_at", Utc, nullable=False),
    sqlite_autoincrement=True,
)

# What the views list. A partial index serves a query only where its condition stands in the query
# in these very terms, so the views are made of them, too.
LIVING = and_(
    task.c.deleted_at.is_(None), task.c.merged_into_id.is_(None), task.c.purged_at.is_(None)
)
OPEN = and_(LIVING, task.c.active)
DONE = and_(LIVING, ~task.c.active)
NOTABLE = task.c.last_notable_id > literal_column("0")


def _index(name: str, *columns: Column[Any], where: ColumnElement[bool] | None = None) -> None:
    """An index for a view: its condition, and the order in which it is read."""
    partial_index(f"ix_task_{name}", *columns, task.c.id, where=where)


_index("activity", task.c.last_activity_at)
_index("contact", task.c.contact_id, task.c.active, task.c.last_activity_at)
_index("open", task.c.last_activity_at, where=OPEN)
_index("done", task.c.last_activity_at, where=DONE)
_index("assignee", task.c.assignee_agent_id, task.c.last_activity_at, where=OPEN)
# Most that were done were imported, and nobody's.
_index(
    "done_assignee",
    task.c.assignee_agent_id,
    task.c.last_activity_at,
    where=and_(DONE, task.c.assignee_agent_id.is_not(None)),
)
_index("direction", task.c.last_direction, task.c.last_activity_at, where=OPEN)
_index("account", task.c.account_id, task.c.last_activity_at, where=OPEN)
_index("waiting", task.c.waiting_since, where=task.c.waiting_since.is_not(None))
_index("snoozed", task.c.snoozed_until, where=task.c.snoozed_until.is_not(None))
_index("trash", task.c.deleted_at, where=task.c.deleted_at.is_not(None))
_index("spam", task.c.last_activity_at, where=and_(task.c.spam))
_index("merged", task.c.root_id, where=task.c.merged_into_id.is_not(None))
_index("notable", task.c.last_notable_id, where=NOTABLE)
# What a search asks for that few tasks may have.
_index("status", task.c.status)
_index("helper", task.c.assignee_contact_id, where=task.c.assignee_contact_id.is_not(None))

binding = Table(
    "binding",
    metadata,
    pk(),
    ref("task_id", "task", index=True),
    # The unique index serves no query that says "current = 1": to SQLite that is not "IS 1".
    ref("chat_id", "chat", index=True),
    # Takes the chat's messages now; the database keeps it to one (R4).
    Column("current", Boolean, nullable=False),
    # Only answers that were sent another way than the task's own went there (R16).
    flag("aside"),
    Column("created_at", Utc, nullable=False),
    UniqueConstraint("task_id", "chat_id"),
    sqlite_autoincrement=True,
)
partial_index(
    "uq_binding_current",
    binding.c.chat_id,
    unique=True,
    where=binding.c.current.is_(True),
)

participant = Table(
    "participant",
    metadata,
    pk(),
    ref("task_id", "task", index=True),
    ref("agent_id", "agent", null=True, index=True),
    ref("contact_id", "contact", null=True, index=True),
    # An agent added them; whoever came in by writing sees only what they got (R49).
    flag("let_in", True),
    sqlite_autoincrement=True,
)

tag = Table(
    "tag",
    metadata,
    Column("task_id", BigInt, ForeignKey("task.id"), primary_key=True),
    Column("name", String(64), primary_key=True),
    Index("ix_tag_name", "name", "task_id"),
)

# Only ever added; kind and arguments, never a sentence (R21).
activity = Table(
    "activity",
    metadata,
    pk(),
    ref("task_id", "task", index=True),
    Column("kind", String(40), nullable=False),
    Column("args", Json, nullable=False),
    Column("at", Utc, nullable=False),
    ref("agent_id", "agent", null=True),
    sqlite_autoincrement=True,
)

# A comment that is new for one agent (R41).
notice = Table(
    "notice",
    metadata,
    Column("agent_id", BigInt, ForeignKey("agent.id"), primary_key=True),
    Column("comment_id", BigInt, ForeignKey("comment.id"), primary_key=True),
    ref("task_id", "task", index=True),
)

read_mark = Table(
    "read_mark",
    metadata,
    Column("agent_id", BigInt, ForeignKey("agent.id"), primary_key=True),
    Column("task_id", BigInt, ForeignKey("task.id"), primary_key=True),
    Column("comment_id", BigInt, nullable=False),
)

draft = Table(
    "draft",
    metadata,
    pk(),
    ref("agent_id", "agent"),
    # 0: a new task
    Column("task_id", BigInt, nullable=False),
    Column("mode", String(16), nullable=False),  # reply, note
    Column("text", Text, nullable=False),
    # What the composer had chosen besides the text.
    Column("choices", Json, nullable=False, default=dict),
    Column("updated_at", Utc, nullable=False),
    UniqueConstraint("agent_id", "task_id", "mode"),
    sqlite_autoincrement=True,
)

# What was merged into what, well enough to undo it (R33).
merge = Table(
    "merge",
    metadata,
    pk(),
    Column("kind", String(8), nullable=False),  # task, contact
    Column("survivor_id", BigInt, nullable=False),
    Column("other_id", BigInt, nullable=False),
    Column("at", Utc, nullable=False),
    ref("agent_id", "agent", null=True),
    # What the merge changed on the survivor, for putting it back.
    Column("before", Json, nullable=False),
    Column("undone_at", Utc),
    sqlite_autoincrement=True,
)

# Texts that agents send again and again: the company's, or an agent's own.
canned = Table(
    "canned",
    metadata,
    pk(),
    # Whose own it is; null: everybody's.
    ref("agent_id", "agent", null=True),
    # With its folders: "Shipping/Late".
    Column("name", String(80), nullable=False),
    Column("text", Text, nullable=False),
    Column("updated_at", Utc, nullable=False),
    UniqueConstraint("agent_id", "name"),
    sqlite_autoincrement=True,
)
partial_index(
    "uq_canned_shared",
    canned.c.name,
    unique=True,
    where=canned.c.agent_id.is_(None),
)

# A search that an agent keeps as a view of their own.
saved_search = Table(
    "saved_search",
    metadata,
    pk(),
    ref("agent_id", "agent"),
    Column("name", String(80), nullable=False),
    # The view in which it looks.
    Column("view", String(300), nullable=False),
    Column("query", Text, nullable=False),
    UniqueConstraint("agent_id", "name"),
    sqlite_autoincrement=True,
)

# An invitation link that joins a chat to a task (R30).
invitation = Table(
    "invitation",
    metadata,
    Column("token_hash", String(64), primary_key=True),
    ref("task_id", "task", index=True),
    ref("account_id", "account"),
    ref("agent_id", "agent", null=True),  # who invited
    # The chat that joined by it; null where the task had no client to invite.
    ref("chat_id", "chat", null=True),
    Column("expires_at", Utc, nullable=False),
    Column("used_at", Utc),
)
