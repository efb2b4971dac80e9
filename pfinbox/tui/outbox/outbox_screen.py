"""The outbox: everything scheduled, on its way, or stuck, and what can be done about it."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import ClassVar

from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from pfinbox.domain.outbound.delivery import WAITING, State
from pfinbox.i18n import _, ngettext
from pfinbox.record import record
from pfinbox.services import queries
from pfinbox.services.inbox import Inbox
from pfinbox.services.outbound import outbox, rerouting, restore_guard, undo_send
from pfinbox.services.queries import OutboxPage
from pfinbox.store.rows import DeliveryRow
from pfinbox.tui.dialogs.choose import Choose
from pfinbox.tui.dialogs.edit_text import EditText
from pfinbox.tui.dialogs.moment import ChooseMoment, Moment
from pfinbox.tui.dialogs.overlay import Overlay
from pfinbox.tui.outbox.outbox_items import outbox_items, outbox_title
from pfinbox.tui.outbox.outbox_order import OutboxOrder
from pfinbox.tui.outbox.releasing import RESEND, release_question
from pfinbox.tui.shell import workers
from pfinbox.tui.shell.command import OUTBOX
from pfinbox.tui.shell.context import context
from pfinbox.tui.shell.keymap import spelled
from pfinbox.tui.widgets import safe
from pfinbox.tui.widgets.pick_list import Item
from pfinbox.wording.outbound.deliveries import delivery_about
from pfinbox.wording.outbound.outbox import outbox_detail


@record
class Way:
    """Another way to a recipient: an account, or an address."""

    via: str | None = None
    address: str | None = None


class OutboxScreen(Overlay):
    """Answers with the number of the task to go to."""

    place: ClassVar[str] = OUTBOX
    on_row = frozenset(
        ("open", "retry", "dismiss", "send_now", "mark_sent", "withdraw", "reschedule",
         "edit_waiting", "reroute")
    )  # fmt: skip
    on_all = frozenset(("retry_all",))

    @dataclass
    class Read(Message):
        page: OutboxPage

    @dataclass
    class Done(Message):
        words: str

    def __init__(self) -> None:
        super().__init__(Content(_("Outbox")))
        self.page = OutboxPage((), {})
        self._order = OutboxOrder()
        # The agent's own action is done, and not read yet.
        self._acted = False

    def reload(self, topics: frozenset[str] | None = None) -> None:
        if topics is None or topics & {"outbox", "tasks"}:
            load = partial(context(self).inbox.read, queries.outbox)
            workers.read(self, "overlay", load, self.Read)

    def on_outbox_screen_read(self, message: Read) -> None:
        self.page = message.page
        groups, clock = self._order.arrange(message.page.rows), context(self).present()
        key = spelled(context(self).keymap.shown("view_outbox"))
        title = outbox_title(message.page, self._order.fallen, key)
        self.query_one(".dialog-title", Static).update(title)
        self.show_rows(
            outbox_items(groups, message.page.texts, clock),
            _("Nothing waits to be sent."),
            _("What you send stands here until it has left, and stays if it fails."),
        )
        if self._acted and not context(self).keys_waiting:
            # As in every list: off what the own action took away; what others take stays.
            self.pick_list.step_off()
        self._acted = False
        self.changed()
        context(self).release_keys("choose")

    @property
    def current(self) -> DeliveryRow | None:
        """The delivery under the cursor."""
        chosen = self.pick_list.value
        return next((row for row in self.page.rows if row.id == chosen), None)

    def changed(self) -> None:
        row, detail = self.current, Content("")
        if row is not None:
            text = self.page.texts.get(row.comment_id, "")
            detail = safe.worded(outbox_detail(row, text, context(self).present()))
        self.query_one(".overlay-detail", Static).update(detail)

    # --- what can be done -----------------------------------------------------------------------

    def _act(self, job: str, words: str, call: Callable[[Inbox], Awaitable[object]]) -> None:
        workers.write(self, job, call, lambda _nothing: self.Done(words))

    def _act_on(
        self, row: DeliveryRow, job: str, words: str, call: Callable[[Inbox], Awaitable[object]]
    ) -> None:
        """What is done to one delivery names its recipient: the cursor may be on another by now."""
        self._act(job, delivery_about(row, words), call)

    def on_outbox_screen_done(self, message: Done) -> None:
        context(self).say(message.words)
        self._acted = True
        self.reload()

    def command_open(self) -> None:
        if (row := self.current) is not None:
            self.answer(row.task_id)

    def command_retry(self) -> None:
        row = self.current
        if row is not None:
            self._act_on(
                row, "retry", _("Tried again"), lambda inbox: inbox.write(outbox.retry, row.id)
            )

    def command_retry_all(self) -> None:
        """What failed for certain; of what may have arrived each one is decided by itself."""
        rows = [r for r in self.page.rows if r.state == State.FAILED]
        if not rows:
            context(self).say(_("Nothing has failed here."))
            return

        async def retry(inbox: Inbox) -> None:
            for row in rows:
                await inbox.write(outbox.retry, row.id)

        words = ngettext("{n} tried again", "{n} tried again", len(rows)).format(n=len(rows))
        self._act("retry", words, retry)

    def command_dismiss(self) -> None:
        row = self.current
        if row is not None:
            self._act_on(
                row,
                "dismiss",
                _("Left as it is"),
                lambda inbox: inbox.write(outbox.dismiss, row.id),
            )

    def command_send_now(self) -> None:
        row = self.current
        if row is not None:
            self._act_on(
                row, "send now", _("On its way"), lambda inbox: inbox.write(outbox.send_now, row.id)
            )

    def command_mark_sent(self) -> None:
        row = self.current
        if row is not None:
            self._act_on(
                row,
                "mark sent",
                _("Marked as sent"),
                lambda inbox: inbox.write(outbox.mark_sent, row.id),
            )

    def command_withdraw(self) -> None:
        row = self.current
        if row is not None:
            draft = _("Not sent; it is a draft in #{id} again").format(id=row.task_id)
            workers.write(
                self,
                "withdraw",
                lambda inbox: inbox.write(undo_send.recall, row.id),
                lambda drafted: self.Done(draft if drafted else _("Withdrawn, not sent")),
            )

    def command_reschedule(self) -> None:
        row, clock = self.current, context(self).present()
        if row is None:
            return

        def chosen(moment: Moment | None) -> None:
            if moment is None:
                return
            if (when := moment.when) is None:
                self._act_on(
                    row,
                    "send now",
                    _("On its way"),
                    lambda inbox: inbox.write(outbox.send_now, row.id),
                )
                return
            words, anyway = _("It goes out {time}").format(time=clock.moment(when)), moment.anyway
            self._act_on(
                row,
                "reschedule",
                words,
                lambda inbox: inbox.write(outbox.reschedule, row.id, when, anyway=anyway),
            )

        title = Content(_("Send it when?"))
        self.app.push_screen(ChooseMoment(title, now=_("now"), anyway=row.send_anyway), chosen)

    def command_edit_waiting(self) -> None:
        """Another text for what nobody has yet."""
        row, inbox = self.current, context(self).inbox
        if row is None:
            return
        if row.state not in WAITING:
            context(self).say(_("Only what has not left can get another text."))
            return
        text = self.page.texts.get(row.comment_id, "")
        dialog = EditText(
            Content(_("Edit what has not left yet")),
            text,
            lambda changed: inbox.write(outbox.edit, row.id, changed),
        )

        def edited(done: bool | None) -> None:
            if done:
                context(self).say(delivery_about(row, _("It goes out as you wrote it now")))
                self.reload()

        self.app.push_screen(dialog, edited)

    def command_release(self) -> None:
        """After a restore: look at what would go, then send again."""

        def agreed(answer: str | None) -> None:
            if answer is not None:
                resend = answer == RESEND
                words = _("Sending goes on")
                self._act(
                    "release",
                    words,
                    lambda inbox: inbox.write(restore_guard.release, resend=resend),
                )

        if self.page.held is None:
            context(self).say(_("Sending is not held."))
        else:
            self.app.push_screen(release_question(context(self)), agreed)

    def command_reroute(self) -> None:
        """Another account or another address of the same recipient; never another person."""
        row, inbox = self.current, context(self).inbox
        if row is None:
            return
        # Whoever chooses another way for one that may have arrived was told that it may.
        force = row.state == State.UNKNOWN

        async def load() -> Sequence[Item]:
            choices = await inbox.read(queries.choices, row.task_id)
            items = [
                Item(safe.line(_("by {account}").format(account=name)), Way(via=name))
                for name in choices.accounts
                if name != row.account
            ]
            items += [
                Item(safe.line(_("to {address}").format(address=value)), Way(address=value))
                for value in choices.addresses.get(row.recipient.id, ())
                if value != row.address
            ]
            return items or [Item(Content(_("There is no other way to them.")))]

        def chosen(way: Way | None) -> None:
            if way is not None:
                self._act_on(
                    row,
                    "reroute",
                    _("It goes another way"),
                    lambda inbox: inbox.write(
                        rerouting.reroute,
                        row.id,
                        reply_via=way.via,
                        address=way.address,
                        force=force,
                    ),
                )

        title = _("Send it another way; it may come twice") if force else _("Send it another way")
        self.app.push_screen(Choose(Content(title), load=load), chosen)
