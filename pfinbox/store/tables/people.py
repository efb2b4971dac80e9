"""Agents, accounts, contacts, addresses and chats."""

from sqlalchemy import (
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
    func,
)

from pfinbox.store.tables.base import BigInt, Json, Utc, flag, metadata, partial_index, pk, ref

agent = Table(
    "agent",
    metadata,
    pk(),
    Column("login", String(64), nullable=False, unique=True),
    Column("name", Text, nullable=False),
    # What clients read in its place.
    Column("public_name", Text),
    Column("email", Text),
    flag("admin"),
    flag("active", True),
    Column("away_until", Utc),
    ref("deputy_id", "agent", null=True),
    # The highest comment id when the agent was added: older ones are not news (R41).
    Column("read_baseline", BigInt, nullable=False, default=0),
    Column("language", String(8)),
    Column("timezone", String(64)),
    flag("notify_by_mail"),
    # Answer addresses made before this moment prove nothing any more.
    Column("tokens_revoked_at", Utc),
    Column("created_at", Utc, nullable=False),
    sqlite_autoincrement=True,
)

# What an agent is called outside.
PUBLIC_NAME = func.coalesce(agent.c.public_name, agent.c.name)

# What clients see of an agent; known outside by its sha256.
agent_picture = Table(
    "agent_picture",
    metadata,
    Column("agent_id", BigInt, ForeignKey("agent.id"), primary_key=True),
    Column("sha256", String(64), nullable=False, index=True),
    Column("media_type", String(16), nullable=False),
    Column("content", LargeBinary, nullable=False),
)

account = Table(
    "account",
    metadata,
    pk(),
    Column("name", String(40), nullable=False, unique=True),
    Column("channel", String(40), nullable=False),
    Column("label", Text, nullable=False, default=""),  # the account's own address, for people
    # What stands for its channel where there is room for one cell, and what that is called.
    Column("sign", String(8), nullable=False, default=""),
    Column("channel_label", Text, nullable=False, default=""),
    # Every address of its own, aliases included.
    Column("addresses", Json, nullable=False, default=list),
    Column("role", String(16), nullable=False, default="shared"),
    ref("owner_id", "agent", null=True),
    # Agents whom the configuration names and who are not here yet: {"owner": ..., "agents": [...]}.
    # Until they are, the account is not served: nobody may see what is theirs.
    Column("awaits", Json),
    # false: the account is no longer in the daemon's config
    flag("configured", True),
    # 'true', 'false' or days such as '14d' (R6)
    Column("new_task_after_close", String(8), nullable=False),
    # What a program answers to a new task's first message; null: nothing (R10).
    Column("acknowledgement", Text),
    # Whether agents' answers by e-mail may go to contacts (R22).
    flag("contact_notices_by_mail", True),
    Column("capabilities", Integer, nullable=False, default=0),
    Column("limits", Json, nullable=False, default=dict),
    Column("state", String(16), nullable=False, default="new"),
    Column("detail", Json),
    # The same of sending alone: ok, retrying, failed.
    Column("send_state", String(16), nullable=False, default="ok"),
    Column("send_detail", Json),
    # What only the other side knows: its name there, the link that opens a chat (R30).
    Column("public_name", Text),
    Column("invite_link", Text),
    # How the keys of chats begin that somebody lends the account: {owner: prefix}.
    Column("lent", Json, nullable=False, default=dict),
    Column("cursor", Text),
    Column("last_received_at", Utc),
    Column("first_contact_at", Utc),
    # When what comes to it could be received last, give or take some minutes; kept where its
    # service keeps messages for a time only.
    Column("reached_at", Utc),
    # What is missing for good, and nobody has taken note of: {"reason", "since", "until"}.
    Column("gap", Json),
    ref("lease_id", "lease", null=True),
    Column("position", Integer, nullable=False, default=0),
    sqlite_autoincrement=True,
)

# Who may see and serve an account; no row for an account means: everybody.
account_agent = Table(
    "account_agent",
    metadata,
    Column("account_id", BigInt, ForeignKey("account.id"), primary_key=True),
    Column("agent_id", BigInt, ForeignKey("agent.id"), primary_key=True),
)

# Texts that the account's service has approved (TEMPLATES).
template = Table(
    "template",
    metadata,
    Column("account_id", BigInt, ForeignKey("account.id"), primary_key=True),
    Column("name", String(512), primary_key=True),
    Column("language", String(16), primary_key=True),
    Column("text", Text, nullable=False),
    Column("category", String(40), nullable=False, default=""),
    Column("header", String(16), nullable=False, default=""),
)

contact = Table(
    "contact",
    metadata,
    pk(),
    Column("name", Text, nullable=False),
    Column("company", Text),
    Column("notes", Text, nullable=False, default=""),
    flag("selectable"),
    flag("portal"),
    Column("contacts_see", String(16)),
    # What the contact chose on their own page.
    Column("language", String(8)),
    # A merge is a redirect: the edge for undoing, the resolved root for reading (R26, R33).
    ref("merged_into_id", "contact", null=True),
    Column("root_id", BigInt, nullable=False, index=True),
    # The account by which the person became known; null: a card made by hand, everybody's (R46).
    ref("account_id", "account", null=True),
    Column("created_at", Utc, nullable=False),
    sqlite_autoincrement=True,
)

# Colleagues (R37).
partial_index(
    "ix_contact_company",
    contact.c.company,
    where=contact.c.company.is_not(None),
)

address = Table(
    "address",
    metadata,
    pk(),
    # The card it was written on; read through contact.root_id.
    ref("contact_id", "contact", index=True),
    Column("channel", String(40), nullable=False),
    # The account where ids are per account, 0 where an address means the same everywhere.
    Column("scope", BigInt, nullable=False, default=0),
    Column("value", Text, nullable=False),
    Column("username", Text),
    flag("main"),
    Column("blocked_at", Utc),
    Column("bounced_at", Utc),
    # Set by imports only; the first card wins (R27).
    flag("duplicate"),
    sqlite_autoincrement=True,
)
partial_index(
    "uq_address_value",
    address.c.channel,
    address.c.scope,
    address.c.value,
    unique=True,
    where=address.c.duplicate.is_(False),
)
# Whose address it is, asked for each message that comes; duplicates are found, too.
Index("ix_address_value", address.c.value)

# What its service shows of a person beside the name; without content: nothing, when it was asked.
picture = Table(
    "picture",
    metadata,
    Column("address_id", BigInt, ForeignKey("address.id"), primary_key=True),
    # From then on the service is asked again, when the person writes.
    Column("good_until", Utc, nullable=False),
    Column("fetched_at", Utc),
    Column("media_type", String(16)),
    Column("size", Integer),
    Column("sha256", String(64)),
    Column("content", LargeBinary),
)

chat = Table(
    "chat",
    metadata,
    pk(),
    ref("account_id", "account"),
    Column("key", Text, nullable=False),
    ref("contact_id", "contact", index=True),
    # Where its contact wrote from last, and another address that they asked to be answered at.
    ref("address_id", "address", null=True),
    Column("answer_to", Text),
    # An e-mail address that its contact left there: nobody has proven it, so it is on no card.
    Column("left_address", Text),
    flag("writable", True),
    Column("state_reason", Json),
    Column("blocked_at", Utc),
    # E-mail subject of the thread; messengers have none.
    Column("subject", Text),
    # What the account said at once to whoever opened it, until a task shows that.
    Column("greeting", Text),
    # A side conversation (R45): what is said in it is no talk with the client.
    flag("outside"),
    Column("last_incoming_at", Utc),
    # When its contact was last seen to be writing there.
    Column("writing_at", Utc),
    # When pfinbox last sent an automatic reply there.
    Column("told_at", Utc),
    Column("created_at", Utc, nullable=False),
    UniqueConstraint("account_id", "key"),
    sqlite_autoincrement=True,
)
# Read with whoever is at which task, many times a minute.
partial_index("ix_chat_writing", chat.c.writing_at, where=chat.c.writing_at.is_not(None))
