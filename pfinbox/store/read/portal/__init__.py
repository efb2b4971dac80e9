"""What contacts read on their pages: past the rules as flat rows, never past their sight (R46)."""

from pfinbox.store.read.portal.conversations import (
    contact_comment,
    contact_conversation,
    contact_file,
    contact_marks,
)
from pfinbox.store.read.portal.tasks import contact_tasks

__all__ = [
    "contact_comment",
    "contact_conversation",
    "contact_file",
    "contact_marks",
    "contact_tasks",
]
