"""Reading what a rule looks at: rows become the frozen snapshots of ``domain.model``.

Every function costs a constant number of statements, however many ids it gets.
"""

from pfinbox.store.snapshots.accounts import account_access, account_of, accounts, health, setting
from pfinbox.store.snapshots.people import agents, contact_root, contacts, people
from pfinbox.store.snapshots.tasks import root_of, task, task_of, task_of_chat, task_root

__all__ = [
    "account_access",
    "account_of",
    "accounts",
    "agents",
    "contact_root",
    "contacts",
    "health",
    "people",
    "root_of",
    "setting",
    "task",
    "task_of",
    "task_of_chat",
    "task_root",
]
