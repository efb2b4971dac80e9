"""Moving about: lines, pages, panes, comments, tasks."""

from pfinbox.i18n import _
from pfinbox.tui.main.acting import Acting
from pfinbox.tui.shell.commands import COMPOSER, LIST, PANES, TASK, VIEWS
from pfinbox.tui.shell.context import context


class Moving(Acting):
    """Commands that only change what is looked at."""

    def command_down(self, argument: str = "") -> None:
        self._move(1)

    def command_up(self, argument: str = "") -> None:
        self._move(-1)

    def _move(self, step: int) -> None:
        place = self.place
        if place == VIEWS:
            self.views_pane.move(step)
        elif place == TASK:
            self.task_pane.view.scroll_relative(y=step * 2, animate=False, immediate=True)
        else:
            self.task_list.move(step)

    def command_top(self, argument: str = "") -> None:
        self._move_to_end(last=False)

    def command_bottom(self, argument: str = "") -> None:
        self._move_to_end(last=True)

    def _move_to_end(self, *, last: bool) -> None:
        place, view = self.place, self.task_pane.view
        if place == VIEWS:
            self.views_pane.move_to_end(last=last)
        elif place == TASK:
            view.scroll_to(y=view.max_scroll_y if last else 0, animate=False, immediate=True)
        else:
            self.list_pane.to_end(last=last)

    def command_page_down(self, argument: str = "") -> None:
        self._page(1)

    def command_page_up(self, argument: str = "") -> None:
        self._page(-1)

    def _page(self, direction: int) -> None:
        view = self.task_pane.view
        if self.place == TASK:
            rows = max(view.size.height - 2, 1) * direction
            view.scroll_relative(y=rows, animate=False, immediate=True)
        elif self.place == LIST:
            self.task_list.page(direction)

    def command_open(self, argument: str = "") -> None:
        row = self.task_list.current
        if argument:
            self.open_number(argument)
        elif self.place == VIEWS:
            self.views_pane.open()
        elif self.place == LIST and row is not None:
            self.open_task(row.id)
        elif self.place == TASK:
            self.write("reply")

    def command_back(self, argument: str = "") -> None:
        place = self.place
        if place == COMPOSER:
            self.task_pane.composer.close()
        elif place == TASK:
            if self.task_pane.view.selected is not None:
                self.task_pane.view.select_none()
            elif not self.task_pane.walk_forward():
                self.go(LIST)
                self._come_together()
        elif place == LIST and self.task_list.marked:
            self.task_list.unmark()
        elif place == LIST and self.list_pane.search:
            self.list_pane.leave_search(clear=True)
        else:
            self.go(VIEWS if place == LIST else LIST)

    def _come_together(self) -> None:
        """What stands beside the list is what a key in the list is for."""
        shown = self.task_pane.task_id
        if shown is not None:
            self.task_list.move_to(shown)
        self.show_beside()

    def command_next_pane(self, argument: str = "") -> None:
        self.go(PANES[(PANES.index(self.place) + 1) % len(PANES)])

    def command_previous_pane(self, argument: str = "") -> None:
        self.go(PANES[(PANES.index(self.place) - 1) % len(PANES)])

    def command_next_comment(self, argument: str = "") -> None:
        self.task_pane.view.select(1)

    def command_previous_comment(self, argument: str = "") -> None:
        self.task_pane.view.select(-1)

    def command_next_unread(self, argument: str = "") -> None:
        self._go_unread(1)

    def command_previous_unread(self, argument: str = "") -> None:
        self._go_unread(-1)

    def _go_unread(self, direction: int) -> None:
        if not self.task_list.next_unread(direction):
            context(self).say(_("No unread task in that direction."))
        elif self.place == TASK and self.task_list.cursor is not None:
            self.open_task(self.task_list.cursor)

    def command_previous_task(self, argument: str = "") -> None:
        if self.task_pane.walk_back():
            self.go(TASK)
        else:
            context(self).say(_("There is no earlier conversation with this client."))

    def command_unfold(self, argument: str = "") -> None:
        self.task_pane.view.unfold()

    def command_mark(self, argument: str = "") -> None:
        self.task_list.mark()

    def command_mark_range(self, argument: str = "") -> None:
        self.task_list.mark_range()

    def command_mark_all(self, argument: str = "") -> None:
        self.list_pane.mark_all()
