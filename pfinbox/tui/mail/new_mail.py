"""A new mail, to cards and addresses; by a messenger the same sheet, to its one contact (R29)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from zlib import crc32

from textual.containers import Horizontal
from textual.content import Content
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Static

from pfinbox.domain.contract.files import File
from pfinbox.domain.contract.template import Template
from pfinbox.domain.outbound.planning.delivery_plan import DeliveryPlan
from pfinbox.domain.outbound.planning.templates import TemplateChoice
from pfinbox.i18n import _
from pfinbox.record import record
from pfinbox.services.comments import starting, templates
from pfinbox.services.comments.starting import DRAFT, NO_TASK, Started, StartRequest
from pfinbox.services.inbox import Inbox
from pfinbox.store.rows import ListedDraft
from pfinbox.tui.compose.ready.template_choice import about_files, ask_template
from pfinbox.tui.mail.address_field import AddressField
from pfinbox.tui.mail.fields import Turning
from pfinbox.tui.mail.mail_sheet import MailSheet
from pfinbox.tui.mail.mail_writing import MailWriting
from pfinbox.tui.shell import workers
from pfinbox.tui.shell.context import context
from pfinbox.tui.shell.keymap import spelled
from pfinbox.tui.widgets import safe


@record
class Recipient:
    """Whom a sheet is opened for: an address of a card, or a contact by a messenger."""

    contact_id: int | None = None
    name: str = ""
    address: str = ""
    account: str = ""
    # By a channel that has no subjects, or no addresses that mean the same everywhere.
    messenger: bool = False
    # An approved text alone can be the first message (R25).
    by_template: bool = False
    # The mode of the draft to go on with, where it is not that of this recipient.
    draft: str = ""


def draft_of(row: ListedDraft) -> Recipient:
    """For whom the sheet is opened to go on with a draft."""
    account = str(row.draft.choices.get("account", ""))
    messenger = row.contact_id is not None
    return Recipient(
        row.contact_id, row.name, account=account, messenger=messenger, draft=row.draft.mode
    )


class NewMail(MailSheet):
    """Answers with a ``MailSent``, or with the number of a card that has no e-mail address."""

    @dataclass
    class SendersRead(Message):
        names: list[str]

    def __init__(self, to: Recipient | None = None) -> None:
        self.recipient = to or Recipient()
        title = safe.line(_("New message to {name}").format(name=self.recipient.name))
        mail = MailWriting(NO_TASK, mode=_mode(self.recipient), to=self.recipient.address)
        mail.account = self.recipient.account
        if self.recipient.messenger:
            mail.contact_id = self.recipient.contact_id
        super().__init__(title if self.recipient.messenger else Content(_("New mail")), mail)

    def above(self) -> Sequence[Widget]:
        label = Static(Content(_("By")), classes="mail-label")
        return [Horizontal(label, Turning(), classes="mail-field")]

    def on_mount(self) -> None:
        if self.recipient.messenger:
            self.add_class("-messenger")
            self.query_one(Turning).offer((self.mail.account,), self.mail.account)
            self._show_how()
            return
        inbox = context(self).inbox
        workers.read(self, "senders", lambda: inbox.read(starting.senders), self.SendersRead)

    def on_new_mail_senders_read(self, message: SendersRead) -> None:
        self.query_one(Turning).offer(tuple(message.names), self.mail.account)
        self.mail.account = self.query_one(Turning).value
        self.show_plan()

    def first_field(self) -> Widget:
        return self.box if self.recipient.messenger else super().first_field()

    def restored(self) -> None:
        turning = self.query_one(Turning)
        turning.offer(turning.values, self.mail.account)
        self.box.fix(self.mail.template is not None)
        self._show_how()

    def on_turning_turned(self, message: Turning.Turned) -> None:
        message.stop()
        self.mail.account = message.value
        self.changed()
        self.show_plan()

    def on_address_field_no_mail(self, message: AddressField.NoMail) -> None:
        """That contact is written to in a chat; the sheet is a draft until then."""
        message.stop()
        self.changed()
        self.drafts.flush()
        self.answer(message.contact_id)

    @property
    def names(self) -> str:
        return self.recipient.name if self.recipient.messenger else super().names

    # --- an approved text -----------------------------------------------------------------------

    def command_template(self) -> None:
        """Choose a template of the account; it stands in the text as it will be sent (R25)."""
        inbox, account = context(self).inbox, self.mail.account
        if not self.recipient.messenger:
            context(self).say(_("This account has no templates."))
        else:
            ask_template(
                self.app,
                lambda: inbox.read(templates.listed, account=account),
                self.mail.template,
                self._take_template,
            )

    def _take_template(self, template: Template | None, values: Mapping[str, str]) -> None:
        mail = self.mail
        if mail.template is None:
            mail.own_text = self.box.text
        if template is None:
            mail.template, text = None, mail.own_text
        else:
            mail.template = TemplateChoice(template.name, template.language, dict(values))
            text = template.said(values)
            if words := about_files(template, len(mail.files)):
                context(self).say(words)
        self.box.fix(template is not None)
        self.box.put(text)
        self._show_how()
        self.changed()

    def _show_how(self) -> None:
        template = self.mail.template
        if template is not None:
            words = _("template {name}, as the service has approved it").format(name=template.name)
            self._show_words(safe.line(words, "$text-success"))
        elif self.recipient.by_template:
            key = spelled(context(self).keymap.shown("template"))
            words = _("Only an approved text can be the first message there: {key} offers them.")
            self._show_words(safe.line(words.format(key=key), "$text-warning"))

    # --- to whom --------------------------------------------------------------------------------

    def show_plan(self) -> None:
        if self.mail.account and not self.recipient.messenger:
            super().show_plan()

    async def plan(self, to: tuple[str, ...], cc: tuple[str, ...]) -> DeliveryPlan:
        request = StartRequest(self.mail.account, title=self.mail.subject, to=to, cc=cc)
        return await context(self).inbox.read(starting.plan, request)

    async def store(self, inbox: Inbox, files: tuple[File, ...]) -> Started:
        mail, messenger = self.mail, self.recipient.messenger
        request = StartRequest(
            mail.account,
            mail.body if mail.template is None else "",
            mail.subject,
            template=mail.template,
            to=() if messenger else self.to.addresses,
            cc=() if messenger else self.cc.addresses,
            contact_id=self.recipient.contact_id if messenger else None,
            attachments=files,
            client_key=mail.key,
            undo_seconds=context(self).undo_seconds,
            send_at=mail.send_at,
            send_anyway=mail.anyway,
            then=mail.then,
            draft=mail.mode,
        )
        return await inbox.write(starting.start, request)


def _mode(recipient: Recipient) -> str:
    """What is written to one recipient is no draft of what is written to another."""
    if recipient.draft:
        return recipient.draft
    if recipient.contact_id is not None:
        return f"{DRAFT}:{recipient.contact_id}"
    if recipient.address:
        return f"{DRAFT}:{crc32(recipient.address.encode()):x}"
    return DRAFT
