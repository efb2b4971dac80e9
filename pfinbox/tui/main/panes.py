"""The main screen's panes, and which of them has the keys."""

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.reactive import var
from textual.screen import Screen
from textual.widget import Widget

from pfinbox.tui.contacts.client_panel import ClientPanel, ClientTasks
from pfinbox.tui.conversation.task_pane import TaskPane
from pfinbox.tui.inbox.list_pane import ListPane
from pfinbox.tui.inbox.task_list import TaskList
from pfinbox.tui.inbox.views_pane import ViewsPane
from pfinbox.tui.shell.command import CLIENT, COMPOSER, LIST, PANES, TASK, VIEWS
from pfinbox.tui.shell.compositor import SparingCompositor
from pfinbox.tui.widgets.command_line import CommandLine
from pfinbox.tui.widgets.hint_line import HintLine
from pfinbox.tui.widgets.status_bar import StatusBar
from pfinbox.tui.widgets.text_box import TextBox
from pfinbox.tui.widgets.words import Words

# Narrower terminals show one pane at a time.
WIDE = 100
# From here on the client is shown beside the conversation, else over it.
BESIDE, CLIENT_WIDTH = 160, 44


class Panes(Screen[None]):
    """Views, list, task and client."""

    # Textual declares it as if it were an instance's.
    HORIZONTAL_BREAKPOINTS = [  # noqa: RUF012
        (0, "-narrow"),
        (WIDE, "-wide"),
        (BESIDE, "-beside"),
    ]
    AUTO_FOCUS = ""
    # Textual paints the whole screen for another focus; here the panes draw it themselves.
    focused: var[Widget | None] = var[Widget | None](None)

    def __init__(self, agent_id: int, agent_name: str) -> None:
        super().__init__()
        self._compositor = SparingCompositor()
        self.agent_id = agent_id
        self.agent_name = agent_name
        self.zoomed = False

    def compose(self) -> ComposeResult:
        # At once, not with the first resize: that would make and paint everything twice.
        width = self.app.size.width
        fitting = max(point for point in self.HORIZONTAL_BREAKPOINTS if point[0] <= width)
        self.add_class(fitting[1], update=False)
        yield StatusBar(self.agent_name, id="status")
        with Horizontal(id="panes"):
            yield ViewsPane(id="views")
            yield ListPane(self.agent_id, id="tasks")
            yield TaskPane(self.agent_id, id="task")
            yield ClientPanel(id="client")
        yield HintLine(id="hints")
        offers = Words(id="command-offers")
        yield CommandLine(offers, id="command-line")
        yield offers

    @property
    def views_pane(self) -> ViewsPane:
        return self.query_one(ViewsPane)

    @property
    def list_pane(self) -> ListPane:
        return self.query_one(ListPane)

    @property
    def task_list(self) -> TaskList:
        return self.list_pane.list

    @property
    def task_pane(self) -> TaskPane:
        return self.query_one(TaskPane)

    @property
    def client_panel(self) -> ClientPanel:
        return self.query_one(ClientPanel)

    @property
    def panes(self) -> tuple[str, ...]:
        """Those that there are, in the order in which tab walks them."""
        return (*PANES, CLIENT) if self.client_panel.display else PANES

    @property
    def status_bar(self) -> StatusBar:
        return self.query_one(StatusBar)

    @property
    def hint_line(self) -> HintLine:
        return self.query_one(HintLine)

    @property
    def narrow(self) -> bool:
        # The app's size: the screen's own is not known before its first layout.
        return self.app.size.width < WIDE or self.zoomed

    @property
    def place(self) -> str:
        """Where keys go: list, task, views, composer, or "" in another field."""
        focused = self.focused
        if isinstance(focused, TextBox):
            return COMPOSER
        if isinstance(focused, ViewsPane):
            return VIEWS
        if isinstance(focused, ClientTasks):
            return CLIENT
        if focused is self.task_pane.view:
            return TASK
        return LIST if focused is None or isinstance(focused, TaskList) else ""
