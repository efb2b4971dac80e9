"""What a key costs a terminal that is far away: bytes, whatever the machine."""

from typing import Any, ClassVar

from rich.console import Console, RenderableType
from textual._compositor import CompositorUpdate
from textual.screen import Screen

from pfinbox.tui import app as app_module
from pfinbox.tui.app import PfinboxApp
from pfinbox.tui.shell.sparing import spared
from tests.builders import Inbox
from tests.tui.picture import Picture, drawn
from tests.tui.stage import on_stage, press, settle

AT_MOST = 4096
TRUECOLOR = Console(force_terminal=True, color_system="truecolor")


class Counting(PfinboxApp):
    """Keeps how many bytes each paint writes, and the picture of all that was written; a test has
    no terminal for them.
    """

    CSS_PATH = app_module.__file__.replace("app.py", "pfinbox.tcss")
    painted: ClassVar[list[int]] = []
    picture: ClassVar[Picture] = {}

    def _display(self, screen: Screen[Any], renderable: RenderableType | None) -> None:
        if isinstance(renderable, CompositorUpdate):
            data = spared(renderable.render_segments(TRUECOLOR))
            self.painted.append(len(data.encode()))
            self.picture.update(drawn(data)[0])
        super()._display(screen, renderable)


def _whole(app: PfinboxApp) -> Picture:
    """What the screen would show if all of it were drawn now."""
    full = app.main._compositor.render_full_update()
    return drawn(spared(full.render_segments(TRUECOLOR)))[0]


async def test_one_step_down_the_list_writes_at_most_4_kb_and_reads_when_the_cursor_rests(
    inbox: Inbox,
) -> None:
    async with on_stage(inbox, kind=Counting, size=(120, 40), rest=1, notifications=True) as (
        app,
        pilot,
    ):
        pane, tasks = app.main.task_pane, app.main.task_list
        await settle(pilot)
        before = pane.conversation
        for number in (1, 2, 3):
            Counting.painted.clear()
            await press(pilot, "j")
            assert 0 < sum(Counting.painted) <= AT_MOST
            # Commands are for the row (R47), and the head names it; its words are not read yet.
            assert app.main.target == tasks.rows[number]
            assert tasks.rows[number].title in str(pane.query_one("#task-head").render())
        assert pane.conversation is before
        # Another pane has the keys: of none all is painted again.
        for _pane in range(3):
            Counting.painted.clear()
            await press(pilot, "tab")
            assert 0 < sum(Counting.painted) <= 3 * AT_MOST, Counting.painted
        # Whoever needs the conversation does not wait for the rest.
        pane.show_task(tasks.cursor)
        await settle(pilot)
        assert pane.conversation is not None
        assert pane.conversation.task.id == tasks.cursor
        # Also where the whole list moves on by a line.
        Counting.painted.clear()
        tasks.refresh()
        await settle(pilot)
        assert 0 < sum(Counting.painted) <= AT_MOST
        # Drawn piece by piece it is the whole picture, also under and after what came over it.
        for keys in (("g", "g"), ("G",), ("z",), ("z",), ("n",), ("escape",), ("?",), ("escape",)):
            await press(pilot, *keys)
            app.say("What is said stands over the list.", trouble=True)
            await settle(pilot)
        assert Counting.picture == _whole(app)
        app.clear_notifications()
        await settle(pilot)
        assert Counting.picture == _whole(app)
