"""The names of the views, in the order in which they are shown."""

from pfinbox.i18n import _

# Groups in the views pane; tags and accounts follow as they come.
WORK = ("to_answer", "inbox", "mine", "unassigned")
LATER = ("waiting", "snoozed", "scheduled", "outbox", "drafts")
AWAY = ("done", "spam", "trash")
# How the key of a search begins that the agent keeps.
SEARCH = "search:"
# Where a search looks that is not about one view: everywhere but in the trash.
LIVING = "living"


def view_name(key: str) -> str:
    """What a view is called; a tag's or account's own name comes from the store."""
    if ":" in key:
        return key.partition(":")[2]
    return {
        "to_answer": _("To answer"),
        "inbox": _("Inbox"),
        "mine": _("Mine"),
        "unassigned": _("Unassigned"),
        "waiting": _("Waiting"),
        "snoozed": _("Snoozed"),
        "scheduled": _("Scheduled"),
        "outbox": _("Outbox"),
        "drafts": _("Drafts"),
        "done": _("Done"),
        "spam": _("Spam"),
        "trash": _("Trash"),
        LIVING: _("All tasks"),
    }.get(key, key)
