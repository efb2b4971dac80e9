"""To whom what is being written goes, by what and when: the choice, and the plan that it makes."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from textual.message import Message

from pfinbox.domain.model import Notify, Who
from pfinbox.domain.outbound.planning.delivery_plan import DeliveryPlan
from pfinbox.services.comments import planning
from pfinbox.tui.compose.attached import weighed
from pfinbox.tui.compose.composing import Composing
from pfinbox.tui.compose.writing import Mode, Writing
from pfinbox.tui.shell import workers
from pfinbox.tui.shell.context import context
from pfinbox.tui.shell.post_message import post_message


class Addressing(Composing):
    """What the composer knows about recipients."""

    @dataclass
    class PickWanted(Message):
        """The agent wants to choose; it is known by now who is chosen already."""

        writing: Writing

    @dataclass
    class Preselected(Message):
        writing: Writing
        notify: Notify
        everyone: bool

    @dataclass
    class PlanRead(Message):
        writing: Writing
        notify: Notify
        plan: DeliveryPlan

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._picking = False

    def begin(self, task_id: int, mode: Mode) -> None:
        self._picking = False
        super().begin(task_id, mode)

    def preselect(self) -> None:
        """Ask whom this agent would write to, once draft and conversation are known."""
        writing = self.writing
        if writing is None or not self._draft_known or self.seen is None:
            return
        everyone = writing.everyone and writing.answers is not None
        if writing.notify is not None and not everyone:
            self.read_plan()
            return
        inbox, note = context(self).inbox, writing.mode == "note"
        workers.read(
            self,
            "preselect",
            lambda: inbox.read(
                planning.preselect,
                writing.task_id,
                answers=writing.answers,
                note=note,
                reply_all=everyone,
            ),
            lambda notify: self.Preselected(writing, notify, everyone),
        )

    def to_everyone(self) -> None:
        """Whom the answered mail went to, new people included, as soon as they are known (R45)."""
        if self.writing is not None:
            self.writing.everyone = True
            self.preselect()

    def on_addressing_preselected(self, message: Preselected) -> None:
        message.stop()
        writing = self.writing
        if writing is not message.writing or (writing.everyone and not message.everyone):
            return
        if writing.notify is None or message.everyone:
            writing.everyone = False
            self.set_notify(message.notify)

    def set_notify(self, notify: Notify, names: dict[Who, str] | None = None) -> None:
        """Whom it goes to, by the picker or by default."""
        if self.writing is not None:
            self.names |= names or {}
            self.writing.choose(notify)
            self.plan = None
            self.changed()
            self.read_plan()

    def pick(self) -> None:
        """Ask for the picker, as soon as there is a choice that it can begin with."""
        if self.writing is not None:
            self._picking = True
            context(self).hold_keys("picker")
            self._pick_when_ready()

    def _pick_when_ready(self) -> None:
        if self._picking and self.writing is not None and self.writing.notify is not None:
            self._picking = False
            post_message(self, self.PickWanted(self.writing))

    def send_at(self, when: datetime | None, *, anyway: bool) -> None:
        """The moment at which it goes out, None: now (R18)."""
        if self.writing is not None:
            self.writing.send_at, self.writing.anyway = when, anyway
            self.plan = None
            self.changed()
            self.read_plan()

    def read_plan(self) -> None:
        """Who gets it, and by what, with the files that go along; shown when it is known."""
        writing = self.writing
        notify = writing.notify if writing else None
        if writing is None or notify is None:
            return
        self.show()
        self._pick_when_ready()
        inbox = context(self).inbox
        workers.read(
            self,
            "plan",
            lambda: inbox.read(
                planning.plan,
                writing.task_id,
                notify,
                when=writing.send_at,
                answers=writing.answers,
                along=planning.Along(writing.template, weighed(writing.files)),
            ),
            lambda plan: self.PlanRead(writing, notify, plan),
        )
        self.go_on()

    def on_addressing_plan_read(self, message: PlanRead) -> None:
        message.stop()
        if message.writing is self.writing and message.notify == self.writing.notify:
            self.plan = message.plan
            self.show()
