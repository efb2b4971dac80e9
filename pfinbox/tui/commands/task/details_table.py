"""The part of the command table about what a task is and who takes part in it."""

from collections.abc import Iterable
from functools import partial

from pfinbox.i18n import _
from pfinbox.tui.commands.task import details
from pfinbox.tui.shell.command import WORK, Command


def detail_commands() -> Iterable[Command]:
    by_detail = partial(Command, by=lambda: details.DetailCommands, where=WORK, group="working")
    yield by_detail("title", ("T", "Е"), _("title"), _("Change the title"), argument=_("title"))
    yield by_detail(
        "participants", ("P", "З"), _("people"), _("Who takes part: colleagues and contacts")
    )
    yield by_detail(
        "reply_via",
        ("B", "И"),
        _("reply by"),
        _("By which channel the client is answered here"),
        argument=_("account"),
    )
    yield by_detail("purge", (), _("purge"), _("Remove what is in the trash for good"))
