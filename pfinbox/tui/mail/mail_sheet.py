"""A mail on one sheet: the form, below it the plan, and how it is sent."""

from abc import abstractmethod
from collections.abc import Awaitable
from dataclasses import dataclass
from datetime import UTC, datetime

from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from pfinbox.domain.contract.files import File
from pfinbox.domain.outbound.planning.delivery_plan import DeliveryPlan
from pfinbox.domain.tasks.then import STAYS, Then
from pfinbox.errors import PfinboxError
from pfinbox.i18n import _
from pfinbox.services.comments.starting import Started
from pfinbox.services.inbox import Inbox
from pfinbox.store.rows import DraftRow
from pfinbox.tui.compose import attached
from pfinbox.tui.dialogs.moment import ChooseMoment, Moment
from pfinbox.tui.mail.mail_form import MailForm
from pfinbox.tui.mail.mail_writing import MailSent, MailWriting, without_newcomers
from pfinbox.tui.shell import workers
from pfinbox.tui.shell.context import context
from pfinbox.tui.widgets import safe
from pfinbox.wording.outbound.plans import mail_words, plan_trouble


class MailSheet(MailForm):
    """Nothing is stored but a draft until the mail is sent."""

    @dataclass
    class PlanRead(Message):
        """The plan, or why there can be none."""

        plan: DeliveryPlan | str

    @dataclass
    class Stored(Message):
        sent: MailSent

    def __init__(self, title: Content, writing: MailWriting) -> None:
        super().__init__(title, writing)
        self._sending = self._wants = False

    # --- what a kind of mail has of its own -----------------------------------------------------

    @abstractmethod
    def plan(self, to: tuple[str, ...], cc: tuple[str, ...]) -> Awaitable[DeliveryPlan]:
        """To whom it would go."""

    @abstractmethod
    async def store(self, inbox: Inbox, files: tuple[File, ...]) -> Started:
        """Store and queue it."""

    @property
    def names(self) -> str:
        """Whom it is to, in short."""
        first, *others = self.to.addresses or ("",)
        name = first.partition("<")[0].strip() or first
        return name + (_(" and {n} more").format(n=len(others)) if others else "")

    def changed(self) -> None:
        # What is being sent is no draft any more.
        if not self._sending:
            super().changed()

    def opened(self) -> None:
        self.show_plan()
        if self._wants:
            self._send()

    # --- to whom --------------------------------------------------------------------------------

    def show_plan(self) -> None:
        """Look to whom the mail would go as it stands."""
        to, cc = self.to.settled, self.cc.settled

        async def look() -> DeliveryPlan | str:
            try:
                return await self.plan(to, cc)
            except PfinboxError as error:
                return str(error)

        if to:
            workers.read(self, "mail plan", look, self.PlanRead)
        else:
            self._show_words(Content(""))

    def on_mail_sheet_plan_read(self, message: PlanRead) -> None:
        plan = message.plan
        if isinstance(plan, str):
            self._show_words(safe.line(f"! {plan}", "$text-error"))
            return
        trouble = plan_trouble(without_newcomers(plan))
        lines = [safe.worded(mail_words(plan))]
        lines += [safe.worded(trouble)] if trouble is not None else []
        self._show_words(Content("\n").join(lines))

    def _show_words(self, words: Content) -> None:
        self.query_one("#mail-plan", Static).update(words)

    # --- sending --------------------------------------------------------------------------------

    def command_send_close(self) -> None:
        """The mail and the end of its task in one."""
        self.command_send(Then(close=True))

    def command_send_next(self) -> None:
        """On to the next client who waits, as soon as the mail is stored."""
        self.command_send(Then(next=True))

    def command_send_snooze(self) -> None:
        """Choose until when the task is hidden; the mail leaves by that."""

        def chosen(moment: Moment | None) -> None:
            if moment is not None:
                self.command_send(Then(snooze_until=moment.when))

        title = Content(_("Send, and hide the task until the client writes, or until"))
        self.app.push_screen(ChooseMoment(title), chosen)

    def command_send(self, then: Then = STAYS) -> None:
        if self._sending:
            return
        self.mail.then = then
        # What is typed on is not part of it.
        context(self).hold_keys("send", 60)
        self._wants = True
        if self._draft_known:
            self._send()

    def _send(self) -> None:
        self._wants = False
        self._take_in()
        if not self.mail.body.strip() and not self.sends_something():
            context(self).drop_keys("send")
            context(self).say(_("There is nothing to send yet."), trouble=True)
            return
        self._sending = True
        mail, machine, order = self.mail, context(self).machine, self.drafts.order
        names = self.names
        draft = DraftRow(mail.task_id, mail.mode, mail.written, mail.choices(), datetime.now(UTC))
        # A draft saved after the comment would come back from the dead.
        self.drafts.forget()

        async def save(inbox: Inbox) -> MailSent:
            files = await attached.contents(mail.files, machine, inbox)
            async with order:
                return MailSent(await self.store(inbox, files), draft, names, mail.then)

        workers.write(self, "mail", save, self.Stored)

    def sends_something(self) -> bool:
        """Whether there is something to send without a text."""
        return bool(self.mail.files)

    def on_mail_sheet_stored(self, message: Stored) -> None:
        # What was typed on waits until it is said what became of it.
        self.answer(message.sent)

    def on_failed(self, message: workers.Failed) -> None:
        if message.job in ("mail", "draft to load"):
            self._sending = self._wants = False
            context(self).drop_keys("send")
            self.changed()
