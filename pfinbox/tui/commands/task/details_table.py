"""The part of the command table about what a task is and who takes part in it."""

from collections.abc import Iterable
from functools import partial

from pfinbox.i18n import _
from pfinbox.tui.commands.task.details import DetailCommands
from pfinbox.tui.shell.command import WORK, Command


def detail_commands() -> Iterable[Command]:
    detail = partial(Command, by=DetailCommands, where=WORK, group="working")
    yield detail("title", ("T", "Е"), _("title"), _("Change the title"), argument=_("title"))
    yield detail(
        "participants", ("P", "З"), _("people"), _("Who takes part: colleagues and contacts")
    )
    yield detail(
        "reply_via",
        ("B", "И"),
        _("reply by"),
        _("By which channel the client is answered here"),
        argument=_("account"),
    )
    yield detail("purge", (), _("purge"), _("Remove what is in the trash for good"))
