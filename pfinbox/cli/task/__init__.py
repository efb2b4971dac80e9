"""``pfinbox task``: conversations with clients."""

from pfinbox.cli.shell.lazy import LazyGroup
from pfinbox.i18n import N_

task = LazyGroup(
    "task",
    help=N_("Conversations with clients."),
    lazy={
        "list": ("pfinbox.cli.task.reading:list_tasks", N_("List tasks, newest activity first")),
        "show": ("pfinbox.cli.task.reading:show", N_("Show a task with its comments")),
        "new": ("pfinbox.cli.task.changing:new", N_("Make a task by hand")),
        "comment": ("pfinbox.cli.task.commenting:comment", N_("Write to the client or colleagues")),
        "forward": (
            "pfinbox.cli.task.forwarding:forward",
            N_("Send comments to another address"),
        ),
        "set": ("pfinbox.cli.task.changing:set_task", N_("Change status, assignee, tags …")),
        "merge": ("pfinbox.cli.task.joining:merge", N_("Merge tasks into one")),
        "unmerge": ("pfinbox.cli.task.joining:unmerge", N_("Take a merged task out again")),
        "invite": ("pfinbox.cli.task.inviting:invite", N_("Make a link that joins a chat")),
        "move-comment": ("pfinbox.cli.task.joining:move_comment", N_("Put a comment elsewhere")),
        "edit-comment": ("pfinbox.cli.task.correcting:edit_comment", N_("Change a comment")),
        "delete-comment": ("pfinbox.cli.task.correcting:delete_comment", N_("Delete a comment")),
        "spam": ("pfinbox.cli.task.ending:spam", N_("Trash tasks and block their senders")),
        "unspam": ("pfinbox.cli.task.ending:unspam", N_("Undo spam")),
        "purge": ("pfinbox.cli.task.ending:purge", N_("Remove trashed tasks for good")),
        "delete": ("pfinbox.cli.task.changing:delete", N_("Move tasks to the trash")),
        "restore": ("pfinbox.cli.task.changing:restore", N_("Take tasks out of the trash")),
    },
)
