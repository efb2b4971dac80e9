"""``pfinbox task``: conversations with clients."""

from pfinbox.cli.lazy import LazyGroup
from pfinbox.i18n import _

task = LazyGroup(
    "task",
    help=_("Conversations with clients."),
    lazy={
        "list": ("pfinbox.cli.task.reading:list_tasks", _("List tasks, newest activity first")),
        "show": ("pfinbox.cli.task.reading:show", _("Show a task with its comments")),
        "new": ("pfinbox.cli.task.changing:new", _("Make a task by hand")),
        "comment": ("pfinbox.cli.task.commenting:comment", _("Write to the client or colleagues")),
        "forward": (
            "pfinbox.cli.task.forwarding:forward",
            _("Send comments to another address"),
        ),
        "set": ("pfinbox.cli.task.changing:set_task", _("Change status, assignee, tags …")),
        "merge": ("pfinbox.cli.task.joining:merge", _("Merge tasks into one")),
        "unmerge": ("pfinbox.cli.task.joining:unmerge", _("Take a merged task out again")),
        "invite": ("pfinbox.cli.task.inviting:invite", _("Make a link that joins a chat")),
        "move-comment": ("pfinbox.cli.task.joining:move_comment", _("Put a comment elsewhere")),
        "edit-comment": ("pfinbox.cli.task.correcting:edit_comment", _("Change a comment")),
        "delete-comment": ("pfinbox.cli.task.correcting:delete_comment", _("Delete a comment")),
        "spam": ("pfinbox.cli.task.ending:spam", _("Trash tasks and block their senders")),
        "unspam": ("pfinbox.cli.task.ending:unspam", _("Undo spam")),
        "purge": ("pfinbox.cli.task.ending:purge", _("Remove trashed tasks for good")),
        "delete": ("pfinbox.cli.task.changing:delete", _("Move tasks to the trash")),
        "restore": ("pfinbox.cli.task.changing:restore", _("Take tasks out of the trash")),
    },
)
