"""Contacts' own pages: links that were asked for, and sessions (R36, R40)."""

from sqlalchemy import Column, Index, Integer, String, Table, Text

from pfinbox.store.tables.base import BigInt, Json, Utc, metadata, partial_index, pk, ref

# A link to sign in by: asked for on the page, sent by an agent, or put into the mail of a task.
sign_in = Table(
    "sign_in",
    metadata,
    pk(),
    # Whatever was typed on the page, normalised: whose it is, the daemon finds out.
    Column("address", Text, nullable=False),
    # Who asked: an IPv4 address or an IPv6 network; empty where nobody did.
    Column("network", String(64), nullable=False, default=""),
    Column("language", String(8)),
    ref("contact_id", "contact", null=True, index=True),
    ref("agent_id", "agent", null=True),
    # The link shows this task alone.
    ref("task_id", "task", null=True, index=True),
    # The task whose page was asked for before the sign-in: the link leads there.
    Column("leads_to", BigInt),
    # due, sending, sent, failed, unknown, nobody, none
    Column("mailing", String(8), nullable=False),
    Column("attempts", Integer, nullable=False, default=0),
    Column("error", Json),
    # The mail's Message-ID: it may come back.
    Column("source_id", Text),
    Column("asked_at", Utc, nullable=False),
    Column("due_at", Utc, nullable=False),
    # Made when the mail leaves: nothing that could be used waits in the store.
    Column("token_hash", String(64), unique=True),
    Column("expires_at", Utc),
    Column("spent_at", Utc),
    sqlite_autoincrement=True,
)
Index("ix_sign_in_address", sign_in.c.address, sign_in.c.asked_at)
Index("ix_sign_in_network", sign_in.c.network, sign_in.c.asked_at)
Index("ix_sign_in_asked_at", sign_in.c.asked_at)
partial_index(
    "ix_sign_in_source",
    sign_in.c.source_id,
    where=sign_in.c.source_id.is_not(None),
)
partial_index(
    "ix_sign_in_due",
    sign_in.c.due_at,
    where=sign_in.c.mailing == "due",
)

portal_session = Table(
    "portal_session",
    metadata,
    pk(),
    Column("token_hash", String(64), nullable=False, unique=True),
    # The root card and all cards of the person when the session began; changed, and it has ended.
    ref("contact_id", "contact", index=True),
    Column("cards", Json, nullable=False),
    # By which it began; taken from the card or blocked, and it has ended.
    Column("address", Text, nullable=False),
    ref("task_id", "task", null=True, index=True),
    Column("created_at", Utc, nullable=False),
    Column("last_seen_at", Utc, nullable=False),
    Column("expires_at", Utc, nullable=False),
    Column("ended_at", Utc),
    sqlite_autoincrement=True,
)
