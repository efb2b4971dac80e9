"""The first start: from nothing to an account that works, in one small app before the inbox."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Static
from textual.worker import Worker, WorkerState

from pfinbox.tui.settings import colours
from pfinbox.tui.setup.asking import Asking
from pfinbox.tui.setup.flow import Flow
from pfinbox.tui.setup.gate import Outcome, SetupGate
from pfinbox.tui.shell.key_queue import KeyQueue


class SetupApp(KeyQueue):
    """Runs to its end; ``outcome`` says what to go on with, ``failed`` what broke it."""

    CSS_PATH: ClassVar = ["../pfinbox.tcss", "setup.tcss"]
    TITLE = "pfinbox"
    ENABLE_COMMAND_PALETTE = False
    BINDINGS: ClassVar = []

    def __init__(self, gate: SetupGate) -> None:
        super().__init__()
        colours.offer(self)
        self.gate = gate
        self.outcome = Outcome()
        self.failed: BaseException | None = None

    def get_css_variables(self) -> dict[str, str]:
        return colours.complete(self.current_theme, super().get_css_variables())

    def compose(self) -> ComposeResult:
        yield Static(id="waiting")

    def wait(self, sentence: str) -> None:
        """What goes on between two pages."""
        self.screen_stack[0].query_one("#waiting", Static).update(Content(sentence))

    def on_mount(self) -> None:
        # Keys typed before the first page is there wait for it.
        self.hold_keys("page", patience=30)
        self.run_worker(self._walk(), name="flow", exit_on_error=False)

    async def _walk(self) -> None:
        self.outcome = await Flow(Asking(self, self.gate)).walk()
        self.exit()

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """A fault of ours is told by the command line; Textual would print secrets with it."""
        if event.state is WorkerState.ERROR:
            self.failed = event.worker.error
            self.exit()
