"""What pages show of tasks and comments, ready for the templates; within the weight of a page."""

import hashlib
import re
from collections.abc import Iterable, Sequence
from urllib.parse import quote

from markupsafe import Markup

from pfinbox.domain.text.cleaning import clean_line
from pfinbox.domain.text.markup import formatted
from pfinbox.domain.text.reflow import reflow
from pfinbox.record import record
from pfinbox.store.rows import (
    AttachmentRow,
    PortalCommentRow,
    PortalConversation,
    PortalMarks,
    PortalTaskRow,
)
from pfinbox.web.rendering import html, moment, text, typed
from pfinbox.wording import portal as words
from pfinbox.wording.names import byte_size, kept_until
from pfinbox.wording.times import Clock

# A page stays under 50 KB, its style and script included: so much for the comments themselves.
PAGE_BYTES = 30_000
# Of one message, and of what is quoted below it; all of it is one click away.
_LONG, _LONG_REST = 6000, 1500
# A long message is parted between words; one that long is no word.
_WORDS = re.compile(r".{1,2000}(?:\s|\Z)|.{1,2000}", re.DOTALL)


@record
class FileView:
    path: str
    name: str
    size: str


@record
class CommentView:
    """One comment; ``whole``: the path of all of it, where it is shown shortened.

    ``parts``: in how many it is shown.
    """

    id: int
    side: str
    author: Markup
    when: Markup
    mark: Markup
    text: Markup
    quote: Markup
    rest: Markup
    whole: str
    files: Sequence[FileView]
    parts: int = 1

    @property
    def weight(self) -> int:
        """About the bytes of its HTML."""
        parts = (self.text, self.quote, self.rest, *(one.name for one in self.files))
        return 500 + sum(len(part.encode()) for part in parts) + 200 * len(self.files)


@record
class TaskView:
    path: str
    title: Markup
    standing: Markup
    last: Markup
    line: str


def task_path(task_id: int) -> str:
    return f"/p/t/{task_id}"


def tasks(rows: Iterable[PortalTaskRow], clock: Clock) -> list[TaskView]:
    return [
        TaskView(
            path=task_path(row.id),
            title=html(words.task_title(row)),
            standing=html(words.standing(row)),
            last=moment(row.last_at, clock),
            line=formatted(row.last_line)[0] if row.last_by_us else row.last_line,
        )
        for row in rows
    ]


def comments(
    found: PortalConversation, company: str, clock: Clock
) -> tuple[list[CommentView], int | None]:
    """The newest comments that fit on a page, oldest first, and before which the rest comes."""
    shown: list[CommentView] = []
    weight = 0
    for row in reversed(found.comments):
        view = comment(row, found.task.id, company, clock)
        weight += view.weight
        if shown and weight > PAGE_BYTES:
            return shown[::-1], shown[-1].id
        shown.append(view)
    return shown[::-1], found.before


def comment(
    row: PortalCommentRow, task_id: int, company: str, clock: Clock, *, part: int | None = None
) -> CommentView:
    """One comment; ``part``: nothing is left out, and this is the part to be shown (from 0)."""
    words_, rest = row.text, ""
    if row.new_text is not None and row.new_text.strip() != row.text.strip():
        words_, rest = row.new_text, row.text
        if row.text.startswith(row.new_text):
            # Most answer above the quotation.
            rest = row.text[len(row.new_text) :]
    if not row.by_us:
        words_ = reflow(words_)
    is_long = len(words_) > _LONG or len(rest) > _LONG_REST
    parts = 1
    if part is None:
        words_, rest = _cut(words_, _LONG), _cut(rest, _LONG_REST)
    else:
        split = _split(words_, rest)
        words_, rest = split[part] if part < len(split) else ("", "")
        parts = len(split)
    return CommentView(
        id=row.id,
        side="mine" if row.mine else "ours" if row.by_us else "other",
        author=html(words.author(row, company)),
        when=moment(row.created_at, clock),
        mark=html(words.mark(row)),
        text=typed(words_) if row.by_us else text(words_),
        quote=text(_cut(row.quote or "", _LONG_REST)),
        rest=text(rest),
        whole=f"{task_path(task_id)}/c/{row.id}" if is_long and part is None else "",
        files=[_file(one) for one in row.files],
        parts=parts,
    )


def marks(found: PortalConversation) -> PortalMarks:
    """What a page is known by that shows these."""
    seen = tuple((row.id, row.edited_at) for row in found.comments)
    return PortalMarks(found.task.id, found.task.active, seen)


def state(found: PortalMarks) -> str:
    """Another word for every change that an open page should show."""
    seen = [(comment_id, str(edited_at)) for comment_id, edited_at in found.comments]
    return hashlib.sha256(repr((seen, found.active)).encode()).hexdigest()[:16]


def _split(words_: str, rest: str) -> list[tuple[str, str]]:
    """A message and what is quoted below it, in parts that are light enough for a page."""
    above, below = _light(words_), _light(rest)
    if len(above) == len(below) == 1 and _bytes(words_) + _bytes(rest) <= PAGE_BYTES:
        return [(words_, rest)]
    return [*((one, "") for one in above), *(("", one) for one in below if one)]


def _light(words_: str) -> list[str]:
    parts, weight = [""], 0
    for some in _WORDS.findall(words_):
        more = _bytes(some)
        if weight + more > PAGE_BYTES:
            parts.append("")
            weight = 0
        parts[-1] += some
        weight += more
    return parts


def _bytes(words_: str) -> int:
    return len(text(words_).encode())


def _cut(words_: str, limit: int) -> str:
    return words_ if len(words_) <= limit else words_[:limit] + "…"


def _file(row: AttachmentRow) -> FileView:
    name = clean_line(row.name, 100)
    path = f"/p/f/{row.id}/{quote(name.replace('/', '_'), safe='') or 'file'}"
    if row.removed_at is not None:
        path = ""
    return FileView(path, name, byte_size(row.size) + kept_until(row.removed_at))
