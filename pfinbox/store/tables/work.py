"""Tasks, their comments and what hangs on them."""

from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    ColumnElement,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
    and_,
    literal_column,
)

from pfinbox.store.tables.base import BigInt, Json, Utc, flag, metadata, pk, ref

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
    ref("contact_id", "contact", null=True, index=True),
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
    Index(f"ix_task_{name}", *columns, task.c.id, sqlite_where=where, postgresql_where=where)


_index("activity", task.c.last_activity_at)
_index("open", task.c.last_activity_at, where=OPEN)
_index("done", task.c.last_activity_at, where=DONE)
_index("assignee", task.c.assignee_agent_id, task.c.last_activity_at, where=OPEN)
_index("direction", task.c.last_direction, task.c.last_activity_at, where=OPEN)
_index("account", task.c.account_id, task.c.last_activity_at, where=OPEN)
_index("waiting", task.c.waiting_since, where=task.c.waiting_since.is_not(None))
_index("snoozed", task.c.snoozed_until, where=task.c.snoozed_until.is_not(None))
_index("trash", task.c.deleted_at, where=task.c.deleted_at.is_not(None))
_index("spam", task.c.last_activity_at, where=and_(task.c.spam))
_index("notable", task.c.last_notable_id, where=NOTABLE)
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
Index(
    "uq_binding_current",
    binding.c.chat_id,
    unique=True,
    sqlite_where=binding.c.current.is_(True),
    postgresql_where=binding.c.current.is_(True),
)

participant = Table(
    "participant",
    metadata,
    pk(),
    ref("task_id", "task", index=True),
    ref("agent_id", "agent", null=True, index=True),
    ref("contact_id", "contact", null=True),
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

comment = Table(
    "comment",
    metadata,
    pk(),
    # Its origin: a merge does not touch it, reading goes through task.root_id.
    ref("task_id", "task"),
    Column("direction", String(8), nullable=False),  # incoming, outgoing
    ref("contact_id", "contact", null=True),  # the author, when a contact
    ref("agent_id", "agent", null=True),  # the author, when an agent
    Column("text", Text, nullable=False),
    # What is new in it, without quotes and signature, when the channel could tell.
    Column("new_text", Text),
    ref("quote_id", "comment", null=True),
    Column("quote_text", Text),
    # INTERNALDATE or the messenger's date, never later than storing.
    Column("created_at", Utc, nullable=False),
    # The sender's own claim (Date header), only shown.
    Column("claimed_at", Utc),
    Column("edited_at", Utc),
    Column("deleted_at", Utc),
    flag("internal"),
    flag("hidden"),
    flag("automatic"),
    flag("sent_elsewhere"),
    # Read from what was there before the account's first contact: nobody waits because of it.
    flag("imported"),
    Column("verified", Boolean),
    ref("account_id", "account", null=True),
    ref("chat_id", "chat", null=True, index=True),
    Column("source_id", Text),
    # Why it landed here: a reason's kind and arguments.
    Column("matched_by", Json),
    Column("warnings", Json),
    # Signs that people put at it: [{"value", "name", "signs": [...]}].
    Column("reactions", Json),
    # Recipients of the mail, for reply-all (R45): {"to": [...], "cc": [...]}.
    Column("recipients", Json),
    # Same decoded text and files (R12).
    Column("digest", String(64)),
    # Made by the composer: a double press stays one comment.
    Column("client_key", String(80), unique=True),
    # Waits in the store until then (R18); null once it went out or never waited.
    Column("due_at", Utc),
    flag("send_anyway"),
    # The last comment there was when a person chose another moment for what had been held (R18).
    Column("looked_at_id", BigInt),
    sqlite_autoincrement=True,
)
# A conversation in its order, without reading the texts.
Index("ix_comment_task", comment.c.task_id, comment.c.created_at, comment.c.id)
# What a contact said last (R8), newest first.
Index("ix_comment_contact", comment.c.contact_id, comment.c.created_at)
Index("ix_comment_source", comment.c.account_id, comment.c.source_id)
# Few, and left out wherever comments are looked through.
_deleted = comment.c.deleted_at.is_not(None)
Index("ix_comment_deleted", comment.c.id, sqlite_where=_deleted, postgresql_where=_deleted)

comment_edit = Table(
    "comment_edit",
    metadata,
    pk(),
    ref("comment_id", "comment", index=True),
    Column("text", Text, nullable=False),  # as it was before
    Column("at", Utc, nullable=False),
    sqlite_autoincrement=True,
)

# The notify set of a comment, as it was chosen (R13).
notify = Table(
    "notify",
    metadata,
    pk(),
    ref("comment_id", "comment", index=True),
    ref("agent_id", "agent", null=True),
    ref("contact_id", "contact", null=True, index=True),
    sqlite_autoincrement=True,
)

# The bytes of files, once for each content.
blob = Table(
    "blob",
    metadata,
    Column("sha256", String(64), primary_key=True),
    Column("size", BigInt, nullable=False),
    # Null where they stand in the raw bytes of a receipt, and how they are encoded there.
    Column("content", LargeBinary),
    ref("receipt_id", "receipt", null=True, index=True),
    Column("start", BigInt),
    Column("length", BigInt),
    Column("encoding", String(16)),
)

attachment = Table(
    "attachment",
    metadata,
    pk(),
    ref("comment_id", "comment", index=True),
    Column("name", Text, nullable=False),
    Column("media_type", Text, nullable=False),
    Column("size", BigInt, nullable=False),
    Column("sha256", String(64), ForeignKey("blob.sha256"), nullable=False),
    Column("content_id", Text),
    sqlite_autoincrement=True,
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

# Texts that agents send again and again; the company's, not one agent's.
canned = Table(
    "canned",
    metadata,
    pk(),
    Column("name", String(80), nullable=False, unique=True),
    Column("text", Text, nullable=False),
    Column("updated_at", Utc, nullable=False),
    sqlite_autoincrement=True,
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
