"""The main screen: which command a key means now, and the commands of moving, writing and views."""

from typing import Any

from textual import events
from textual.content import Content

from pfinbox.domain.model import Notify
from pfinbox.errors import NotFound
from pfinbox.i18n import _
from pfinbox.tui import paths, safe
from pfinbox.tui.commands import COMPOSER, LIST, PANES, TASK, VIEWS
from pfinbox.tui.desk import desk
from pfinbox.tui.keymap import token
from pfinbox.tui.screens.choose import Choose
from pfinbox.tui.screens.help import HelpScreen
from pfinbox.tui.screens.picker import NotifyPicker, Picked
from pfinbox.tui.screens.prompt import Prompt
from pfinbox.tui.screens.working import Working
from pfinbox.tui.undo import Comment
from pfinbox.tui.widgets.command_line import CommandLine
from pfinbox.tui.widgets.composer import Composer
from pfinbox.tui.widgets.hint_line import HintLine
from pfinbox.tui.widgets.pick_list import Item
from pfinbox.tui.writing import Mode


class MainScreen(Working):
    """Every command of the table that is not the app's own is a method ``command_NAME``."""

    def __init__(self, agent_id: int, agent_name: str) -> None:
        super().__init__(agent_id, agent_name)
        self._prefix = ""
        # Where the agent was before writing.
        self._came_from = LIST

    # --- keys -----------------------------------------------------------------------------------

    def on_key(self, event: events.Key) -> None:
        """Keys that no field has taken."""
        place = self.place
        if not place:
            return
        prefix, self._prefix = self._prefix, ""
        found = desk(self).keymap.find(place, token(event), prefix)
        if found is not None:
            event.stop()
            event.prevent_default()
            if found.command is not None:
                self.run_command(found.command)
            else:
                self._prefix = found.prefix
        elif prefix:
            event.stop()
            event.prevent_default()
        self.hint_line.show(self.place or LIST, self._prefix)

    def run_command(self, name: str, argument: str = "") -> None:
        """Do what a key, the ``:`` line, the palette or a click asks for."""
        self.list_pane.stop()
        if name.startswith("view_"):
            self.show_view(name.removeprefix("view_"))
            return
        method = getattr(self, f"command_{name}", None) or getattr(self.app, f"command_{name}")
        method(argument)

    def on_hint_line_clicked(self, message: HintLine.Clicked) -> None:
        self.run_command(message.command)

    # --- moving ---------------------------------------------------------------------------------

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
        elif last:
            self.list_pane.to_end()
        else:
            self.task_list.move_to_end(last=False)

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
            self._open_number(argument)
        elif self.place == VIEWS:
            self.views_pane.open()
        elif self.place == LIST and row is not None:
            self.open_task(row.id)
        elif self.place == TASK:
            self.command_reply()

    def _open_number(self, number: str) -> None:
        digits = number.lstrip("#")
        if not digits.isdigit():
            raise NotFound(_("there is no task {number}").format(number=number))
        self.open_task(int(digits))

    def command_back(self, argument: str = "") -> None:
        place = self.place
        if place == COMPOSER:
            self.task_pane.composer.close()
        elif place == TASK:
            if self.task_pane.view.selected is not None:
                self.task_pane.view.select_none()
            elif not self.task_pane.walk_forward():
                self.go(LIST)
        elif place == LIST and self.list_pane.search:
            self.list_pane.leave_search(clear=True)
        else:
            self.go(VIEWS if place == LIST else LIST)

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
            desk(self).say(_("No unread task in that direction."))
        elif self.place == TASK and self.task_list.cursor is not None:
            self.open_task(self.task_list.cursor)

    def command_previous_task(self, argument: str = "") -> None:
        if self.task_pane.walk_back():
            self.go(TASK)
        else:
            desk(self).say(_("There is no earlier conversation with this client."))

    def command_unfold(self, argument: str = "") -> None:
        self.task_pane.view.unfold()

    def command_read(self, argument: str = "") -> None:
        self.task_pane.mark_read()

    # --- writing --------------------------------------------------------------------------------

    def command_reply(self, argument: str = "") -> None:
        self._write("reply")

    def command_note(self, argument: str = "") -> None:
        self._write("note")

    def _write(self, mode: Mode) -> None:
        """Open the composer within this very key press: the next key is text already."""
        if self.place == LIST and self.task_list.cursor is not None:
            self.task_pane.show_task(self.task_list.cursor)
        if self.task_pane.task_id is None:
            desk(self).say(_("There is no task to write in."))
            return
        if self.place != COMPOSER:
            self._came_from = self.place
        self._at(COMPOSER)
        self.task_pane.write(mode)

    def command_send(self, argument: str = "") -> None:
        self.task_pane.composer.send()

    def command_new_line(self, argument: str = "") -> None:
        self.task_pane.composer.box.type("\n")

    def command_recipients(self, argument: str = "") -> None:
        """The notify picker."""
        composer = self.task_pane.composer
        writing = composer.writing
        if writing is None:
            return

        def picked(result: Picked | None) -> None:
            if result is not None and composer.writing is writing:
                composer.set_notify(result.notify, result.names)

        self.app.push_screen(NotifyPicker(writing.task_id, writing.notify), picked)

    def command_attach(self, argument: str = "") -> None:
        composer = self.task_pane.composer

        def answered(text: str | None) -> None:
            path = paths.file_at(text) if text else None
            if path is not None:
                composer.attach(path)
            elif text:
                desk(self).say(_("There is no file {path}").format(path=text), trouble=True)

        if argument:
            answered(argument)
            return
        title = Content(_("Attach a file"))
        final = lambda text: paths.file_at(text) is not None  # noqa: E731
        dialog = Prompt(title, completions=paths.complete, final=final)
        self.app.push_screen(dialog, answered)

    def command_detach(self, argument: str = "") -> None:
        self.task_pane.composer.detach()

    def on_composer_nobody_chosen(self) -> None:
        """Asked each time: a comment that nobody gets is hardly ever meant (R14)."""
        composer = self.task_pane.composer
        writing, held = composer.writing, self.task_pane.conversation
        if writing is None:
            return
        contact = held.task.contact if held is not None else None
        items = [Item(Content(_("a note that nobody is told of")), "note")]
        if contact is not None:
            words = Content.assemble(_("to the client, "), safe.line(contact.name))
            items.insert(0, Item(words, contact.who))
        items.append(Item(Content(_("choose …")), "pick"))

        def chosen(value: Any) -> None:
            if composer.writing is not writing or value is None:
                return
            if value == "note":
                composer.post(writing)
            elif value == "pick":
                self.command_recipients()
            else:
                composer.set_notify(Notify((value,)))
                composer.send()

        title = Content(_("Nobody will be notified. Send it …"))
        self.app.push_screen(Choose(title, items), chosen)

    def on_composer_sent(self, message: Composer.Sent) -> None:
        clock = desk(self).present()
        due = message.saved.due_at
        if message.internal:
            words = _("Note kept")
        elif due is not None and due > clock.now:
            seconds = round((due - clock.now).total_seconds())
            words = _("Sends in {n} s (z takes it back)").format(n=seconds)
        else:
            words = _("On its way")
        if not message.internal:
            self.undo_stack.push(Comment(message.task_id, message.saved.comment_id))
        desk(self).say(words)
        self._leave_composer()
        self.reload(frozenset({"tasks"}))

    def on_composer_closed(self) -> None:
        self._leave_composer()

    def _leave_composer(self) -> None:
        if self.place in (COMPOSER, ""):
            self.go(self._came_from if self._came_from in PANES else LIST)

    # --- the program ----------------------------------------------------------------------------

    def command_search(self, argument: str = "") -> None:
        self._at(LIST)
        self.list_pane.open_search(argument)

    def command_command_line(self, argument: str = "") -> None:
        self._came_from = self.place or LIST
        self.query_one(CommandLine).open()
        self.hint_line.add_class("-covered")

    def on_command_line_left(self) -> None:
        self.hint_line.remove_class("-covered")
        self.go(self._came_from)

    def on_command_line_entered(self, message: CommandLine.Entered) -> None:
        self.on_command_line_left()
        if message.name.isdigit():
            self._open_number(message.name)
        elif message.name in desk(self).keymap.commands:
            self.run_command(message.name, message.argument)
        else:
            words = _("There is no command {name}").format(name=message.name)
            desk(self).say(words, trouble=True)

    def command_help(self, argument: str = "") -> None:
        self.app.push_screen(HelpScreen(desk(self).keymap))
