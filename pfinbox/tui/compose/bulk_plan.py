"""The plan of a bulk reply as totals, who that is on demand, the sending, and what became of it."""

from collections.abc import Sequence
from dataclasses import dataclass

from textual import events
from textual.containers import VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Static

from pfinbox.domain.recipients.bulk import BulkRow
from pfinbox.domain.text.canned import fill, person_values
from pfinbox.i18n import _, ngettext
from pfinbox.services.comments import bulk
from pfinbox.services.comments.bulk import BulkReply, Outcome
from pfinbox.tui.dialogs.dialog import Dialog
from pfinbox.tui.shell import workers
from pfinbox.tui.widgets import safe
from pfinbox.wording.outbound.bulk import done_words, outcome_lines, totals, warned, who

BAR = 40
# Of the text so much is shown as the first client gets it.
SAMPLE = 600


class BulkPlan(Dialog[Outcome]):
    """None: back to the text, nothing was sent."""

    @dataclass
    class Told(Message):
        done: int

    @dataclass
    class Sent(Message):
        outcome: Outcome

    def __init__(self, rows: Sequence[BulkRow], reply: BulkReply, agent_name: str) -> None:
        super().__init__(Content(_("This would go out")))
        self.rows, self.reply, self.agent_name = tuple(rows), reply, agent_name
        self.going = [row for row in rows if row.goes]
        self.names_shown = False
        self.outcome: Outcome | None = None
        self.sending = self.stopping = False

    def body(self) -> list[Widget]:
        body = VerticalScroll(Static(id="bulk-people"), classes="bulk-body")
        body.can_focus = True
        return [Static(Content.styled(totals(self.rows), "bold"), id="bulk-state"), body]

    def hints(self) -> Content:
        if self.outcome is not None:
            return Content(_("↑↓ read · enter close"))
        if self.stopping:
            return Content(_("stops after this one …"))
        if self.sending:
            return Content(_("s stop"))
        people = _("w text") if self.names_shown else _("w who")
        if not self.going:
            return Content(" · ".join((people, _("esc back"))))
        n = len(self.going)
        send = ngettext("enter send {n} reply", "enter send {n} replies", n).format(n=n)
        return Content(" · ".join((send, people, _("↑↓ read"), _("esc back"))))

    def on_mount(self) -> None:
        self.set_focus(self.query_one(VerticalScroll))
        self._show()

    def _show(self) -> None:
        """What stands under the totals, and what the keys do now."""
        if self.outcome is not None:
            lines = safe.lines(outcome_lines(self.outcome))
        elif self.names_shown:
            lines = safe.lines(who(self.rows))
        else:
            lines = self._sample()
        self.query_one("#bulk-people", Static).update(Content("\n").join(lines))
        self.query_one(".dialog-hints", Static).update(self.hints())

    def _sample(self) -> list[Content]:
        """The text as the first of them gets it."""
        if not self.going:
            return [Content(_("It would reach nobody."))]
        row = self.going[0]
        values = {"task.title": row.title, "task.number": f"#{row.task_id}"}
        values |= person_values("client", row.name)
        values |= person_values("agent", self.agent_name)
        text = fill(self.reply.text, values)
        lines = [safe.line(_("as {name} gets it:").format(name=row.name), "$foreground-muted")]
        lines += [safe.block(text[:SAMPLE] + ("…" if len(text) > SAMPLE else ""))]
        lines += [Content.assemble("▪ ", safe.line(one.name)) for one in self.reply.attachments]
        if n := warned(self.rows):
            words = ngettext(
                "! with {n} of them there is something to know (w)",
                "! with {n} of them there is something to know (w)",
                n,
            )
            lines += [Content(""), Content.styled(words.format(n=n), "bold")]
        return lines

    # --- sending --------------------------------------------------------------------------------

    def _send(self) -> None:
        if self.sending or self.outcome is not None or not self.going:
            return
        self.sending = True
        self.query_one(".dialog-title", Static).update(Content(_("Sending …")))

        def told(done: int) -> None:
            self.post_message(self.Told(done))

        workers.write(
            self,
            "bulk reply",
            lambda inbox: bulk.send(
                inbox, self.reply, self.rows, told=told, stopped=lambda: self.stopping
            ),
            self.Sent,
            apart=True,
        )
        self.on_bulk_plan_told(self.Told(0))
        self._show()

    def on_bulk_plan_told(self, message: Told) -> None:
        if self.sending:
            full = BAR * message.done // len(self.going)
            words = _("{done} of {n}").format(done=message.done, n=len(self.going))
            bar = Content.assemble(
                ("█" * full, "bold"), ("░" * (BAR - full), "$foreground-muted"), f"  {words}"
            )
            self.query_one("#bulk-state", Static).update(bar)

    def on_bulk_plan_sent(self, message: Sent) -> None:
        self.sending, self.outcome = False, message.outcome
        # Who could not be reached was shown before.
        news = [row for row, _why in message.outcome.left_out if not row.why]
        if not news and not message.outcome.not_tried:
            self.answer(message.outcome)
            return
        self.query_one(".dialog-title", Static).update(Content(_("What became of it")))
        words = Content.styled(done_words(message.outcome), "bold")
        self.query_one("#bulk-state", Static).update(words)
        self._show()

    def on_failed(self) -> None:
        """Nothing is lost: the text is a draft, and what went out is not sent again."""
        self.sending = self.stopping = False
        self.query_one(".dialog-title", Static).update(self.title_words)
        self._show()

    # --- keys -----------------------------------------------------------------------------------

    def on_key(self, event: events.Key) -> None:
        key, body = event.character or event.key, self.query_one(VerticalScroll)
        if event.key in ("escape", "enter") and self.outcome is not None:
            self.answer(self.outcome)
        elif self.sending:
            if event.key == "escape" or key in ("s", "ы"):
                self.stopping = True
                self._show()
        elif event.key == "escape":
            self.answer(None)
        elif event.key == "enter":
            self._send()
        elif key in ("w", "ц") and self.outcome is None:
            self.names_shown = not self.names_shown
            self._show()
        elif event.key in ("space", "pagedown"):
            body.scroll_page_down(animate=False)
        elif event.key == "pageup":
            body.scroll_page_up(animate=False)
        elif event.key == "up" or key in ("k", "л"):
            body.scroll_up(animate=False)
        elif event.key == "down" or key in ("j", "о"):
            body.scroll_down(animate=False)
        else:
            return
        event.stop()
