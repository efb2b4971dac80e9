"""What came in and what goes out: receipts, known ids, deliveries and parts."""

from sqlalchemy import (
    Column,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from pfinbox.store.tables.base import (
    BigInt,
    Compressed,
    Json,
    Utc,
    flag,
    metadata,
    partial_index,
    pk,
    ref,
)

# Everything received, whatever became of it; written before comments.
receipt = Table(
    "receipt",
    metadata,
    pk(),
    ref("account_id", "account"),
    Column("key", Text, nullable=False),
    Column("received_at", Utc, nullable=False),
    Column("raw", Compressed, nullable=False),
    # Of the raw bytes: after a UIDVALIDITY change the same mail comes under another key.
    Column("sha256", String(64), nullable=False),
    Column("size", BigInt, nullable=False),
    # shown, duplicate, quarantined, ignored
    Column("state", String(16), nullable=False),
    Column("reason", Json),
    # The raw bytes were older than they are kept.
    Column("removed_at", Utc),
    # When somebody asked to read it again, and when that was last done.
    Column("reread_asked_at", Utc),
    Column("reread_at", Utc),
    ref("comment_id", "comment", null=True, index=True),
    UniqueConstraint("account_id", "key"),
    sqlite_autoincrement=True,
)
Index("ix_receipt_sha256", receipt.c.account_id, receipt.c.sha256)
# The daemon looks for these after every commit; there are hardly any.
partial_index(
    "ix_receipt_reread",
    receipt.c.account_id,
    where=receipt.c.reread_asked_at.is_not(None),
)

# Requests that the web door has kept and answered; each goes with its receipt's transaction.
kept_request = Table(
    "kept_request",
    metadata,
    pk(),
    ref("account_id", "account"),
    Column("key", Text, nullable=False),
    Column("received_at", Utc, nullable=False),
    Column("headers", Json, nullable=False),
    Column("body", Compressed, nullable=False),
    Column("size", BigInt, nullable=False),
    UniqueConstraint("account_id", "key"),
    sqlite_autoincrement=True,
)
Index("ix_kept_request_waiting", kept_request.c.account_id, kept_request.c.id)

# Every id by which a later message may name a chat: incoming, outgoing, foreign ancestors.
known_id = Table(
    "known_id",
    metadata,
    Column("account_id", BigInt, ForeignKey("account.id"), primary_key=True),
    Column("source_id", Text, primary_key=True),
    ref("chat_id", "chat", index=True),
)

# What imported comments answer and what is not here yet; the lower the rank, the more specific.
awaited = Table(
    "awaited",
    metadata,
    Column("account_id", BigInt, ForeignKey("account.id"), primary_key=True),
    Column("source_id", Text, primary_key=True),
    Column("comment_id", BigInt, ForeignKey("comment.id"), primary_key=True, index=True),
    Column("rank", Integer, nullable=False),
)

# Further source ids of a comment: the other pictures of an album, in both directions.
comment_alias = Table(
    "comment_alias",
    metadata,
    Column("account_id", BigInt, ForeignKey("account.id"), primary_key=True),
    Column("source_id", Text, primary_key=True),
    ref("comment_id", "comment", index=True),
    ref("part_id", "part", null=True, index=True),
)

# Keyed hashes of purged source ids: no sweep or restore brings the content back (R34).
purged_id = Table("purged_id", metadata, Column("hash", String(64), primary_key=True))

# One API call or one mail.
part = Table(
    "part",
    metadata,
    pk(),
    ref("comment_id", "comment", index=True),
    ref("account_id", "account"),
    ref("chat_id", "chat", null=True),
    Column("position", Integer, nullable=False),
    # pending, transmitting, sent, failed, unknown
    Column("state", String(16), nullable=False, default="pending"),
    Column("nonce", String(32), nullable=False, unique=True),
    Column("source_id", Text),
    # Frozen when the comment was saved: text, file ids, subject, references, quotation.
    Column("content", Json, nullable=False),
    Column("sent_at", Utc),
    sqlite_autoincrement=True,
)

Index("ix_part_source", part.c.account_id, part.c.source_id)

# One recipient's share of a comment.
delivery = Table(
    "delivery",
    metadata,
    pk(),
    ref("comment_id", "comment", index=True),
    ref("contact_id", "contact", null=True),
    ref("agent_id", "agent", null=True),
    ref("account_id", "account"),
    ref("chat_id", "chat", null=True),
    Column("address", Text, nullable=False),
    # scheduled, pending, sending, transmitting, sent, failed, unknown, withdrawn, held
    Column("state", String(16), nullable=False),
    Column("attempts", Integer, nullable=False, default=0),
    Column("error", Json),
    Column("due_at", Utc, nullable=False),
    # The first attempt since it was queued or retried: after a day of trying it fails.
    Column("first_tried_at", Utc),
    Column("sent_at", Utc),
    # What the other side told of it later on.
    Column("delivered_at", Utc),
    Column("seen_at", Utc),
    Column("dismissed_at", Utc),
    # The daemon that claimed it, and the epoch of its lease at that moment.
    ref("lease_id", "lease", null=True),
    Column("epoch", BigInt),
    # Where and by which account it follows by e-mail unless it is seen; null: it does not, or did.
    Column("later_address", Text),
    ref("later_account_id", "account", null=True),
    # The name of the approved text that it is; null: the comment's own words.
    Column("template", Text),
    # An attempt may have arrived: it was unknown, or is repeated where that is recognised.
    flag("doubted"),
    # In Cc of its mail (R45).
    flag("copy"),
    # A mail to an agent about the comment (news, told: R22); null: the comment, to a contact.
    Column("notice", String(8)),
    Column("position", Integer, nullable=False, default=0),
    sqlite_autoincrement=True,
)
Index("ix_delivery_due", delivery.c.state, delivery.c.due_at)
Index("ix_delivery_chat", delivery.c.chat_id, delivery.c.state)
# Few: they are looked through after every change of the outbox.
_later = delivery.c.later_address.is_not(None)
partial_index("ix_delivery_later", delivery.c.chat_id, where=_later)

# The deliveries of one mail to several share its part (R45).
delivery_part = Table(
    "delivery_part",
    metadata,
    Column("delivery_id", BigInt, ForeignKey("delivery.id"), primary_key=True),
    Column("part_id", BigInt, ForeignKey("part.id"), primary_key=True, index=True),
)

# A change of a part that the other side has already (R11): an edit, or taking it away.
amendment = Table(
    "amendment",
    metadata,
    pk(),
    ref("comment_id", "comment", index=True),
    ref("part_id", "part", index=True),
    ref("account_id", "account"),
    ref("agent_id", "agent", null=True),
    Column("kind", String(8), nullable=False),  # edit, delete
    # pending, done, failed, dropped
    Column("state", String(8), nullable=False),
    Column("text", Text, nullable=False, default=""),
    Column("attempts", Integer, nullable=False, default=0),
    Column("error", Json),
    Column("due_at", Utc, nullable=False),
    Column("created_at", Utc, nullable=False),
    Column("done_at", Utc),
    sqlite_autoincrement=True,
)
Index("ix_amendment_due", amendment.c.state, amendment.c.due_at)

# How far our side has read in a chat, where an account tells its service so.
chat_read = Table(
    "chat_read",
    metadata,
    Column("chat_id", BigInt, ForeignKey("chat.id"), primary_key=True),
    Column("comment_id", BigInt, ForeignKey("comment.id"), nullable=False),
    flag("told"),
)
partial_index("ix_chat_read_to_tell", chat_read.c.comment_id, where=chat_read.c.told.is_(False))

# One row per daemon; accounts point to the one that polls and sends for them.
lease = Table(
    "lease",
    metadata,
    pk(),
    # Random, of one process from its start to its end; host and pid are for people to read.
    Column("instance", String(32), nullable=False, unique=True),
    Column("host", Text, nullable=False),
    Column("pid", Integer, nullable=False),
    Column("epoch", BigInt, nullable=False),
    Column("started_at", Utc, nullable=False),
    # Daemons compare how often the heart has beaten, never when: their clocks may differ.
    Column("heartbeat", BigInt, nullable=False),
    Column("heartbeat_at", Utc, nullable=False),
    # After a clean end, or when another daemon has taken over.
    Column("released_at", Utc),
    # An attended daemon belongs to a TUI and ends with it.
    flag("attended"),
    sqlite_autoincrement=True,
)
# A daemon by the minute leaves as many rows; few of them live.
partial_index(
    "ix_lease_living",
    lease.c.heartbeat_at,
    where=lease.c.released_at.is_(None),
)
