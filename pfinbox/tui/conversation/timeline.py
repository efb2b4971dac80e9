"""What stands between the comments: days, the beginning of the unread, activities."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from itertools import groupby

from textual.content import Content

from pfinbox.domain.events.tasks import TopicNamed
from pfinbox.domain.model import Who
from pfinbox.i18n import _
from pfinbox.record import record
from pfinbox.store.rows import ActivityRow, CommentRow, Conversation
from pfinbox.tui.widgets import safe
from pfinbox.wording.activities import activity_words, changes_words
from pfinbox.wording.times import Clock

RULES = ("rule--day", "rule--new", "rule--activity", "rule--link")


@record
class Rule:
    """A line across the pane. ``kind``: day, new, more, previous, gap."""

    kind: str
    text: str = ""


@record
class Changes:
    """Automatic lines in a row, as one."""

    rows: tuple[ActivityRow, ...]
    kind: str = "changes"


# So many automatic lines in a row are one line until the agent wants to see them.
IN_A_ROW = 3

Entry = CommentRow | ActivityRow | Rule | Changes
# A moment, the order among those of one moment, and what happened then.
Dated = tuple[datetime, tuple[int, int], CommentRow | ActivityRow]


def entries(
    conversation: Conversation, clock: Clock, new_after: int | None, agent_id: int
) -> Iterator[Entry]:
    """Everything of a task from top to bottom."""
    if conversation.previous_title is not None:
        number = conversation.task.previous_task_id
        yield Rule("previous", f"#{number}  {conversation.previous_title}")
        yield Rule("gap")
    if conversation.more:
        yield Rule("more")
    day = None
    new_said = new_after is None
    after_activity = False
    for at, _order, entry in _by_time(conversation):
        if (date := clock.local(at).date()) != day:
            if after_activity:
                yield Rule("gap")
            day = date
            yield Rule("day", clock.day(at))
            yield Rule("gap")
        elif after_activity and isinstance(entry, CommentRow):
            yield Rule("gap")
        if isinstance(entry, CommentRow):
            mine = entry.author.kind == "agent" and entry.author.id == agent_id
            old = mine or entry.imported
            if not new_said and new_after is not None and entry.id > new_after and not old:
                new_said = True
                yield Rule("new")
                yield Rule("gap")
        after_activity = isinstance(entry, ActivityRow)
        yield entry


def folded(found: Iterable[Entry]) -> Iterator[Entry]:
    """The same with changes in a row as one."""
    for changes, group in groupby(found, key=lambda entry: isinstance(entry, ActivityRow)):
        rows = list(group)
        if changes and len(rows) >= IN_A_ROW:
            yield Changes(tuple(row for row in rows if isinstance(row, ActivityRow)))
        else:
            yield from rows


def _by_time(
    conversation: Conversation,
) -> list[Dated]:
    rows: list[Dated] = [(row.created_at, (0, row.id), row) for row in conversation.comments]
    oldest = conversation.comments[0].created_at if conversation.comments else None
    rows += [
        (row.at, (1, n), row)
        for n, row in enumerate(conversation.activities)
        # What happened to comments that are left out is left out with them.
        if not conversation.more or oldest is None or row.at >= oldest
    ]
    return sorted(rows, key=lambda row: row[:2])


def between(
    entry: ActivityRow | Rule | Changes,
    width: int,
    clock: Clock,
    names: Mapping[Who, str],
    key: str = "",
) -> list[Content]:
    """What stands between comments, each line exactly ``width`` cells; an activity may need
    several. ``key`` shows changes in a row one by one.
    """
    if not isinstance(entry, ActivityRow):
        return [rule(entry, width, clock, key)]
    words = f"· {activity_words(entry, names, clock)}"
    if entry.kind != TopicNamed.activity:  # What a chat is about is of no moment.
        words = f"{words} · {clock.clock_time(entry.at)}"
    lines = safe.line(words, "rule--activity").wrap(max(width - 4, 1))
    return [_indented(line, width) for line in lines]


def rule(entry: Rule | Changes, width: int, clock: Clock, key: str = "") -> Content:
    """One line, exactly ``width`` cells; ``key`` shows changes in a row one by one."""
    if isinstance(entry, Changes):
        words, time = changes_words(entry.rows), clock.clock_time(entry.rows[-1].at)
        said = _("{changes}, last {time}").format(changes=words, time=time)
        hint = f"  ({key})" if key else ""
        return _indented(safe.line(f"▸ {said}{hint}", "rule--activity"), width)
    if entry.kind == "day":
        return _across(entry.text, "rule--day", width)
    if entry.kind == "new":
        return _across(_("new"), "rule--new", width)
    if entry.kind == "more":
        words = _("↑ older comments: go on up to read them")
        return _indented(safe.line(words, "rule--link"), width)
    if entry.kind == "previous":
        words = _("↑ earlier: {task} (p to open)").format(task=entry.text)
        return _indented(safe.line(words, "rule--link"), width)
    return Content("")


def _indented(words: Content, width: int) -> Content:
    """In line with the texts of the comments."""
    return safe.fit(Content.assemble("   ", words), width)


def _across(words: str, style: str, width: int) -> Content:
    room = max(width - 3, 1)
    line = f" {words} ".center(room, "─")
    return safe.fit(Content.styled(f" {line}", style), width)
