"""Moving about: lines, pages, panes, comments, tasks."""

from pfinbox.i18n import _
from pfinbox.tui.commands.family import Family
from pfinbox.tui.shell.command import CLIENT, COMPOSER, LIST, TASK, VIEWS


class MoveCommands(Family):
    """Commands that only change what is looked at."""

    def down(self, argument: str = "") -> None:
        self._move(1)

    def up(self, argument: str = "") -> None:
        self._move(-1)

    def _move(self, step: int) -> None:
        place = self.layout.place
        if place == VIEWS:
            self.layout.views_pane.move(step)
        elif place == CLIENT:
            self.layout.client_panel.tasks.move(step)
        elif place == TASK:
            self.layout.task_pane.view.scroll_relative(y=step * 2, animate=False, immediate=True)
        else:
            self.layout.task_list.move(step)

    def top(self, argument: str = "") -> None:
        self._move_to_end(last=False)

    def bottom(self, argument: str = "") -> None:
        self._move_to_end(last=True)

    def _move_to_end(self, *, last: bool) -> None:
        place, view = self.layout.place, self.layout.task_pane.view
        if place == VIEWS:
            self.layout.views_pane.move_to_end(last=last)
        elif place == TASK:
            view.scroll_to(y=view.max_scroll_y if last else 0, animate=False, immediate=True)
        elif place == CLIENT:
            tasks = self.layout.client_panel.tasks
            tasks.move(len(tasks.shown) * (1 if last else -1))
        else:
            self.layout.list_pane.to_end(last=last)

    def page_down(self, argument: str = "") -> None:
        self._page(1)

    def page_up(self, argument: str = "") -> None:
        self._page(-1)

    def _page(self, direction: int) -> None:
        view = self.layout.task_pane.view
        if self.layout.place == TASK:
            rows = max(view.size.height - 2, 1) * direction
            view.scroll_relative(y=rows, animate=False, immediate=True)
        elif self.layout.place == LIST:
            self.layout.task_list.page(direction)
        elif self.layout.place == CLIENT:
            tasks = self.layout.client_panel.tasks
            tasks.move(max(tasks.size.height - 1, 1) * direction)

    def open(self, argument: str = "") -> None:
        row = self.layout.task_list.current
        if argument:
            self.layout.open_number(argument)
        elif self.layout.place == VIEWS:
            self.layout.views_pane.open()
        elif self.layout.place == LIST and row is not None:
            self.layout.open_task(row.id)
        elif self.layout.place == TASK:
            self.layout.write("reply")
        elif self.layout.place == CLIENT:
            self.layout.open_of_client(self.layout.client_panel.tasks.value)

    def back(self, argument: str = "") -> None:
        place = self.layout.place
        if place == COMPOSER:
            self.layout.task_pane.composer.close()
        elif place == TASK:
            if self.layout.task_pane.view.selected is not None:
                self.layout.task_pane.view.select_none()
            elif not self.layout.task_pane.walk_forward():
                self.layout.go(LIST)
                self._come_together()
        elif place == LIST and self.layout.task_list.marked:
            self.layout.task_list.unmark()
        elif place == LIST and self.layout.list_pane.search:
            self.layout.list_pane.leave_search(clear=True)
        elif place == VIEWS:
            self.layout.go(LIST)
        elif place == CLIENT:
            self.layout.leave_client()

    def _come_together(self) -> None:
        """What stands beside the list is what a key in the list is for."""
        shown = self.layout.task_pane.task_id
        if shown is not None:
            self.layout.task_list.move_to(shown)
        self.layout.show_beside()

    def next_pane(self, argument: str = "") -> None:
        self._go_pane(1)

    def previous_pane(self, argument: str = "") -> None:
        self._go_pane(-1)

    def _go_pane(self, step: int) -> None:
        panes = self.layout.panes
        self.layout.go(panes[(panes.index(self.layout.place) + step) % len(panes)])

    def next_comment(self, argument: str = "") -> None:
        self.layout.task_pane.view.select(1)

    def previous_comment(self, argument: str = "") -> None:
        self.layout.task_pane.view.select(-1)

    def next_unread(self, argument: str = "") -> None:
        self._go_unread(1)

    def previous_unread(self, argument: str = "") -> None:
        self._go_unread(-1)

    def _go_unread(self, direction: int) -> None:
        if not self.layout.task_list.next_unread(direction):
            self.context.say(_("No unread task in that direction."))
        elif self.layout.place == TASK and self.layout.task_list.cursor is not None:
            self.layout.open_task(self.layout.task_list.cursor)

    def previous_task(self, argument: str = "") -> None:
        if self.layout.task_pane.walk_back():
            self.layout.go(TASK)
        else:
            self.context.say(_("There is no earlier conversation with this client."))

    def unfold_changes(self, argument: str = "") -> None:
        """Automatic lines in a row, one by one or as one."""
        if not self.layout.task_pane.view.unfold_changes():
            self.context.say(_("No changes in a row stand here."))

    def unfold(self, argument: str = "") -> None:
        self.layout.task_pane.view.unfold()

    def mark(self, argument: str = "") -> None:
        self.layout.task_list.mark()

    def mark_range(self, argument: str = "") -> None:
        self.layout.task_list.mark_range()

    def mark_all(self, argument: str = "") -> None:
        self.layout.list_pane.mark_all()
