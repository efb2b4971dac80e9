"""What a command is, and where it applies. The table of them all is ``commands.table``.

A key is written as it is typed (``j``, ``#``, ``ctrl+s``); a sequence has blanks (``g t``);
alternatives are separated by blanks and a comma. The letter on the same key of a Russian keyboard
stands beside the Latin one, so that nobody has to switch layouts to move in a list.
"""

from collections.abc import Callable, Iterable

from pfinbox.i18n import _
from pfinbox.record import record

# Where a command applies: lists and panes, or also while a text is being written.
LIST, TASK, VIEWS, COMPOSER = "list", "task", "views", "composer"
PANES = (LIST, TASK, VIEWS)
# The client beside the conversation, where it is shown.
CLIENT = "client"
WORK = (LIST, TASK)
EVERYWHERE = (*PANES, COMPOSER)
# Screens over the panes, each with a list of its own.
OUTBOX, CARD, QUARANTINE, LINE, FILES = "outbox", "card", "quarantine", "line", "files"
DRAFTS = "drafts"
OVERLAYS = (OUTBOX, CARD, QUARANTINE, LINE, FILES, DRAFTS)
LISTS = (*PANES, CLIENT, *OVERLAYS)


@record
class Command:
    """One thing that an agent can do; ``argument`` names what the ``:`` line may add.

    ``by``: whose method of this name does it, a family of commands or a screen over the panes. It
    is looked up when the command is run: hardly any of them is needed for the first page.
    """

    name: str
    keys: tuple[str, ...]
    label: str
    help: str
    by: Callable[[], type[object]]
    where: tuple[str, ...] = PANES
    group: str = "moving"
    argument: str = ""
    # Shown in the bottom line where there is room; lower numbers stay longest.
    hint: int | None = None
    # Whether the conversation must be on the screen (R47); None: only where the task is not known.
    waits: bool | None = None


def groups() -> dict[str, str]:
    """The headings of the help screen and of README's table, in order."""
    return {
        "moving": _("Moving"),
        "working": _("Working on a task"),
        "comment": _("The selected comment"),
        "writing": _("Writing"),
        "outbox": _("In the outbox"),
        "quarantine": _("In the quarantine"),
        "drafts": _("In the drafts"),
        "card": _("A client's card"),
        "files": _("Files of a comment"),
        "views": _("Views"),
        "program": _("The program"),
    }


def first_groups(place: str) -> tuple[str, ...]:
    """Those that stand above the others where help is asked for in ``place``."""
    of_place = {
        LIST: ("working",),
        TASK: ("comment", "working"),
        COMPOSER: ("writing",),
        CLIENT: ("card",),
        LINE: ("card",),
    }
    return of_place.get(place, (place,))


def latin(keys: Iterable[str]) -> tuple[str, ...]:
    """The keys to print: the Russian twins would only double every line."""
    return tuple(key for key in keys if key.isascii())
