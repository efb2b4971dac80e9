"""The part of the command table about writing: what begins a comment, and what is done in it."""

from collections.abc import Iterable
from functools import partial

from pfinbox.i18n import _
from pfinbox.tui.commands.task.comment import CommentCommands
from pfinbox.tui.commands.writing.canned import CannedCommands
from pfinbox.tui.commands.writing.composer import ComposerCommands
from pfinbox.tui.commands.writing.mail import MailCommands
from pfinbox.tui.commands.writing.sending import SendCommands
from pfinbox.tui.commands.writing.templates import TemplateCommands
from pfinbox.tui.shell.command import COMPOSER, PANES, WORK, Command


def writing_commands() -> Iterable[Command]:
    composer = partial(Command, by=ComposerCommands, where=(COMPOSER,), group="writing")
    mail = partial(Command, by=MailCommands, group="writing")
    send = partial(Command, by=SendCommands, where=(COMPOSER,), group="writing")
    canned = partial(Command, by=CannedCommands, where=(COMPOSER,), group="writing")
    template = partial(Command, by=TemplateCommands, where=(COMPOSER,), group="writing")
    comment = partial(Command, by=CommentCommands, where=(COMPOSER,), group="writing")
    yield composer(
        "reply",
        ("r", "к"),
        _("reply"),
        _("Answer the client, the comment, or all marked tasks"),
        where=WORK,
        hint=2,
        waits=False,
    )
    yield composer(
        "reply_all",
        ("A", "Ф"),
        _("reply all"),
        _("Answer everyone whom the mail went to"),
        where=WORK,
        waits=False,
    )
    yield mail(
        "forward",
        ("f", "а"),
        _("forward"),
        _("Pass the comment on to somebody outside"),
        where=WORK,
        argument=_("address"),
        waits=True,
    )
    yield mail(
        "new",
        ("c", "с"),
        _("new"),
        _("Begin a conversation with a contact or an address"),
        where=PANES,
        argument=_("address"),
    )
    yield composer(
        "note",
        ("n", "т"),
        _("note"),
        _("Write a note that nobody outside sees"),
        where=WORK,
        hint=3,
        waits=False,
    )
    yield send("send", ("ctrl+s", "ctrl+enter"), _("send"), _("Send what is written"), hint=1)
    yield send("send_close", ("ctrl+d",), _("+ close"), _("Send it and close the task"), hint=3)
    yield send(
        "send_next",
        ("ctrl+n",),
        _("+ next"),
        _("Send it and open the next task to answer"),
        hint=4,
    )
    yield send(
        "send_snooze",
        ("ctrl+b",),
        _("+ snooze"),
        _("Send it and hide the task until later"),
        hint=13,
    )
    yield send(
        "send_after_news",
        ("f4",),
        _("send still"),
        _("Send it after reading what came meanwhile"),
    )
    yield composer("recipients", ("ctrl+t", "tab"), _("to whom"), _("Choose who gets it"), hint=2)
    yield send("send_later", ("ctrl+l",), _("when"), _("Choose when it goes out"), hint=12)
    yield composer(
        "attach", ("ctrl+f",), _("attach"), _("Attach a file"), argument=_("path"), hint=6
    )
    yield canned("canned", ("ctrl+r",), _("canned"), _("Put in a canned reply"), hint=5)
    yield canned("canned_edit", ("ctrl+e",), _("edit canned"), _("Make or change a canned reply"))
    yield composer("editor", ("ctrl+g",), _("editor"), _("Write on in your own editor ($EDITOR)"))
    yield comment("quoting", ("ctrl+o",), _("quote"), _("Leave out the quotation, or put it in"))
    yield composer("go_on", ("f2",), _("newer"), _("Go on in the chat's open task"))
    yield composer(
        "another_way",
        ("f3",),
        _("another way"),
        _("Choose by what this comment goes, of the ways that are open"),
    )
    yield template(
        "template",
        ("f5",),
        _("template"),
        _("Send a text that the service has approved"),
    )
    yield composer("detach", (), _("detach"), _("Remove the file attached last"))
    yield composer("new_line", ("ctrl+j",), _("line"), _("Begin a new line"))
