"""How one task looks in the list: one line where there is room, else two."""

from datetime import timedelta

from textual.content import Content

from pfinbox.i18n import _
from pfinbox.record import record
from pfinbox.store.rows import PresenceRow, TaskRow
from pfinbox.tui.widgets import safe
from pfinbox.tui.widgets.paint import ends
from pfinbox.wording.names import status_name
from pfinbox.wording.times import Clock

# From here on a task needs one line only: on a narrower one nothing would be left for its words.
WIDE = 110
# From here on the first of two lines has room for tags.
ROOMY = 50

# So long before the end of it the list says how long a client can still be answered.
SHORT = timedelta(hours=4)

STYLES = (
    "row--cursor",
    "row--unread",
    "row--client",
    "row--title",
    "row--last",
    "row--quiet",
    "row--person",
    "row--me",
    "row--tag",
    "row--alarm",
    "row--draft",
    "row--later",
    "row--gone",
    "row--marked",
)


@record
class Look:
    """What the look of a row depends on besides the task."""

    width: int
    clock: Clock
    agent_id: int
    # The task has left the view; it stays until the cursor moves on.
    gone: bool = False
    # Chosen for the next command.
    marked: bool = False
    # The cursor is on it, and the list has the keys.
    here: bool = False
    # Colleagues who look at it or answer in it.
    others: tuple[PresenceRow, ...] = ()


def lines_of(row: TaskRow, look: Look) -> list[Content]:
    """The lines of a row, each exactly ``look.width`` cells."""
    return [_one_line(row, look)] if look.width >= WIDE else _two_lines(row, look)


def _two_lines(row: TaskRow, look: Look) -> list[Content]:
    width = look.width - 4
    # Of one width, so that the signs beside the ages stand under each other.
    age = Content.styled(
        f"{look.clock.age(row.waiting_since or row.last_activity_at):>3}", "row--quiet"
    )
    tags = _tags(row, 1) if look.width >= ROOMY else []
    sign = _sign(row)
    right = Content(" ").join([*_flags(row, look), *tags, sign, age])
    first = ends(_client(row, look), right, width)
    second = ends(_subject(row, look), Content("").join(_assignee(row, look)), width)
    return [
        Content.assemble(_chosen(look), _mark(row, look), " ", first, " "),
        Content.assemble(_chosen(look), "  ", second, " "),
    ]


def _one_line(row: TaskRow, look: Look) -> Content:
    client = safe.fit(_client(row, look), 20)
    assignee = safe.fit(Content(" ").join(_assignee(row, look)), 8)
    age = Content.styled(
        f"{look.clock.age(row.waiting_since or row.last_activity_at):>6}", "row--quiet"
    )
    # Of one width, so that what stands before them stands under each other.
    sign = _sign(row).pad_left(2 - _sign(row).cell_length)
    right = [*_flags(row, look), *_tags(row, 2), assignee, sign, age]
    room = look.width - 26
    return Content.assemble(
        _chosen(look),
        _mark(row, look),
        " ",
        client,
        "  ",
        ends(_subject(row, look), Content(" ").join(right), room),
        " ",
    )


def _chosen(look: Look) -> Content:
    if look.marked:
        return Content.styled("▌", "row--marked")
    return Content.styled("▎", "row--cursor") if look.here else Content(" ")


def _sign(row: TaskRow) -> Content:
    """The channel's sign, of one or two cells."""
    sign = safe.line(row.sign, "row--quiet")
    return safe.fit(sign, min(sign.cell_length, 2))


def _mark(row: TaskRow, look: Look) -> Content:
    if look.gone:
        return Content.styled("✓", "row--gone")
    return Content.styled("●", "row--unread") if row.unread else Content(" ")


def _client(row: TaskRow, look: Look) -> Content:
    name = row.contact.name if row.contact else ""
    style = "row--gone" if look.gone else "row--client" if row.unread else ""
    return safe.line(name or _("no client"), style)


def _subject(row: TaskRow, look: Look) -> Content:
    """The title, then what was said last; a title that is the beginning of it is said once."""
    title, last = row.title, row.last_line
    said = title.rstrip("….").casefold()
    if said and last.casefold().startswith(said):
        last = ""
    arrow = "↳ " if row.last_direction == "outgoing" and last else ""
    style = "row--gone" if look.gone else "row--title" if row.unread else "row--quiet"
    parts = [safe.line(title, style)]
    if last:
        parts.append(Content.styled("  " + arrow, "row--last"))
        parts.append(safe.line(last, "row--last"))
    return Content.assemble(*parts)


def _assignee(row: TaskRow, look: Look) -> list[Content]:
    if row.assignee is None:
        return []
    if row.assignee.kind == "agent" and row.assignee.id == look.agent_id:
        return [Content.styled(_("me"), "row--me")]
    return [safe.line(row.assignee.name.split(" ")[0], "row--person", 10)]


def _tags(row: TaskRow, most: int) -> list[Content]:
    shown = [safe.line(f"#{tag}", "row--tag", 12) for tag in row.tags[:most]]
    if len(row.tags) > most:
        shown.append(Content.styled(f"+{len(row.tags) - most}", "row--tag"))
    return shown


def _colleague(others: tuple[PresenceRow, ...]) -> Content:
    """Whoever writes comes first; the sign differs, since colours may be missing."""
    first = others[0]
    # The client's name stands in the row already.
    name = first.person.name.split(" ")[0] if first.person.kind == "agent" else _("writes")
    sign, style = ("✎", "row--draft") if first.answering else ("◉", "row--later")
    more = f" +{len(others) - 1}" if len(others) > 1 else ""
    return Content.assemble((f"{sign} ", style), safe.line(name, style, 10), (more, style))


def _window_left(row: TaskRow, clock: Clock) -> str | None:
    """Where a client waits and the time to answer is short, or over (R25); None: nothing to say."""
    if row.closes_at is None or row.waiting_since is None or not row.active:
        return None
    left = row.closes_at - clock.now
    if left > SHORT:
        return None
    # As short as an age.
    return clock.age(clock.now - left) if left > timedelta() else _("too late")


def _flags(row: TaskRow, look: Look) -> list[Content]:
    """What must not be overlooked, as words: colour alone says nothing to many."""
    flags: list[Content] = []
    if look.gone and row.active:
        return flags
    if look.others:
        flags.append(_colleague(look.others))
    if row.failed:
        flags.append(Content.styled(_("not sent"), "row--alarm"))
    if (left := _window_left(row, look.clock)) is not None:
        flags.append(safe.line(f"◔ {left}", "row--alarm"))
    if row.draft:
        flags.append(Content.styled(_("draft"), "row--draft"))
    if row.scheduled:
        flags.append(Content.styled(_("scheduled"), "row--later"))
    if row.snoozed_until is not None and row.snoozed_until > look.clock.now:
        until = look.clock.moment(row.snoozed_until)
        flags.append(Content.styled(f"⏾ {until}", "row--later"))
    if row.deleted_at is not None:
        flags.append(Content.styled(_("trash"), "row--quiet"))
    elif not row.active:
        flags.append(safe.line(status_name(row.status), "row--quiet", 12))
    return flags
