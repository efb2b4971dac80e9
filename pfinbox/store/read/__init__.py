"""The read side: flat typed rows for screens and scripts, past the rules, in few statements.

What an agent may not see (R10) is not found. Merged tasks and cards answer to their old numbers.
"""

from pfinbox.store.read.bytes_of import attachment, attachment_content, raw
from pfinbox.store.read.commentrows import comment
from pfinbox.store.read.contact_line import chats_of_contact, contact_line, tasks_with
from pfinbox.store.read.conversations import chats, conversation, merged_into, participants
from pfinbox.store.read.lists.drafts import draft_count, drafts
from pfinbox.store.read.lists.pages import CAP, saved_counts, tasks, views
from pfinbox.store.read.lists.saved import saved_search, saved_searches
from pfinbox.store.read.lists.taskrows import task_row
from pfinbox.store.read.lists.taskviews import VIEWS
from pfinbox.store.read.lists.unread import news
from pfinbox.store.read.outbox import deliveries, delivery, texts
from pfinbox.store.read.people import agents, cards_within, contact, contacts, picture
from pfinbox.store.read.picker import choices, details, team
from pfinbox.store.read.presence import colleagues
from pfinbox.store.read.system import (
    accounts,
    canned,
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
from pfinbox.store.read.visibility import resolve_task
from pfinbox.store.read.vocabulary import vocabulary

__all__ = [
    "CAP",
    "VIEWS",
    "accounts",
    "agents",
    "attachment",
    "attachment_content",
    "canned",
    "cards_within",
    "chats",
    "chats_of_contact",
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
    "details",
    "draft_count",
    "drafts",
    "full_disk",
    "merged_into",
    "news",
    "participants",
    "picture",
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
    "tasks_with",
    "team",
    "texts",
    "unserved",
    "views",
    "vocabulary",
]
