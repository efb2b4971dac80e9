"""The one command table: bindings, footer, palette, ``:`` line, help and README come from it.

A key is written as it is typed (``j``, ``#``, ``ctrl+s``); a sequence has blanks (``g t``);
alternatives are separated by blanks and a comma. The letter on the same key of a Russian keyboard
stands beside the Latin one, so that nobody has to switch layouts to move in a list.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from pfinbox.i18n import _

# Where a command applies: lists and panes, or also while a text is being written.
LIST, TASK, VIEWS, COMPOSER = "list", "task", "views", "composer"
PANES = (LIST, TASK, VIEWS)
WORK = (LIST, TASK)
EVERYWHERE = (*PANES, COMPOSER)
# Screens over the panes, each with a list of its own.
OUTBOX, CARD, QUARANTINE, LINE, FILES = "outbox", "card", "quarantine", "line", "files"
OVERLAYS = (OUTBOX, CARD, QUARANTINE, LINE, FILES)
LISTS = (*PANES, *OVERLAYS)


@dataclass(frozen=True, slots=True)
class Command:
    """One thing that an agent can do; ``argument`` names what the ``:`` line may add."""

    name: str
    keys: tuple[str, ...]
    label: str
    help: str
    where: tuple[str, ...] = PANES
    group: str = "moving"
    argument: str = ""
    # Shown in the bottom line where there is room; lower numbers stay longest.
    hint: int | None = None


def commands() -> tuple[Command, ...]:
    """The table, in the reader's language."""
    on_tasks = (*_moving(), *_working(), *_commenting(), *_writing())
    on_overlays = (*_outbox(), *_quarantine(), *_card(), *_files())
    return (*on_tasks, *on_overlays, *_views(), *_program())


def _moving() -> Iterable[Command]:
    yield Command("down", ("j", "о", "down"), _("down"), _("Next line"), LISTS)
    yield Command("up", ("k", "л", "up"), _("up"), _("Previous line"), LISTS)
    yield Command("top", ("g g", "п п", "home"), _("top"), _("First line"), LISTS)
    yield Command("bottom", ("G", "П", "end"), _("bottom"), _("Last line"), LISTS)
    yield Command("page_down", ("space", "pagedown", "ctrl+d"), _("page"), _("A page down"), LISTS)
    yield Command("page_up", ("pageup", "ctrl+u"), _("page back"), _("A page up"), LISTS)
    yield Command("open", ("enter",), _("open"), _("Open the task or view"), LISTS, hint=1)
    yield Command(
        "back", ("escape",), _("back"), _("Go back one step"), (*EVERYWHERE, *OVERLAYS), hint=11
    )
    yield Command("next_pane", ("tab",), _("pane"), _("Go to the next pane"))
    yield Command("previous_pane", ("shift+tab",), _("pane"), _("Go to the pane before"))
    yield Command(
        "next_comment", ("J", "О", "ctrl+n"), _("comment"), _("Select the next comment"), WORK
    )
    yield Command(
        "previous_comment", ("K", "Л"), _("comment"), _("Select the comment before"), WORK
    )
    yield Command("next_unread", ("]", "ъ"), _("unread"), _("Go to the next unread task"), WORK)
    yield Command(
        "previous_unread", ("[", "х"), _("unread"), _("Go to the unread task before"), WORK
    )
    yield Command(
        "previous_task",
        ("p", "з"),
        _("earlier"),
        _("Open the client's conversation before this one"),
        WORK,
    )
    yield Command(
        "unfold",
        ("o", "щ"),
        _("unfold"),
        _("Show or fold quoted text and long texts"),
        (*WORK, LINE),
    )


def _commenting() -> Iterable[Command]:
    def command(name: str, keys: tuple[str, ...], label: str, text: str) -> Command:
        return Command(name, keys, label, text, WORK, "comment")

    yield command("why", ("w", "ц"), _("why here"), _("Why this message is in this task"))
    yield command("quote", ("q", "й"), _("quote"), _("Answer and quote the comment"))
    yield command("links", ("u", "г"), _("links"), _("Copy a link of the comment"))
    yield command(
        "edit_comment", ("ctrl+e",), _("edit"), _("Edit your comment, also at the client's")
    )
    yield command(
        "delete_comment", ("D", "В"), _("delete"), _("Delete your comment, also at the client's")
    )
    yield command(
        "hide_comment", ("H", "Р"), _("hide"), _("Hide it from clients' pages, or show it again")
    )
    yield command(
        "move_comment", ("m", "ь"), _("move"), _("Put the selected comment into another task")
    )


def _working() -> Iterable[Command]:
    def command(
        name: str,
        keys: tuple[str, ...],
        label: str,
        text: str,
        argument: str = "",
        hint: int | None = None,
    ) -> Command:
        return Command(name, keys, label, text, WORK, "working", argument, hint)

    yield command("assign", ("a", "ф"), _("assign"), _("Assign to an agent"), _("agent"), 4)
    yield command("mine", ("i", "ш"), _("mine"), _("Assign to me"), "", 8)
    yield command("close", ("e", "у"), _("close"), _("Close the task"), "", 5)
    yield command("close_next", ("E", "У"), _("close, next"), _("Close and go to the next task"))
    yield command("status", ("s", "ы"), _("status"), _("Choose a status"), _("status"))
    yield command(
        "snooze", ("b", "и"), _("snooze"), _("Hide until later, or until the client writes"), "", 6
    )
    yield command("undo", ("z", "я"), _("undo"), _("Take back what was done last"), "", 7)
    yield command("tags", ("t", "е"), _("tags"), _("Change the tags"), _("tags"), 9)
    yield command("read", ("I", "Ш"), _("read"), _("Mark as read"))
    yield command("unread", ("U", "Г"), _("unread"), _("Mark as unread, for me only"))
    yield Command("mark", ("x", "ч"), _("mark"), _("Mark for the next command"), (LIST,), "working")
    yield Command(
        "mark_range", ("v", "м"), _("mark to here"),
        _("Mark all between the last mark and here"), (LIST,), "working",
    )  # fmt: skip
    yield Command("mark_all", ("*",), _("mark all"), _("Mark all in the list"), (LIST,), "working")
    yield command("trash", ("#", "№"), _("trash"), _("Move to the trash, or out of it"))
    yield command("spam", ("!",), _("spam"), _("Spam: trash it and block the sender, or back"))
    yield command("merge", ("M", "Ь"), _("merge"), _("Merge into another task"), _("task"))
    yield command("unmerge", ("W", "Ц"), _("unmerge"), _("Take a merged task out again"))
    yield command("as_client", ("V", "М"), _("as client"), _("See the task as a contact sees it"))
    yield command(
        "same_person", ("=",), _("one card"),
        _("Make the invited card one with the client's"),
    )  # fmt: skip
    yield command(
        "invite", (), _("invite"), _("Invite the client by another channel"), _("account")
    )
    yield Command(
        "retry", ("R", "К"), _("retry"), _("Send a failed delivery again"),
        (*WORK, OUTBOX), "working",
    )  # fmt: skip
    yield Command(
        "dismiss", ("X", "Ч"), _("dismiss"), _("Leave a failed delivery as it is"),
        (*WORK, OUTBOX), "working",
    )  # fmt: skip


def _writing() -> Iterable[Command]:
    def command(
        name: str,
        keys: tuple[str, ...],
        label: str,
        text: str,
        argument: str = "",
        hint: int | None = None,
    ) -> Command:
        return Command(name, keys, label, text, (COMPOSER,), "writing", argument, hint)

    yield Command(
        "reply", ("r", "к"), _("reply"),
        _("Answer the client, the comment, or all marked tasks"),
        WORK, "writing", hint=2,
    )  # fmt: skip
    yield Command(
        "reply_all", ("A", "Ф"), _("reply all"), _("Answer everyone whom the mail went to"),
        WORK, "writing",
    )  # fmt: skip
    yield Command(
        "forward", ("f", "а"), _("forward"), _("Pass the comment on to somebody outside"),
        WORK, "writing", _("address"),
    )  # fmt: skip
    yield Command(
        "new", ("c", "с"), _("new"), _("Begin a conversation with a contact or an address"),
        PANES, "writing", _("address"),
    )  # fmt: skip
    yield Command(
        "note", ("n", "т"), _("note"), _("Write a note that nobody outside sees"),
        WORK, "writing", hint=3,
    )  # fmt: skip
    yield command("send", ("ctrl+s", "ctrl+enter"), _("send"), _("Send what is written"), "", 1)
    yield command("recipients", ("ctrl+t", "tab"), _("to whom"), _("Choose who gets it"), "", 2)
    yield command("send_later", ("ctrl+l",), _("when"), _("Choose when it goes out"), "", 5)
    yield command("attach", ("ctrl+f",), _("attach"), _("Attach a file"), _("path"), 3)
    yield command("canned", ("ctrl+r",), _("canned"), _("Put in a canned reply"), "", 4)
    yield command("canned_edit", ("ctrl+e",), _("edit canned"), _("Make or change a canned reply"))
    yield command("editor", ("ctrl+g",), _("editor"), _("Write on in your own editor ($EDITOR)"))
    yield command("quoting", ("ctrl+o",), _("quote"), _("Leave out the quotation, or put it in"))
    yield command("go_on", ("ctrl+n",), _("newer"), _("Go on in the chat's open task"))
    yield command("detach", (), _("detach"), _("Remove the file attached last"))
    yield command("new_line", ("ctrl+j",), _("line"), _("Begin a new line"))


def _outbox() -> Iterable[Command]:
    def command(name: str, keys: tuple[str, ...], label: str, text: str) -> Command:
        return Command(name, keys, label, text, (OUTBOX,), "outbox")

    yield command("retry_all", ("A", "Ф"), _("retry all"), _("Send all that failed again"))
    yield command("send_now", ("s", "ы"), _("send now"), _("Do not wait for its moment"))
    yield command("reschedule", ("b", "и"), _("later"), _("Send it at another moment"))
    yield command("reroute", ("v", "м"), _("by"), _("Send it by another way"))
    yield command(
        "withdraw", ("w", "ц"), _("withdraw"), _("Do not send it; it comes back as a draft")
    )
    yield command("edit_waiting", ("e", "у"), _("edit"), _("Change the text before it leaves"))
    yield command("mark_sent", ("d", "в"), _("arrived"), _("I know that it arrived"))
    yield command("release", ("S", "Ы"), _("send again"), _("Send again after a restore or a move"))


def _quarantine() -> Iterable[Command]:
    def command(name: str, keys: tuple[str, ...], label: str, text: str) -> Command:
        return Command(name, keys, label, text, (QUARANTINE,), "quarantine")

    yield command("reread", ("R", "К"), _("read again"), _("Let the daemon read it again"))
    yield command("reread_all", ("A", "Ф"), _("all again"), _("Let the daemon read all again"))


def _card() -> Iterable[Command]:
    def command(name: str, keys: tuple[str, ...], label: str, text: str) -> Command:
        return Command(name, keys, label, text, (CARD,), "card")

    yield Command(
        "card", ("C", "С"), _("card"), _("Open the client's card"), WORK, "card"
    )  # fmt: skip
    yield Command(
        "line", ("L", "Д"), _("all of it"), _("Everything with this client, in one scroll"),
        (*WORK, CARD), "card",
    )  # fmt: skip
    yield command("message", ("c", "с"), _("message"), _("Write to this contact by a channel"))
    yield command("notes", ("n", "т"), _("notes"), _("Write notes that no contact sees"))
    yield command("selectable", ("s", "ы"), _("in tasks"), _("Whether it can be chosen in tasks"))
    yield command("portal", ("p", "з"), _("access"), _("Whether it has a page of its own"))
    yield command("merge_cards", ("M", "Ь"), _("merge"), _("This is the same person as …"))
    yield command("unmerge_cards", ("W", "Ц"), _("unmerge"), _("Take a merged card out again"))


def _files() -> Iterable[Command]:
    def command(name: str, keys: tuple[str, ...], label: str, text: str) -> Command:
        return Command(name, keys, label, text, (FILES,), "files")

    yield Command("files", ("y", "н"), _("files"), _("Look at the files"), WORK, "files")
    yield command("save_file", ("s", "ы"), _("save"), _("Save it on this machine"))
    yield command("open_file", ("o", "щ"), _("by program"), _("Open it with the desktop's program"))
    yield command("fetch_line", ("c", "с"), _("fetch"), _("Copy the line that fetches it over ssh"))


def _views() -> Iterable[Command]:
    def view(key: str, keys: tuple[str, ...], text: str) -> Command:
        return Command(f"view_{key}", keys, text, text, PANES, "views")

    yield view("to_answer", ("g t", "п е"), _("To answer"))
    yield view("inbox", ("g i", "п ш"), _("Inbox"))
    yield view("mine", ("g m", "п ь"), _("Mine"))
    yield view("unassigned", ("g u", "п г"), _("Unassigned"))
    yield view("waiting", ("g w", "п ц"), _("Waiting"))
    yield view("snoozed", ("g b", "п и"), _("Snoozed"))
    yield view("scheduled", ("g s", "п ы"), _("Scheduled"))
    yield view("outbox", ("g o", "п щ"), _("Outbox"))
    yield Command(
        "quarantine", ("g q", "п й"), _("Quarantine"), _("What could not be read"), PANES, "views"
    )
    yield view("done", ("g d", "п в"), _("Done"))
    yield view("spam", ("g !",), _("Spam"))
    yield view("trash", ("g #", "п №"), _("Trash"))
    yield Command(
        "save_search", (), _("keep search"), _("Keep the search as a view (^s in its field)"),
        PANES, "views", _("name"),
    )  # fmt: skip
    yield Command(
        "forget_search", ("D", "В"), _("remove"), _("Remove a search that you keep"),
        (VIEWS,), "views", _("name"),
    )  # fmt: skip


def _program() -> Iterable[Command]:
    yield Command(
        "search", ("/", "."), _("search"), _("Search"), PANES, "program", _("words"), hint=10
    )
    yield Command("command_line", (":", "Ж"), _("command"), _("Type a command"), PANES, "program")
    yield Command("help", ("?", ",", "f1"), _("help"), _("Show the keys"), PANES, "program", hint=0)
    yield Command(
        "palette", ("ctrl+p",), _("palette"), _("Find a command or a theme"), EVERYWHERE, "program"
    )
    yield Command(
        "zoom", ("Z", "Я"), _("zoom"), _("This pane alone, or all of them again"), PANES, "program"
    )
    yield Command("wider", (">", "Ю"), _("wider"), _("More room for the list"), PANES, "program")
    yield Command(
        "narrower", ("<", "Б"), _("narrower"), _("More room for the task"), PANES, "program"
    )
    yield Command(
        "settings", ("g p", "п з"), _("my settings"),
        _("My settings: notices, quiet hours, absence"), PANES, "program",
    )  # fmt: skip
    yield Command("theme", (), _("theme"), _("Choose the colours"), PANES, "program", _("name"))
    yield Command("quit", ("ctrl+q",), _("quit"), _("Quit pfinbox"), EVERYWHERE, "program")


def groups() -> dict[str, str]:
    """The headings of the help screen and of README's table, in order."""
    return {
        "moving": _("Moving"),
        "working": _("Working on a task"),
        "comment": _("The selected comment"),
        "writing": _("Writing"),
        "outbox": _("In the outbox"),
        "quarantine": _("In the quarantine"),
        "card": _("A client's card"),
        "files": _("Files of a comment"),
        "views": _("Views"),
        "program": _("The program"),
    }


def latin(keys: Iterable[str]) -> tuple[str, ...]:
    """The keys to print: the Russian twins would only double every line."""
    return tuple(key for key in keys if key.isascii())


def key_table() -> str:
    """README's table of keys, in Markdown."""
    lines: list[str] = []
    for group, heading in groups().items():
        lines += [f"| {heading} | |", "| --- | --- |"] if not lines else [f"| **{heading}** | |"]
        for command in commands():
            if command.group == group:
                keys = " ".join(f"`{key}`" for key in latin(command.keys)) or f"`:{command.name}`"
                lines.append(f"| {keys} | {command.help} |")
    return "\n".join(lines) + "\n"
