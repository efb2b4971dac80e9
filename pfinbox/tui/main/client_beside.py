"""The client beside the task at hand, or over it where there is no room for that."""

from abc import abstractmethod

from pfinbox.store.rows import TaskRow
from pfinbox.tui.contacts.client_panel import ClientPanel
from pfinbox.tui.main.panes import BESIDE, CLIENT_WIDTH, Panes
from pfinbox.tui.shell.command import CLIENT, LIST, PANES


class ClientBeside(Panes):
    """Panes with the client's panel, which stands beside them or over the task."""

    def __init__(self, agent_id: int, agent_name: str) -> None:
        super().__init__(agent_id, agent_name)
        # The pane that a narrow terminal shows; in a wide one, the pane that the agent is in.
        self.shown = LIST
        # The client is wanted beside the task; and where the agent was before going there.
        self.client_shown = False
        self._before_client = LIST

    @property
    @abstractmethod
    def target(self) -> TaskRow | None:
        """The task at hand."""

    @abstractmethod
    def go(self, place: str) -> None:
        """Give a pane the focus."""

    @abstractmethod
    def open_task(self, task_id: int) -> None:
        """Show a task and go into it."""

    @property
    def room_beside(self) -> bool:
        """Whether the terminal is wide enough for both."""
        return self.app.size.width >= BESIDE

    def toggle_client(self) -> bool:
        """Show the client of the task at hand, or nobody; whether one is wanted from now on."""
        shown = not self.client_panel.display
        self.client_shown = shown and self.room_beside
        if not shown:
            self.leave_client()
        else:
            self.display_client(shown=True)
            if not self.room_beside:
                self._before_client = self.place
                self.go(CLIENT)
        return self.client_shown

    def display_client(self, *, shown: bool) -> None:
        # Asked for first: after a scroll Textual looks all places up anew, and where it does so
        # with the panel there already, nobody is told of a new size.
        room = self.task_pane.region.width
        panel = self.client_panel
        if self.room_beside:
            panel.styles.width = CLIENT_WIDTH
        else:
            # Exactly over the task, so that no word beside it is cut.
            panel.styles.width = room if room and not self.narrow else "100%"
        panel.display = shown
        if shown:
            panel.follow(self.target)

    def leave_client(self) -> None:
        """Back to where the agent was; over the others it does not stay."""
        inside = self.place == CLIENT
        self.display_client(shown=self.client_shown and self.room_beside)
        if inside:
            self.go(self._before_client if self._before_client in PANES else self.shown)

    def open_of_client(self, task_id: int | None) -> None:
        """Go into another task of the client."""
        if task_id is not None:
            self.leave_client()
            self.open_task(task_id)

    def on_client_panel_chosen(self, message: ClientPanel.Chosen) -> None:
        self.open_of_client(message.task_id)
