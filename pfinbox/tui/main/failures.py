"""What becomes of a job that did not work: the one place for all of them."""

from abc import abstractmethod
from typing import TYPE_CHECKING

from textual.content import Content
from textual.worker import Worker, WorkerState

from pfinbox.errors import LockedOut, PfinboxError, StoreError
from pfinbox.i18n import _
from pfinbox.services import queries
from pfinbox.tui.dialogs import ask
from pfinbox.tui.settings.coloured import Coloured
from pfinbox.tui.shell import workers
from pfinbox.tui.widgets import safe
from pfinbox.tui.widgets.pick_list import Item
from pfinbox.wording.cards import revealed_lines

if TYPE_CHECKING:
    from pfinbox.services.inbox import Inbox

# Asked again and again: that one of them failed is said once, in the status bar.
READS = (
    "views",
    "searches",
    "tasks",
    "overlay",
    "conversation",
    "health",
    "colleagues",
    "presence",
    "news",
    "draft count",
)
# What keys wait for while these jobs run.
WAITED = {
    "comment": ("send",),
    "draft to load": ("send", "picker"),
    "preselect": ("send", "picker"),
    "plan": ("send", "picker"),
    "invite": ("invite",),
    "inside": ("choose",),
    "replies": ("replies",),
    "conversation": ("conversation",),
}


class Failures(Coloured):
    """An app whose jobs may fail; it goes on."""

    inbox: "Inbox"

    @abstractmethod
    def say(self, sentence: str, *, trouble: bool = False) -> None:
        """Show a sentence for a moment."""

    @abstractmethod
    def first_shown(self) -> None:
        """The first rows are there, or do not come."""

    @abstractmethod
    def is_lost(self, sentence: str) -> None:
        """The database does not answer, for this reason; "": it does again."""

    def on_failed(self, message: workers.Failed) -> None:
        """A job did not work: said, and the program goes on."""
        error = message.error
        for hold in WAITED.get(message.job, ()):
            self.drop_keys(hold)
        if message.job == "tasks":
            self.first_shown()
        if isinstance(error, LockedOut):
            # With all that it still shows.
            self.exit(return_code=error.exit_code, message=str(error))
        elif isinstance(error, StoreError):
            self.is_lost(str(error))
            if message.job not in READS:
                self.say(str(error), trouble=True)
        elif isinstance(error, PfinboxError | OSError):
            self.say(str(error), trouble=True)
        else:
            words = _("{job} did not work: {error}")
            detail = f"{type(error).__name__}: {error}"
            self.say(words.format(job=message.job, error=detail), trouble=True)
            self.log.error(error)

    def on_reveals(self, message: workers.Reveals) -> None:
        """The words are read before a contact reads them; then the same job goes on."""
        inbox = self.inbox

        async def load() -> "ask.Question":
            people = {look.contact_id for look in message.looks}
            names = {one: (await inbox.read(queries.contact, one)).name for one in sorted(people)}
            lines = safe.lines(revealed_lines(message.looks, names))
            return ask.Question(lines, [Item(Content(_("let them be seen")), "yes")])

        def answered(answer: str | None) -> None:
            (message.leave if answer is None else message.again)()

        title = Content(_("What a contact would see that they never got"))
        self.push_screen(ask.Ask(title, load), answered)

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """Jobs report their own failures; what comes here is a fault in the program."""
        if event.state is WorkerState.ERROR and event.worker.error is not None:
            error = event.worker.error
            if isinstance(error, Exception):
                self.on_failed(workers.Failed(event.worker.name, error))
