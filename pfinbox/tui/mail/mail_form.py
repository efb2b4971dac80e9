"""The form of a mail: To, Cc, subject, text, files and the moment it goes out; a draft keeps it."""

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from textual.containers import Horizontal
from textual.content import Content
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Input, Static

from pfinbox.i18n import _
from pfinbox.services.tasks import drafts
from pfinbox.store.rows import DraftRow
from pfinbox.tui.compose.plan_lines import file_line, plan_line
from pfinbox.tui.compose.sheet import Sheet
from pfinbox.tui.dialogs.moment import ChooseMoment, Moment
from pfinbox.tui.mail.address_field import AddressField
from pfinbox.tui.mail.fields import MailField
from pfinbox.tui.mail.mail_writing import MailWriting
from pfinbox.tui.shell import workers
from pfinbox.tui.shell.context import context
from pfinbox.tui.shell.keymap import spelled
from pfinbox.tui.widgets.text_box import TextBox
from pfinbox.wording.outbound.plans import moment_words


class MailForm(Sheet[Any]):
    """Tab walks the fields."""

    @dataclass
    class DraftRead(Message):
        row: DraftRow | None

    def __init__(self, title: Content, writing: MailWriting) -> None:
        super().__init__(title, writing)
        self.mail = writing
        self._draft_known = False

    def above(self) -> Sequence[Widget]:
        """Fields between Cc and the subject."""
        return ()

    def below(self) -> Sequence[Widget]:
        """What stands below the text."""
        return ()

    def body(self) -> list[Widget]:
        subject = Static(Content(_("Subject")), classes="mail-label")
        return [
            AddressField(_("To"), self.mail.to, id="mail-to"),
            AddressField(_("Cc"), self.mail.cc, id="mail-cc"),
            *self.above(),
            Horizontal(
                subject, MailField(value=self.mail.subject, id="subject"), classes="mail-field"
            ),
            TextBox(id="mail-text"),
            *self.below(),
            Static(id="mail-files"),
            Static(id="mail-moment"),
            Static(id="mail-plan"),
        ]

    def hints(self) -> Content:
        return self.keys_of(
            ("send", _("send")), ("send_close", _("+ close")), ("send_next", _("+ next")),
            ("send_snooze", _("+ snooze")), ("send_later", _("when")), ("attach", _("attach")),
            ("canned", _("canned")), ("editor", _("editor")),
            others=(_("tab next field"), _("esc leave (draft kept)")),
        )  # fmt: skip

    @property
    def to(self) -> AddressField:
        return self.query_one("#mail-to", AddressField)

    @property
    def cc(self) -> AddressField:
        return self.query_one("#mail-cc", AddressField)

    @property
    def subject(self) -> Input:
        return self.query_one("#subject", Input)

    def on_mount(self) -> None:
        self.box.put(self.mail.body)
        self.set_focus(self.first_field())
        inbox, mail = context(self).inbox, self.mail
        workers.read(
            self,
            "draft to load",
            lambda: inbox.read(drafts.load, mail.task_id, mail.mode),
            self.DraftRead,
        )

    def first_field(self) -> Widget:
        """Where the agent begins."""
        return self.subject if self.mail.to else self.to.field

    def on_mail_form_draft_read(self, message: DraftRead) -> None:
        """What was typed meanwhile stays, behind what the draft has."""
        self._take_in()
        if message.row is not None:
            choices, typed = message.row.choices, self._typed()
            body = str(choices.get("body", ""))
            self.mail.restore({**choices, **typed})
            self.to.text, self.cc.text = self.mail.to, self.mail.cc
            self.subject.value = self.mail.subject
            if body and "body" in typed:
                self.box.put_before(body)
            elif body:
                self.box.put(body)
            self.restored()
        self._take_in()
        self.drafts.begin(self.mail, self.mail.written)
        self._draft_known = True
        self.changed()
        self.opened()

    def _typed(self) -> dict[str, str]:
        """The fields in which something stands already."""
        held = {name: getattr(self.mail, name) for name in ("to", "cc", "subject", "body")}
        return {name: value for name, value in held.items() if value}

    def restored(self) -> None:
        """A draft was found."""

    def _take_in(self) -> None:
        """What stands in the fields now."""
        self.mail.to, self.mail.cc = self.to.text, self.cc.text
        self.mail.subject, self.mail.body = self.subject.value, self.box.text

    @abstractmethod
    def opened(self) -> None:
        """The draft, if there is one, stands in the fields."""

    @abstractmethod
    def show_plan(self) -> None:
        """Show to whom the mail would go as it stands."""

    # --- changes --------------------------------------------------------------------------------

    def on_input_changed(self, message: Input.Changed) -> None:
        message.stop()
        self.changed()

    def on_address_field_changed(self, message: AddressField.Changed) -> None:
        message.stop()
        self.changed()
        self.show_plan()

    def changed(self) -> None:
        if self._draft_known:
            self._take_in()
            self.drafts.changed(self.mail, self.mail.written)
        self._show_files()
        self._show_moment()

    def _show_files(self) -> None:
        files = self.query_one("#mail-files", Static)
        files.display = bool(self.mail.files)
        files.update(Content("\n").join(file_line(file) for file in self.mail.files))

    def _show_moment(self) -> None:
        moment, when = self.query_one("#mail-moment", Static), self.mail.send_at
        moment.display = when is not None
        if when is not None:
            shown = context(self).present().moment(when)
            moment.update(plan_line(moment_words(shown, anyway=self.mail.anyway)))

    # --- keys -----------------------------------------------------------------------------------

    def walked_by(self, key: str) -> bool:
        if key == "shift+tab":
            self.focus_previous()
        elif key == "tab" or (key == "enter" and self.focused is not self.box):
            self.focus_next()
        else:
            return False
        return True

    def command_recipients(self) -> None:
        self.set_focus(self.to.field)

    def command_send_later(self) -> None:
        """Choose the moment; nothing leaves by that alone."""

        def chosen(moment: Moment | None) -> None:
            if moment is not None:
                self.mail.send_at, self.mail.anyway = moment.when, moment.anyway
                self.changed()

        dialog = ChooseMoment(Content(_("Send it when?")), now=_("now"), anyway=self.mail.anyway)
        self.app.push_screen(dialog, chosen)

    def leave(self) -> None:
        self.changed()
        if self.mail.written:
            key = spelled(context(self).keymap.shown("drafts"))
            context(self).say(_("The draft is kept; {key} shows all drafts.").format(key=key))
        super().leave()
