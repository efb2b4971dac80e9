"""The read side: flat typed rows for screens and scripts, past the rules, in few statements.

What an agent may not see (R10) is not found. Merged tasks and cards answer to their old numbers.
"""

from pfinbox.store.queries.commentrows import comment
from pfinbox.store.queries.contact_line import contact_line
from pfinbox.store.queries.conversations import chats, conversation, participants
from pfinbox.store.queries.merged import cards_within, merged_into
from pfinbox.store.queries.originals import attachment, attachment_content, raw
from pfinbox.store.queries.outbox import deliveries, delivery, texts
from pfinbox.store.queries.people import agents, contact, contacts
from pfinbox.store.queries.picking import choices
from pfinbox.store.queries.presence import colleagues
from pfinbox.store.queries.searches import saved_search, saved_searches
from pfinbox.store.queries.standing import news
from pfinbox.store.queries.system import (
    accounts,
    daemon,
    full_disk,
    quarantine,
    quarantine_item,
    quarantine_raw,
    sending_held,
    setting,
    statuses,
    unserved,
)
from pfinbox.store.queries.tasklist import CAP, saved_counts, tasks, views
from pfinbox.store.queries.taskrows import task_row
from pfinbox.store.queries.taskviews import VIEWS
from pfinbox.store.queries.visibility import resolve_task

__all__ = [
    "CAP",
    "VIEWS",
    "accounts",
    "agents",
    "attachment",
    "attachment_content",
    "cards_within",
    "chats",
    "choices",
    "colleagues",
    "comment",
    "contact",
    "contact_line",
    "contacts",
    "conversation",
    "daemon",
    "deliveries",
    "delivery",
    "full_disk",
    "merged_into",
    "news",
    "participants",
    "quarantine",
    "quarantine_item",
    "quarantine_raw",
    "raw",
    "resolve_task",
    "saved_counts",
    "saved_search",
    "saved_searches",
    "sending_held",
    "setting",
    "statuses",
    "task_row",
    "tasks",
    "texts",
    "unserved",
    "views",
]
