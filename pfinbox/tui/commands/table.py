"""The one command table: bindings, footer, palette, ``:`` line, help and README come from it.

A key is written as it is typed (``j``, ``#``, ``ctrl+s``); a sequence has blanks (``g t``);
alternatives are separated by blanks and a comma. The letter on the same key of a Russian keyboard
stands beside the Latin one, so that nobody has to switch layouts to move in a list.
"""

from collections.abc import Iterable
from functools import partial

from pfinbox.i18n import _
from pfinbox.tui.commands import move, overlay, program, search, undo
from pfinbox.tui.commands.overlay_table import overlay_commands
from pfinbox.tui.commands.task import (
    comment,
    failed_delivery,
    invite,
    merge,
    portal_preview,
    triage,
)
from pfinbox.tui.commands.task.details_table import detail_commands
from pfinbox.tui.commands.writing_table import writing_commands
from pfinbox.tui.shell.command import (
    CLIENT,
    COMPOSER,
    DRAFTS,
    EVERYWHERE,
    LINE,
    LIST,
    LISTS,
    OUTBOX,
    OVERLAYS,
    PANES,
    QUARANTINE,
    VIEWS,
    WORK,
    Command,
)


def commands() -> tuple[Command, ...]:
    """The table, in the reader's language."""
    on_tasks = (
        *_moving(),
        *_working(),
        *detail_commands(),
        *_commenting(),
        *writing_commands(),
    )
    return (*on_tasks, *overlay_commands(), *_views(), *_program())


def _moving() -> Iterable[Command]:
    by_move = partial(Command, by=lambda: move.MoveCommands, where=LISTS, group="moving")
    yield by_move("down", ("j", "о", "down"), _("down"), _("Next line"))
    yield by_move("up", ("k", "л", "up"), _("up"), _("Previous line"))
    yield by_move("top", ("g g", "п п", "home"), _("top"), _("First line"))
    yield by_move("bottom", ("G", "П", "end"), _("bottom"), _("Last line"))
    yield by_move("page_down", ("space", "pagedown", "ctrl+d"), _("page"), _("A page down"))
    yield by_move("page_up", ("pageup", "ctrl+u"), _("page back"), _("A page up"))
    yield by_move("open", ("enter",), _("open"), _("Open the task or view"), hint=1)
    yield by_move(
        "back",
        ("escape",),
        _("back"),
        _("Go back one step"),
        where=(*EVERYWHERE, CLIENT, *OVERLAYS),
        hint=11,
    )
    panes = partial(by_move, where=(*PANES, CLIENT))
    yield panes("next_pane", ("tab",), _("pane"), _("Go to the next pane"))
    yield panes("previous_pane", ("shift+tab",), _("pane"), _("Go to the pane before"))
    yield by_move(
        "next_comment",
        ("J", "О", "ctrl+n"),
        _("comment"),
        _("Select the next comment"),
        where=WORK,
        waits=True,
    )
    yield by_move(
        "previous_comment",
        ("K", "Л"),
        _("comment"),
        _("Select the comment before"),
        where=WORK,
        waits=True,
    )
    yield by_move(
        "next_unread", ("]", "ъ"), _("unread"), _("Go to the next unread task"), where=WORK
    )
    yield by_move(
        "previous_unread", ("[", "х"), _("unread"), _("Go to the unread task before"), where=WORK
    )
    yield by_move(
        "previous_task",
        ("p", "з"),
        _("earlier"),
        _("Open the client's conversation before this one"),
        where=WORK,
        waits=True,
    )
    yield by_move(
        "unfold",
        ("o", "щ"),
        _("unfold"),
        _("Show or fold quoted text and long texts"),
        where=(*WORK, LINE),
        waits=True,
    )
    yield by_move(
        "unfold_changes",
        ("O", "Щ"),
        _("changes"),
        _("Show changes in a row, or as one line"),
        where=WORK,
        waits=True,
    )


def _commenting() -> Iterable[Command]:
    by_comment = partial(
        Command, by=lambda: comment.CommentCommands, where=WORK, group="comment", waits=True
    )
    by_merge = partial(
        Command, by=lambda: merge.MergeCommands, where=WORK, group="comment", waits=True
    )
    yield by_comment("why", ("w", "ц"), _("why here"), _("Why this message is in this task"))
    yield by_comment(
        "quote", ("q", "й"), _("quote"), _("Answer and quote the comment"), waits=False
    )
    yield by_comment("links", ("u", "г"), _("links"), _("Copy a link of the comment"))
    yield by_comment(
        "edit_comment", ("ctrl+e",), _("edit"), _("Edit your comment, also at the client's")
    )
    yield by_comment(
        "delete_comment", ("D", "В"), _("delete"), _("Delete your comment, also at the client's")
    )
    yield by_comment(
        "hide_comment", ("H", "Р"), _("hide"), _("Hide it from clients' pages, or show it again")
    )
    yield by_merge(
        "move_comment", ("m", "ь"), _("move"), _("Put the selected comment into another task")
    )


def _working() -> Iterable[Command]:
    by_triage = partial(Command, by=lambda: triage.TriageCommands, where=WORK, group="working")
    by_undo = partial(Command, by=lambda: undo.UndoCommands, where=WORK, group="working")
    by_move = partial(Command, by=lambda: move.MoveCommands, where=(LIST,), group="working")
    by_merge = partial(Command, by=lambda: merge.MergeCommands, where=WORK, group="working")
    by_portal_preview = partial(
        Command,
        by=lambda: portal_preview.PortalPreviewCommands,
        where=WORK,
        group="working",
        waits=True,
    )
    by_invite = partial(Command, by=lambda: invite.InviteCommands, where=WORK, group="working")
    by_failed_delivery = partial(
        Command,
        by=lambda: failed_delivery.FailedDeliveryCommands,
        where=(*WORK, OUTBOX),
        group="working",
        waits=True,
    )
    yield by_triage(
        "assign", ("a", "ф"), _("assign"), _("Assign to an agent"), argument=_("agent"), hint=4
    )
    yield by_triage("mine", ("i", "ш"), _("mine"), _("Assign to me"), hint=8)
    yield by_triage("close", ("e", "у"), _("close"), _("Close the task"), hint=5)
    yield by_triage("close_next", ("E", "У"), _("close, next"), _("Close and go to the next task"))
    yield by_triage("status", ("s", "ы"), _("status"), _("Choose a status"), argument=_("status"))
    yield by_triage(
        "snooze", ("b", "и"), _("snooze"), _("Hide until later, or until the client writes"), hint=6
    )
    yield by_undo(
        "undo",
        ("z", "я"),
        _("undo"),
        _("Take back what was done last"),
        where=(*WORK, DRAFTS),
        hint=7,
    )
    yield by_triage("tags", ("t", "е"), _("tags"), _("Change the tags"), argument=_("tags"), hint=9)
    yield by_triage("read", ("I", "Ш"), _("read"), _("Mark as read"))
    yield by_triage("unread", ("U", "Г"), _("unread"), _("Mark as unread, for me only"))
    yield by_move("mark", ("x", "ч"), _("mark"), _("Mark for the next command"))
    yield by_move(
        "mark_range", ("v", "м"), _("mark to here"), _("Mark all between the last mark and here")
    )
    yield by_move("mark_all", ("*",), _("mark all"), _("Mark all in the list"))
    yield by_triage("trash", ("#", "№"), _("trash"), _("Move to the trash, or out of it"))
    yield by_triage("spam", ("!",), _("spam"), _("Spam: trash it and block the sender, or back"))
    yield by_merge(
        "merge", ("M", "Ь"), _("merge"), _("Merge into another task"), argument=_("task")
    )
    yield by_merge("unmerge", ("W", "Ц"), _("unmerge"), _("Take a merged task out again"))
    yield by_portal_preview(
        "as_client", ("V", "М"), _("as client"), _("See the task as a contact sees it")
    )
    yield by_invite(
        "same_person", ("=",), _("one card"), _("Make another card of the client one with this")
    )
    yield by_invite(
        "invite", (), _("invite"), _("Invite the client by another channel"), argument=_("account")
    )
    yield by_failed_delivery("retry", ("R", "К"), _("retry"), _("Send a failed delivery again"))
    yield by_failed_delivery(
        "dismiss", ("X", "Ч"), _("dismiss"), _("Leave a failed delivery as it is")
    )


def _views() -> Iterable[Command]:
    # Also from the lists over the panes that are views themselves.
    where = (*PANES, OUTBOX, QUARANTINE, DRAFTS)
    by_overlay = partial(Command, by=lambda: overlay.OverlayCommands, where=where, group="views")
    by_search = partial(Command, by=lambda: search.SearchCommands, where=PANES, group="views")

    def view(key: str, keys: tuple[str, ...], text: str) -> Command:
        return by_overlay(f"view_{key}", keys, text, text)

    yield by_overlay("view", (), _("view"), _("Go to a view"), argument=_("view"))
    yield view("to_answer", ("g t", "п е"), _("To answer"))
    yield view("inbox", ("g i", "п ш"), _("Inbox"))
    yield view("mine", ("g m", "п ь"), _("Mine"))
    yield view("unassigned", ("g u", "п г"), _("Unassigned"))
    yield view("waiting", ("g w", "п ц"), _("Waiting"))
    yield view("snoozed", ("g b", "п и"), _("Snoozed"))
    yield view("scheduled", ("g s", "п ы"), _("Scheduled"))
    yield view("outbox", ("g o", "п щ"), _("Outbox"))
    yield by_overlay("quarantine", ("g q", "п й"), _("Quarantine"), _("What could not be read"))
    yield by_overlay("drafts", ("g e", "п у"), _("Drafts"), _("What you wrote and did not send"))
    yield by_overlay("accounts", ("g a", "п ф"), _("accounts"), _("How each account does"))
    yield by_overlay(
        "acknowledge",
        (),
        _("acknowledge"),
        _("I know that messages are missing"),
        argument=_("account"),
    )
    yield view("done", ("g d", "п в"), _("Done"))
    yield view("spam", ("g !",), _("Spam"))
    yield view("trash", ("g #", "п №"), _("Trash"))
    yield by_search(
        "save_search",
        (),
        _("keep search"),
        _("Keep the search as a view (^s in its field)"),
        argument=_("name"),
    )
    yield by_search(
        "forget_search",
        ("D", "В"),
        _("remove"),
        _("Remove a search that you keep"),
        where=(VIEWS,),
        argument=_("name"),
    )


def _program() -> Iterable[Command]:
    by_program = partial(Command, by=lambda: program.ProgramCommands, where=PANES, group="program")
    yield by_program("search", ("/", "."), _("search"), _("Search"), argument=_("words"), hint=10)
    yield by_program("command_line", (":", "Ж"), _("command"), _("Type a command"))
    yield by_program(
        "help",
        ("?", ",", "f1"),
        _("help"),
        _("Show the keys, those of this place first"),
        where=(*PANES, CLIENT, *OVERLAYS),
        hint=0,
    )
    yield by_program(
        "writing_keys",
        ("f1",),
        _("help"),
        _("Show the keys, those for writing first"),
        where=(COMPOSER,),
        hint=14,
    )
    yield by_program(
        "palette", ("ctrl+p",), _("palette"), _("Find a command or a theme"), where=EVERYWHERE
    )
    yield by_program("zoom", ("Z", "Я"), _("zoom"), _("This pane alone, or all of them again"))
    yield by_program("wider", (">", "Ю"), _("wider"), _("More room for the list"))
    yield by_program("narrower", ("<", "Б"), _("narrower"), _("More room for the task"))
    yield by_program(
        "settings",
        ("g p", "п з"),
        _("my settings"),
        _("My settings: notices, quiet hours, absence"),
    )
    yield by_program("theme", (), _("theme"), _("Choose the colours"), argument=_("name"))
    yield by_program("quit", ("ctrl+q",), _("quit"), _("Quit pfinbox"), where=EVERYWHERE)
