"""The top line: what waits for the agent, each account's health, the daemon."""

from typing import Any, ClassVar

from textual.content import Content

from pfinbox.i18n import _
from pfinbox.store.rows import AccountRow, DaemonRow
from pfinbox.tui import paint, safe
from pfinbox.tui.widgets.words import Words

# Sign and style of each state; the sign differs too, for those who see no colour.
_STATES = {
    "ok": ("●", "status--good"),
    "connecting": ("◌", "status--quiet"),
    "new": ("◌", "status--quiet"),
    "retrying": ("◐", "status--warning"),
    "failed": ("✗", "status--alarm"),
    "off": ("○", "status--quiet"),
}


# Narrower lines leave out what the agent knows anyway.
ROOMY = 100


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
        self.accounts: tuple[AccountRow, ...] = ()
        self.daemon: DaemonRow | None = None
        self.read = False
        self.to_answer = 0
        self.failed = 0
        # The sentence about a lost database, while it is lost.
        self.lost = ""

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
        right: list[Content] = []
        if self.lost:
            right.append(safe.line(f"✗ {self.lost}", "status--alarm", 60))
        elif self.read:
            right += [account_line(row) for row in self.accounts]
            right.append(self._daemon())
        line = paint.ends(Content("  ").join(left), Content("   ").join(right), width)
        self.write(paint.resolved(self, line))

    def _daemon(self) -> Content:
        if self.daemon is None:
            roomy = self.content_size.width >= ROOMY
            words = _("✗ no daemon: nothing comes or goes") if roomy else _("✗ no daemon")
            return Content.styled(words, "status--alarm")
        if self.daemon.held is not None:
            roomy = self.content_size.width >= ROOMY
            words = (
                _("✗ sending is held: look in the outbox (g o)") if roomy else _("✗ sending held")
            )
            return Content.styled(words, "status--alarm")
        return Content.assemble(("● ", "status--good"), (_("daemon"), "status--quiet"))


def account_line(row: AccountRow) -> Content:
    """How an account does: what is wrong, or what is still to come (years of old mail)."""
    sign, style = _STATES.get(row.state, ("?", "status--quiet"))
    name = safe.line(row.name, "status--quiet" if row.state == "ok" else style, 20)
    parts: list[Content | tuple[str, str]] = [(f"{sign} ", style), name]
    if row.state in ("retrying", "failed", "ok") and row.detail is not None:
        told = "status--quiet" if row.state == "ok" else style
        parts.append(safe.line(f": {row.detail.sentence()}", told, 40))
    return Content.assemble(*parts)


def _capped(count: int) -> str:
    return "999+" if count > 999 else str(count)
