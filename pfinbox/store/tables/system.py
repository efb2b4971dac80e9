"""The store about itself: settings, revisions of topics, who is looking at what."""

from sqlalchemy import Column, ForeignKey, String, Table

from pfinbox.store.tables.base import BigInt, Json, Utc, metadata, pk, ref

# Names: store_id, mac_key, inbox (the daemon's [inbox] table), handed_over (a count), machine,
# sending_held (why and since when), look:ID (how agent ID wants the screen) ...
setting = Table(
    "setting",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("value", Json, nullable=False),
)

# Raised by every transaction that changes the topic.
revision = Table(
    "revision",
    metadata,
    Column("topic", String(16), primary_key=True),
    Column("n", BigInt, nullable=False),
)

# One row per running TUI.
presence = Table(
    "presence",
    metadata,
    pk(),
    Column("process", String(64), nullable=False, unique=True),
    Column("agent_id", BigInt, ForeignKey("agent.id"), nullable=False),
    ref("task_id", "task", null=True),
    Column("mode", String(16), nullable=False),  # viewing, answering, replying
    Column("seen_at", Utc, nullable=False),
    sqlite_autoincrement=True,
)
