"""The line over the list: where one is, how many there are, what is new or marked."""

from textual.content import Content

from pfinbox.i18n import _
from pfinbox.tui.inbox.views import SEARCH, view_name
from pfinbox.tui.widgets import safe


def list_head(
    scope: str,
    *,
    count: int | None,
    found: int | None,
    more: bool,
    new: int,
    marked: int,
    active: bool,
) -> Content:
    """``count``: of the view; ``found``: by a search so far, perhaps with ``more`` to come;
    ``active``: the agent is in the list.
    """
    sign = "#" if scope.startswith("tag:") else "/" if scope.startswith(SEARCH) else ""
    style = "bold $text-primary" if active else "bold"
    parts: list[str | Content] = [" ", sign, safe.line(view_name(scope), style)]
    if found is not None:
        words = _("{n} found").format(n=f"{found}+" if more else found)
        parts.append(Content.styled(f"  {words}", "$foreground-muted"))
    elif count:
        shown = "999+" if count > 999 else str(count)
        parts.append(Content.styled(f"  {shown}", "$foreground-muted"))
    if new:
        parts.append(Content.styled("   " + _("{n} new above").format(n=new), "bold"))
    if marked:
        parts.append(Content.styled("   " + _("{n} marked").format(n=marked), "bold"))
    return Content.assemble(*parts)
