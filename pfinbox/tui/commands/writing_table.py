"""The part of the command table about writing: what begins a comment, and what is done in it."""

from collections.abc import Iterable
from functools import partial

from pfinbox.i18n import _
from pfinbox.tui.commands.task import comment
from pfinbox.tui.commands.writing import canned, composer, mail, sending, templates
from pfinbox.tui.shell.command import COMPOSER, PANES, WORK, Command


def writing_commands() -> Iterable[Command]:
    by_composer = partial(
        Command, by=lambda: composer.ComposerCommands, where=(COMPOSER,), group="writing"
    )
    by_mail = partial(Command, by=lambda: mail.MailCommands, group="writing")
    send = partial(Command, by=lambda: sending.SendCommands, where=(COMPOSER,), group="writing")
    by_canned = partial(
        Command, by=lambda: canned.CannedCommands, where=(COMPOSER,), group="writing"
    )
    template = partial(
        Command, by=lambda: templates.TemplateCommands, where=(COMPOSER,), group="writing"
    )
    by_comment = partial(
        Command, by=lambda: comment.CommentCommands, where=(COMPOSER,), group="writing"
    )
    yield by_composer(
        "reply",
        ("r", "к"),
        _("reply"),
        _("Answer the client, the comment, or all marked tasks"),
        where=WORK,
        hint=2,
        waits=False,
    )
    yield by_composer(
        "reply_all",
        ("A", "Ф"),
        _("reply all"),
        _("Answer everyone whom the mail went to"),
        where=WORK,
        waits=False,
    )
    yield by_mail(
        "forward",
        ("f", "а"),
        _("forward"),
        _("Pass the comment on to somebody outside"),
        where=WORK,
        argument=_("address"),
        waits=True,
    )
    yield by_mail(
        "new",
        ("c", "с"),
        _("new"),
        _("Begin a conversation with a contact or an address"),
        where=PANES,
        argument=_("address"),
    )
    yield by_composer(
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
    yield by_composer(
        "recipients", ("ctrl+t", "tab"), _("to whom"), _("Choose who gets it"), hint=2
    )
    yield send("send_later", ("ctrl+l",), _("when"), _("Choose when it goes out"), hint=12)
    yield by_composer(
        "attach", ("ctrl+f",), _("attach"), _("Attach a file"), argument=_("path"), hint=6
    )
    yield by_canned("canned", ("ctrl+r",), _("canned"), _("Put in a canned reply"), hint=5)
    yield by_canned(
        "canned_edit", ("ctrl+e",), _("edit canned"), _("Make or change a canned reply")
    )
    yield by_composer(
        "editor", ("ctrl+g",), _("editor"), _("Write on in your own editor ($EDITOR)")
    )
    yield by_comment("quoting", ("ctrl+o",), _("quote"), _("Leave out the quotation, or put it in"))
    yield by_composer("go_on", ("f2",), _("newer"), _("Go on in the chat's open task"))
    yield by_composer(
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
    yield by_composer("detach", (), _("detach"), _("Remove the file attached last"))
    yield by_composer("new_line", ("ctrl+j",), _("line"), _("Begin a new line"))
