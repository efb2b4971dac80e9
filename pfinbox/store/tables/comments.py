"""Comments, and what is stored with each: earlier texts, the notify set, files."""

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    Table,
    Text,
    and_,
)

from pfinbox.store.tables.base import BigInt, Json, Utc, flag, metadata, partial_index, pk, ref

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
    # What its author chose besides the people, as a draft keeps it: it may be taken back.
    Column("choices", Json),
    # Made by the composer: a double press stays one comment.
    Column("client_key", String(80), unique=True),
    # Waits in the store until then (R18); null once it went out or never waited.
    Column("due_at", Utc),
    flag("send_anyway"),
    # The last comment there was when a person chose another moment for what had been held (R18).
    Column("looked_at_id", BigInt),
    sqlite_autoincrement=True,
)
# What no rule keeps from every contact (R38).
SHOWN = and_(comment.c.hidden.is_(False), comment.c.deleted_at.is_(None))

# A conversation in its order, without reading the texts.
Index("ix_comment_task", comment.c.task_id, comment.c.created_at, comment.c.id)
# What a contact said last (R8), newest first.
Index("ix_comment_contact", comment.c.contact_id, comment.c.created_at)
Index("ix_comment_source", comment.c.account_id, comment.c.source_id)
# Few, and left out wherever comments are looked through.
_deleted = comment.c.deleted_at.is_not(None)
partial_index("ix_comment_deleted", comment.c.id, where=_deleted)

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
    # Null where they stand in the raw bytes of a receipt, and how they are encoded there; empty
    # where every attachment that had them is removed.
    Column("content", LargeBinary),
    ref("receipt_id", "receipt", null=True, index=True),
    Column("start", BigInt),
    Column("length", BigInt),
    Column("encoding", String(16)),
    CheckConstraint("(content IS NULL) = (receipt_id IS NOT NULL)", name="ck_blob_place"),
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
    # Its bytes were older than they are kept; other comments may have the same ones still.
    Column("removed_at", Utc),
    sqlite_autoincrement=True,
)
