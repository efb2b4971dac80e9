"""The top line: what waits for the agent, each account's health, the daemon."""

from collections.abc import Sequence
from typing import Any, ClassVar

from textual.content import Content
from textual.message import Message

from pfinbox.domain.state_words import account_state
from pfinbox.i18n import _
from pfinbox.services import queries
from pfinbox.store.rows import AccountRow, DaemonRow
from pfinbox.tui.shell.post_message import post_message
from pfinbox.tui.widgets import paint, safe
from pfinbox.tui.widgets.words import Words

# Sign and style of each state; the sign differs too, for those who see no colour.
_STATES = {
    "ok": ("●", "status--good"),
    "connecting": ("◌", "status--quiet"),
    "new": ("◌", "status--quiet"),
    "retrying": ("◐", "status--warning"),
    "failed": ("✗", "status--alarm"),
    "off": ("○", "status--quiet"),
    "unserved": ("✗", "status--alarm"),
}


# Narrower lines leave out what the agent knows anyway.
ROOMY = 100
# So much of the left end is always there: the name.
_LEAST = 10


class StatusBar(Words):
    """One line; what does not fit is left out from the middle, alarms never."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "status--name",
        "status--good",
        "status--quiet",
        "status--warning",
        "status--alarm",
        "status--unread",
    }

    def __init__(self, agent_name: str, **kwargs: Any) -> None:
        super().__init__(self.show, **kwargs)
        self.agent_name = agent_name
        # None until it is read.
        self.health: queries.Health | None = None
        # A daemon was started together with this screen, and has not been seen yet.
        self.starting = False
        self.to_answer = 0
        self.failed = 0
        # The sentence about a lost database, while it is lost.
        self.lost = ""

    class Clicked(Message):
        """The agent wants to know more."""

    def on_click(self) -> None:
        post_message(self, self.Clicked())

    @property
    def accounts(self) -> Sequence[AccountRow]:
        """Those that the agent may use, as far as they are known."""
        return self.health.accounts if self.health is not None else ()

    def show(self) -> None:
        """Draw again with the facts as they are now."""
        width = max(self.content_size.width, 20)
        left = [Content.styled(" pfinbox", "status--name")]
        if width >= ROOMY:
            left.append(safe.line(self.agent_name, "status--quiet", 30))
        if self.to_answer:
            words = _("{n} to answer").format(n=_capped(self.to_answer))
            left.append(Content.styled(words, "status--unread"))
        if self.failed:
            words = _("{n} not sent").format(n=_capped(self.failed))
            left.append(Content.styled(f"! {words}", "status--alarm"))
        right = self._right()
        if right.cell_length > width - _LEAST:
            right = self._right(brief=True).truncate(width - _LEAST, ellipsis=True)
        line = paint.ends(Content("  ").join(left), right, width)
        self.write(paint.resolved(self, line))

    def _right(self, *, brief: bool = False) -> Content:
        if self.lost:
            return safe.line(f"✗ {self.lost}", "status--alarm", 60)
        if self.health is None:
            return Content("")
        disk: list[Content] = []
        if self.health.full is not None:
            words = f"✗ {self.health.full.sentence()}"
            disk.append(safe.line(words, "status--alarm", 24 if brief else 60))
        roomy = not brief and self.content_size.width >= ROOMY
        daemon = _daemon(self.health.daemon, roomy, self.starting)
        if not brief:
            accounts = [account_line(row) for row in self.health.accounts]
            return Content("   ").join([*disk, *accounts, daemon])
        # Trouble first: the end of too long a line is lost.
        troubled = sorted(self.health.accounts, key=_is_well)
        accounts = [account_line(row, brief=True) for row in troubled]
        return Content("   ").join([*disk, daemon, *accounts])


def _daemon(row: DaemonRow | None, roomy: bool, starting: bool) -> Content:
    if row is None and starting:
        return Content.styled("◌ " + _("the daemon starts"), "status--quiet")
    if row is None:
        words = _("✗ no daemon: nothing comes or goes") if roomy else _("✗ no daemon")
        return Content.styled(words, "status--alarm")
    if row.held is not None:
        words = _("✗ sending is held: look in the outbox (g o)") if roomy else _("✗ sending held")
        return Content.styled(words, "status--alarm")
    parts = [("● ", "status--good"), (_("daemon"), "status--quiet")]
    if waiting := len(row.standing_by):
        parts.append((" " + _("(+{n} standing by)").format(n=waiting), "status--warning"))
    return Content.assemble(*parts)


def account_line(row: AccountRow, *, brief: bool = False) -> Content:
    """How an account does: what is wrong, or what is still to come (years of old mail).

    ``brief``: in one word.
    """
    sign, style = _STATES.get(row.state, ("?", "status--quiet"))
    if row.gap is not None and _works(row):
        sign, style = "!", "status--warning"
    name = safe.line(row.name, "status--quiet" if style == "status--good" else style, 20)
    parts: list[Content | tuple[str, str]] = [(f"{sign} ", style), name]
    if row.state == "unserved" or (brief and row.state in ("retrying", "failed")):
        # Why nobody serves it, the daemon's place in the line says.
        parts.append((f": {account_state(row.state)}", style))
    elif row.gap is not None and _works(row):
        parts.append((": " + _("messages are missing"), style))
    elif not brief and row.state in ("retrying", "failed", "ok") and row.detail is not None:
        told = "status--quiet" if row.state == "ok" else style
        parts.append(safe.line(f": {row.detail.sentence()}", told, 40))
    return Content.assemble(*parts)


def _works(row: AccountRow) -> bool:
    return row.state not in ("retrying", "failed", "unserved")


def _is_well(row: AccountRow) -> bool:
    return _works(row) and row.gap is None


def _capped(count: int) -> str:
    return "999+" if count > 999 else str(count)
