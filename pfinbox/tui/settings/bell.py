"""Notices outside the screen: bell, a desktop notice by the terminal, the terminal's title.

OSC 9 is iTerm2's (also WezTerm, Windows Terminal), OSC 777 urxvt's (also foot, Ghostty), OSC 99
kitty's: https://sw.kovidgoyal.net/kitty/desktop-notifications/. tmux passes a sequence on to the
terminal outside when it is wrapped and ``allow-passthrough`` is on (tmux(1)).
"""

import base64
import os
from collections.abc import Callable
from datetime import time

from pfinbox.domain.text.cleaning import clean_line
from pfinbox.i18n import _, ngettext
from pfinbox.record import record
from pfinbox.store.rows import NewsRow, TaskRow
from pfinbox.tui.shell.context import Notices
from pfinbox.wording.times import Clock

BELL = "\a"
# The ways to tell of a new message, as the config names them.
HOW = ("bell", "osc9", "osc777", "osc99", "off")
_ST = "\x1b\\"
# The terminal keeps the title of the shell and gives it back (xterm's window operations 22, 23).
KEEP_TITLE, GIVE_TITLE_BACK = "\x1b[22;2t", "\x1b[23;2t"
_LONGEST = 120


@record
class Quiet:
    """Hours of the agent's day without bell and notices; they may cross midnight."""

    start: time
    end: time

    @classmethod
    def parse(cls, hours: str | None) -> "Quiet | None":
        """``20:00-08:00``; None for none; ValueError for anything else."""
        if not hours:
            return None
        start, _dash, end = hours.partition("-")
        return cls(time.fromisoformat(start.strip()), time.fromisoformat(end.strip()))

    def __str__(self) -> str:
        return f"{self.start:%H:%M}-{self.end:%H:%M}"

    def now(self, clock: Clock) -> bool:
        here = clock.local(clock.now).time()
        if self.start <= self.end:
            return self.start <= here < self.end
        return here >= self.start or here < self.end


def title(unread: int) -> str:
    """The sequence that sets the terminal's title."""
    shown = "999+" if unread > 999 else str(unread)
    words = f"({shown}) pfinbox" if unread else "pfinbox"
    return f"\x1b]2;{words}{BELL}"


def notice(how: str, words: str, *, tmux: bool = False) -> str:
    """The sequence for one notice; ``how``: bell, osc9, osc777, osc99 or off.

    ``words`` hold clients' names and titles: nothing in them ends or changes the sequence.
    """
    text = clean_line(words, _LONGEST).replace(";", ",")
    if how == "off":
        return ""
    if how == "bell":
        return BELL
    if how == "osc9":
        sequence = f"\x1b]9;{text}{_ST}"
    elif how == "osc777":
        sequence = f"\x1b]777;notify;pfinbox;{text}{_ST}"
    else:
        coded = base64.b64encode(text.encode()).decode()
        sequence = f"\x1b]99;i=pfinbox:e=1;{coded}{_ST}"
    return BELL + (_through_tmux(sequence) if tmux else sequence)


def _through_tmux(sequence: str) -> str:
    return "\x1bPtmux;" + sequence.replace("\x1b", "\x1b\x1b") + _ST


def news_words(newest: TaskRow | None, new: list[int]) -> str:
    """One notice for all tasks that became ``new`` at once; ``newest`` may be another one."""
    if newest is not None and new == [newest.id]:
        name = newest.contact.name if newest.contact else _("no client")
        return _("{name}: {title}").format(name=name, title=newest.title)
    count = len(new)
    return ngettext("{n} task with news", "{n} tasks with news", count).format(n=count)


class Ear:
    """Which of the unread tasks were announced already."""

    def __init__(self) -> None:
        self._heard: int | None = None

    def listen(self, news: NewsRow) -> tuple[int, ...]:
        """The tasks with something new since the last time; nothing at the program's start."""
        heard = self._heard
        newest = max((comment_id for _task, comment_id in news.unread), default=0)
        self._heard = max(newest, heard or 0)
        if heard is None:
            return ()
        return tuple(task_id for task_id, comment_id in news.unread if comment_id > heard)


class Ringer:
    """Tells the terminal; ``terminal`` writes an escape sequence."""

    def __init__(self, terminal: Callable[[str], None]) -> None:
        self._terminal = terminal
        self._title = ""

    def ring(self, notices: Notices, unread: int, words: str, clock: Clock) -> None:
        """The title, and a notice of what has come unless these are quiet hours."""
        quiet = Quiet.parse(notices.hours)
        if notices.how != "off" and (shown := title(unread)) != self._title:
            if not self._title:
                self._terminal(KEEP_TITLE)
            self._title = shown
            self._terminal(shown)
        if words and not (quiet is not None and quiet.now(clock)):
            self._terminal(notice(notices.how, words, tmux="TMUX" in os.environ))

    def leave(self) -> None:
        """The shell has its title again."""
        if self._title:
            self._terminal(GIVE_TITLE_BACK)
