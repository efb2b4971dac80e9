"""The main screen's layout: where keys go, how much room each pane has, which task is at hand."""

from collections.abc import Collection

from textual.widget import Widget

from pfinbox.errors import NotFound
from pfinbox.i18n import _
from pfinbox.store.rows import TaskRow, ViewCount
from pfinbox.tui.compose.writing import Mode
from pfinbox.tui.conversation.conversation_view import ConversationView
from pfinbox.tui.inbox.task_list import TaskList
from pfinbox.tui.main.client_beside import ClientBeside
from pfinbox.tui.shell.change_listener import Changed
from pfinbox.tui.shell.command import CLIENT, COMPOSER, LIST, PANES, TASK, VIEWS
from pfinbox.tui.shell.context import context
from pfinbox.tui.shell.post_message import post_message
from pfinbox.tui.widgets.command_line import CommandLine

# In hundredths of the room for list and task.
LIST_SHARE, LEAST_SHARE, STEP = 40, 20, 5


class Layout(ClientBeside):
    """Panes beside each other, or one at a time where the terminal is narrow."""

    def __init__(self, agent_id: int, agent_name: str) -> None:
        super().__init__(agent_id, agent_name)
        # Names and whether active, in the configured order.
        self.statuses: tuple[tuple[str, bool], ...] = ()
        # Of the room for list and task, so much is the list's.
        self._list_share = LIST_SHARE
        # A comment is being written; and the pane in which the agent was before that.
        self._composing = False
        self._came_from = LIST
        # A draft, by its task and mode, that is shown when the cursor has gone back to its task.
        self._comes_back: tuple[int, Mode] | None = None

    def on_mount(self) -> None:
        self._give_room()
        # No message: what stands beside the list is painted together with the cursor.
        self.watch(self.task_list, "cursor", self._follow, init=False)

    # --- which pane has the keys ----------------------------------------------------------------

    def go(self, place: str) -> None:
        """Give a pane the focus, at once; in a narrow terminal it is then the one shown."""
        widget: Widget = {
            VIEWS: self.views_pane,
            LIST: self.task_list,
            TASK: self.task_pane.view,
            COMPOSER: self.task_pane.composer.box,
            CLIENT: self.client_panel.tasks,
        }[place]
        self.show_pane(place)
        self.set_focus(widget, scroll_visible=False)
        self.hint_line.show(place)

    def show_pane(self, place: str) -> None:
        """Where there is room for one pane, it is that of ``place``."""
        if place == CLIENT:
            # It stands beside or over the others, and leaves none of them.
            return
        inside = place in (TASK, COMPOSER)
        if self.shown in (TASK, COMPOSER) and not inside:
            self.task_pane.leave()
        self.shown = place
        alone = self.narrow
        self.views_pane.display = not alone or place == VIEWS
        self.list_pane.display = not alone or place == LIST
        self.task_pane.display = not alone or inside
        self.task_list.steps.allowed = not inside
        if inside:
            self.task_list.leave()

    # --- how much room each has -----------------------------------------------------------------

    def zoom(self) -> None:
        """The pane with the keys alone; the others come back by the same key."""
        place = self.place or LIST
        self.zoomed = not self.zoomed
        self.query_one("#panes").set_class(self.zoomed, "-zoomed")
        self.go(place)
        self.on_resize()

    @property
    def list_share(self) -> int:
        return self._list_share

    @list_share.setter
    def list_share(self, percent: int) -> None:
        """Out of bounds is as near to it as can be: no pane disappears by this."""
        self._list_share = max(LEAST_SHARE, min(percent, 100 - LEAST_SHARE))
        if self.is_mounted:
            self._give_room()

    def _give_room(self) -> None:
        self.list_pane.styles.width = f"{self._list_share}fr"
        self.task_pane.styles.width = f"{100 - self._list_share}fr"

    def on_descendant_focus(self) -> None:
        """By key or by mouse: the hints follow, and the pane with the keys stands out."""
        focused = self.focused
        within = focused.ancestors_with_self if focused is not None else ()
        # By no :focus-within: Textual makes the styles of all that is in a pane anew for that.
        self.list_pane.set_active(active=self.list_pane in within)
        self.task_pane.set_active(active=self.task_pane in within)
        place = self.place
        if place:
            self.show_pane(place)
        self.hint_line.show(place or LIST)
        # A click into another pane while a comment is being written ends the right to go back.
        if self.task_pane.composer.writing is not None and place in PANES:
            self._composing = False

    def on_resize(self) -> None:
        """A terminal that has become wide shows the task beside the list."""
        self.show_pane(self.shown)
        self.show_beside()
        beside = self.client_shown and self.room_beside
        if self.place != CLIENT or beside:
            self.display_client(shown=beside)

    # --- what was chosen ------------------------------------------------------------------------

    def show_view(self, view: str) -> None:
        """Another view; the list has the keys, and what is typed on is meant for its rows."""
        context(self).hold_keys("start")
        self.list_pane.show_view(view)
        self.list_pane.set_count(self.views_pane.counts.get(view))
        counts = self.views_pane.counts.items()
        self.views_pane.show(tuple(ViewCount(*count) for count in counts), view)
        self.go(LIST)

    def _follow(self, task_id: int | None) -> None:
        """The cursor has come to another task: it is shown beside the list, not read yet by that.

        Never while the agent is in a task: what is read or written there stays (R47).
        """
        inside = self.shown in (TASK, COMPOSER)
        if not self.narrow and not inside:
            self.task_pane.follow(self.task_list.row(task_id))
            self._bring_draft(task_id)

    def show_beside(self) -> None:
        """In the list, what stands beside it is the task under its cursor."""
        cursor = self.task_list.cursor
        if self.shown == LIST and not self.narrow and cursor is not None:
            self.task_pane.show_task(cursor)

    def on_task_list_opened(self, message: TaskList.Opened) -> None:
        self.open_task(message.task_id)

    def open_task(self, task_id: int) -> None:
        """Show a task and go into it."""
        self.task_pane.show_task(task_id, opened=True)
        self.go(TASK)

    def on_conversation_view_selected(self, message: ConversationView.Selected) -> None:
        """The bottom line names the keys for the comment."""
        self.hint_line.on_comment = message.comment_id is not None
        self.hint_line.show(self.place or LIST)

    def on_draft_saved(self) -> None:
        """The list marks the task in which something is being written."""
        post_message(self, Changed(frozenset({"drafts"})))

    def open_number(self, number: str) -> None:
        """The task whose number was typed."""
        digits = number.lstrip("#")
        if not digits.isdigit():
            raise NotFound(_("there is no task {number}").format(number=number))
        self.open_task(int(digits))

    def on_task_pane_marked_read(self) -> None:
        self.changed()

    def changed(self, ids: Collection[int] = ()) -> None:
        """We changed something ourselves; ``ids``: the tasks that the agent has changed."""
        self.list_pane.acted(ids)
        post_message(self, Changed(frozenset({"tasks"})))

    # --- which task is at hand ------------------------------------------------------------------

    @property
    def target(self) -> TaskRow | None:
        """The task that commands are about: the one that the agent sees (R47)."""
        if self.shown not in (TASK, COMPOSER):
            return self.task_list.current if self.list_pane.display else None
        task_id, held = self.task_pane.task_id, self.task_pane.conversation
        if held is not None and held.task.id == task_id:
            return held.task
        # It is still being read; the list knows it already.
        return next((row for row in self.task_list.rows if row.id == task_id), None)

    @property
    def at_hand(self) -> int | None:
        """The number of the target, also while it is still being read."""
        if self.shown in (TASK, COMPOSER):
            return self.task_pane.task_id
        return self.target.id if self.target is not None else None

    @property
    def targets(self) -> list[TaskRow]:
        """The tasks that commands are about: those that are marked, else the one at hand."""
        if self.place == LIST:
            return self.task_list.chosen
        # From the views or the search field too, what is marked is in sight.
        if self.shown not in (TASK, COMPOSER) and self.task_list.marked:
            return self.task_list.chosen if self.list_pane.display else []
        return [self.target] if self.target is not None else []

    # --- writing --------------------------------------------------------------------------------

    def write(self, mode: Mode, task_id: int | None = None) -> None:
        """Open the composer within this very key press: the next key is text already.

        In the task at hand, or in the one with this number.
        """
        task_id = task_id or self.at_hand
        if task_id is None:
            context(self).say(_("There is no task to write in."))
            return
        self.task_pane.show_task(task_id)
        if self.place != COMPOSER:
            self._came_from = self.place
        self.show_pane(COMPOSER)
        self._composing = True
        self.task_pane.write(mode)

    def show_draft(self, task_id: int, mode: Mode) -> None:
        """Show the draft of this task under its conversation, without the focus.

        Where the cursor has stepped off the task, it goes back to it first.
        """
        pane = self.task_pane
        # The list knows first: the pane may still show the task that the cursor has left.
        if self.undone(task_id):
            self._comes_back = (task_id, mode)
        elif pane.task_id == task_id and pane.display:
            # What the composer shows of it may be older than the store's.
            pane.composer.end()
            pane.write(mode, focus=False)

    def _bring_draft(self, task_id: int | None) -> None:
        """The cursor has come to a task: perhaps to the one of a comment taken back."""
        back = self._comes_back
        if back is not None and not self.task_list.steps.lead_back(task_id, back[0]):
            self._comes_back = None
            if back[0] == task_id:
                self.show_draft(*back)

    def undone(self, task_id: int) -> bool:
        """A change of this task was taken back: whether the cursor goes back to it."""
        return self.task_list.steps.undo(self.task_list.cursor, task_id)

    def leave_composer(self) -> None:
        """Back to the pane in which the agent was before writing."""
        # Not by the focus: Textual moves it away from a field that is hidden.
        if self._composing or self.place == COMPOSER:
            self._composing = False
            self.go(self._came_from if self._came_from in PANES else LIST)
            self.show_beside()

    def on_composer_closed(self) -> None:
        # Unless it is open for another task by now.
        if self.task_pane.composer.writing is None:
            self.leave_composer()

    # --- the command line -----------------------------------------------------------------------

    def open_command_line(self) -> None:
        self._came_from = self.place or LIST
        self.query_one(CommandLine).open()
        self.hint_line.add_class("-covered")

    def on_command_line_left(self) -> None:
        self.hint_line.remove_class("-covered")
        self.go(self._came_from)
