"""The part of the command table that is for the lists over the panes."""

from collections.abc import Iterable
from functools import partial

from pfinbox.i18n import _
from pfinbox.tui.commands import overlay
from pfinbox.tui.compose import drafts_screen
from pfinbox.tui.contacts import card_screen
from pfinbox.tui.files import files_screen
from pfinbox.tui.outbox import outbox_screen, quarantine_screen
from pfinbox.tui.shell.command import CARD, CLIENT, DRAFTS, FILES, OUTBOX, QUARANTINE, WORK, Command


def overlay_commands() -> Iterable[Command]:
    """What can be done in outbox, quarantine, drafts, cards and files, and what opens them."""
    return (*_outbox(), *_quarantine(), *_drafts(), *_card(), *_files())


def _outbox() -> Iterable[Command]:
    outbox = partial(
        Command, by=lambda: outbox_screen.OutboxScreen, where=(OUTBOX,), group="outbox"
    )
    yield outbox("retry_all", ("A", "Ф"), _("retry all"), _("Send all that failed again"))
    yield outbox("send_now", ("s", "ы"), _("send now"), _("Do not wait for its moment"))
    yield outbox("reschedule", ("b", "и"), _("later"), _("Send it at another moment"))
    yield outbox("reroute", ("v", "м"), _("by"), _("Send it by another way"))
    yield outbox(
        "withdraw", ("w", "ц"), _("withdraw"), _("Do not send it; it comes back as a draft")
    )
    yield outbox("edit_waiting", ("e", "у"), _("edit"), _("Change the text before it leaves"))
    yield outbox("mark_sent", ("d", "в"), _("arrived"), _("I know that it arrived"))
    yield outbox("release", ("S", "Ы"), _("send again"), _("Send again after a restore or a move"))


def _quarantine() -> Iterable[Command]:
    quarantine = partial(
        Command,
        by=lambda: quarantine_screen.QuarantineScreen,
        where=(QUARANTINE,),
        group="quarantine",
    )
    yield quarantine("reread", ("R", "К"), _("read again"), _("Let the daemon read it again"))
    yield quarantine("reread_all", ("A", "Ф"), _("all again"), _("Let the daemon read all again"))


def _drafts() -> Iterable[Command]:
    drafts = partial(
        Command, by=lambda: drafts_screen.DraftsScreen, where=(DRAFTS,), group="drafts"
    )
    yield drafts("drop_draft", ("#", "№"), _("remove"), _("Remove the draft"))


def _card() -> Iterable[Command]:
    by_overlay = partial(
        Command, by=lambda: overlay.OverlayCommands, where=(*WORK, CARD), group="card"
    )
    card = partial(Command, by=lambda: card_screen.CardScreen, where=(CARD,), group="card")
    yield by_overlay("card", ("C", "С"), _("card"), _("Open the client's card"), where=WORK)
    yield by_overlay(
        "client",
        ("d", "в"),
        _("client"),
        _("The client beside the task: other tasks, notes"),
        where=(*WORK, CLIENT),
    )
    yield by_overlay(
        "line", ("L", "Д"), _("all of it"), _("Everything with this client, in one scroll")
    )
    yield card("message", ("c", "с"), _("message"), _("Write to this contact by a channel"))
    yield card("name", ("T", "Е"), _("name"), _("Change the name on the card"))
    yield card("company", ("o", "щ"), _("company"), _("Change the company on the card"))
    yield card("addresses", ("a", "ф"), _("addresses"), _("Add, remove or prefer an address"))
    yield card("notes", ("n", "т"), _("notes"), _("Write notes that no contact sees"))
    yield card("picture", ("i", "ш"), _("picture"), _("Look at the person's picture"))
    yield card("selectable", ("s", "ы"), _("in tasks"), _("Whether it can be chosen in tasks"))
    yield card("portal", ("p", "з"), _("access"), _("Whether it has a page of its own"))
    yield card("send_page_link", ("P", "З"), _("send link"), _("Mail a link to its own page"))
    yield card("merge_cards", ("M", "Ь"), _("merge"), _("This is the same person as …"))
    yield card("unmerge_cards", ("W", "Ц"), _("unmerge"), _("Take a merged card out again"))


def _files() -> Iterable[Command]:
    by_overlay = partial(
        Command, by=lambda: overlay.OverlayCommands, where=WORK, group="files", waits=True
    )
    files = partial(Command, by=lambda: files_screen.FilesScreen, where=(FILES,), group="files")
    yield by_overlay("files", ("y", "н"), _("files"), _("Look at the files"))
    yield files("save_file", ("s", "ы"), _("save"), _("Save it on this machine"))
    yield files("open_file", ("o", "щ"), _("by program"), _("Open it with the desktop's program"))
    yield files("fetch_line", ("c", "с"), _("fetch"), _("Copy the line that fetches it over ssh"))
