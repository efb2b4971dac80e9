"""How one comment looks in the conversation: a head, the text, what came with it, its delivery.

Who sees a comment is told three ways: by colour, by the line at its left, and by a word.
"""

from collections.abc import Iterable

from textual.content import Content

from pfinbox.domain.text.reflow import reflow
from pfinbox.i18n import _
from pfinbox.record import record
from pfinbox.store.rows import AttachmentRow, CommentRow
from pfinbox.tui.widgets import safe
from pfinbox.tui.widgets.paint import ends
from pfinbox.wording.names import byte_size, channel_name, kept_until
from pfinbox.wording.outbound.amendments import amendment_words
from pfinbox.wording.outbound.deliveries import delivery_lines
from pfinbox.wording.outbound.recipients import recipient_words
from pfinbox.wording.spans import Role
from pfinbox.wording.times import Clock

DELIVERY = {
    Role.SENT: "delivery--sent",
    Role.WAITS: "delivery--waits",
    Role.ALARM: "delivery--alarm",
    Role.NAME: "delivery--name",
}
RECIPIENTS = {Role.ASIDE: "comment--recipients"}
STYLES = (
    "client",
    "outgoing",
    "internal",
    "client--name",
    "outgoing--name",
    "internal--name",
    "comment--word",
    "comment--time",
    "comment--recipients",
    "comment--quote",
    "comment--link",
    "comment--origin",
    "comment--why",
    "comment--file",
    "comment--mark",
    "comment--warning",
    *DELIVERY.values(),
)
# The line at the left; without colours the shape still tells.
EDGES = {"client": "▌", "outgoing": "│", "internal": "┊"}
# Longer texts are folded: a log of a megabyte must not be wrapped with every key.
LONG_TEXT, LONG_LINES = 6000, 60
# So many recipients are named on one line.
FEW = 3


@record
class View:
    """What the look of a comment depends on besides the comment."""

    width: int
    clock: Clock
    agent_id: int
    unfolded: bool = False
    # The task that is shown; a comment of a task merged into it says where it comes from.
    task_id: int = 0
    # Why it is here, where that was asked for.
    why: str = ""


def kind_of(comment: CommentRow) -> str:
    """client, outgoing (the client sees it) or internal."""
    if comment.direction == "incoming":
        return "client"
    return "internal" if comment.internal else "outgoing"


def foldable(comment: CommentRow) -> bool:
    """Whether there is more to show than is shown at first."""
    many = len(comment.mail_to) + len(comment.mail_cc) + len(comment.notified) > FEW
    return _shortened(comment) or len(comment.text) > LONG_TEXT or bool(comment.edits) or many


def block(comment: CommentRow, view: View) -> list[Content]:
    """The lines of a comment, without its edge; ``view.width`` is what they may take."""
    lines = [_head(comment, view)]
    if view.why:
        lines += safe.line(f"? {view.why}", "comment--why").wrap(view.width)
    if (recipients := recipient_words(comment)) is not None:
        words = safe.worded(recipients, RECIPIENTS)
        lines += words.wrap(view.width) if view.unfolded else [safe.fit(words, view.width)]
    if comment.quote is not None and comment.quote[1].strip() and not comment.in_thread:
        quoted = safe.line(comment.quote[1], "comment--quote", 300)
        lines.append(safe.fit(Content.assemble(("↳ ", "comment--quote"), quoted), view.width))
    lines += _text(comment, view)
    lines += [_file(row) for row in comment.attachments]
    for line in (
        *_marks(comment, view),
        *_reactions(comment),
        *(safe.worded(line, DELIVERY) for line in delivery_lines(comment, view.clock)),
        *_amendments(comment),
    ):
        lines += line.wrap(view.width)
    return lines


def _reactions(comment: CommentRow) -> Iterable[Content]:
    for name, signs in comment.reactions:
        yield safe.line(f"{' '.join(signs)}  {name}", "comment--mark", 200)


def _amendments(comment: CommentRow) -> Iterable[Content]:
    """What became of a change at the client's copy, by colour and in words."""
    looks = {"done": ("✓ ", DELIVERY[Role.SENT]), "pending": ("… ", DELIVERY[Role.WAITS])}
    for row in comment.amendments:
        sign, style = looks.get(row.state, ("! ", DELIVERY[Role.ALARM]))
        yield safe.line(sign + amendment_words(row), style, 300)


def _head(comment: CommentRow, view: View) -> Content:
    kind = kind_of(comment)
    author = comment.author.name or (_("pfinbox") if comment.automatic else "")
    name = safe.line(author, f"{kind}--name", 60)
    word = Content.styled("  " + _word(comment, view), "comment--word")
    if view.task_id and comment.origin_task_id not in (0, view.task_id):
        origin = _("from #{id}").format(id=comment.origin_task_id)
        word = Content.assemble(word, (f"  ⤷ {origin}", "comment--origin"))
    time = Content.styled(view.clock.clock_time(comment.created_at), "comment--time")
    return ends(Content.assemble(name, word), time, view.width)


def _word(comment: CommentRow, view: View) -> str:
    """Who sees it, in a word: client, to Maria by e-mail, internal."""
    kind = kind_of(comment)
    by = _(" by {channel}").format(channel=channel_name(comment.channel)) if comment.channel else ""
    if kind == "client":
        who = _("somebody outside") if comment.aside else _("client")
        if comment.matched_by is not None and comment.matched_by.kind == "by_page":
            who = _("{who}, by the page").format(who=who)
        elif comment.channel:
            who = _("{who}, by {channel}").format(who=who, channel=channel_name(comment.channel))
        return safe.line(who).plain
    contacts = [p.name for p in comment.notified if p.kind == "contact"]
    agents = [p.name for p in comment.notified if p.kind == "agent"]
    if kind == "internal":
        if not agents:
            return _("internal")
        return safe.line(_("internal, for {names}").format(names=", ".join(agents))).plain
    if comment.sent_elsewhere:
        return safe.line(_("to the client, sent elsewhere") + by).plain
    channels = dict.fromkeys(d.channel for d in comment.deliveries if d.recipient.kind == "contact")
    if channels:
        by = _(" by {channel}").format(channel=", ".join(map(channel_name, channels)))
    words = _("to {name}").format(name=", ".join(contacts[:1]))
    if len(contacts) > 1:
        words += _(" and {n} more").format(n=len(contacts) - 1)
    words += by
    if comment.aside:
        words += _(", not to the client")
    return safe.line(words).plain


def _shortened(comment: CommentRow) -> bool:
    return comment.new_text is not None and comment.new_text.strip() != comment.text.strip()


def _text(comment: CommentRow, view: View) -> Iterable[Content]:
    if comment.deleted_at is not None:
        yield Content.styled(_("(deleted by its author)"), "comment--mark")
    text = comment.text
    if _shortened(comment) and not view.unfolded:
        text = comment.new_text or ""
    text = text.strip("\n")
    if comment.direction == "incoming":
        text = reflow(text)
    limit = None if view.unfolded else LONG_TEXT
    hidden = max(len(text) - LONG_TEXT, 0) if limit else 0
    shown = safe.linked(text, "comment--link", "comment--mark", limit)
    lines = shown.wrap(view.width) if text else []
    if not view.unfolded and len(lines) > LONG_LINES:
        hidden += sum(len(line) for line in lines[LONG_LINES:])
        lines = lines[:LONG_LINES]
    yield from lines
    if hidden:
        words = _("… {n} more characters (o to show)").format(n=f"{hidden:,}")
        yield Content.styled(words, "comment--mark")
    if _shortened(comment):
        words = (
            _("(o to fold the quoted text)") if view.unfolded else _("… quoted text (o to show)")
        )
        yield Content.styled(words, "comment--mark")


def _file(row: AttachmentRow) -> Content:
    size = byte_size(row.size)
    return Content.assemble(
        Content.styled("▪ ", "comment--file"),
        safe.line(row.name, "comment--file", 80),
        Content("  "),
        safe.line(f"{row.media_type}, {size}{kept_until(row.removed_at)}", "comment--mark", 80),
    )


def _marks(comment: CommentRow, view: View) -> Iterable[Content]:
    if comment.edited_at is not None:
        when = view.clock.moment(comment.edited_at)
        yield Content.styled(_("edited {time}").format(time=when), "comment--mark")
        if view.unfolded:
            for text, at in comment.edits:
                when = view.clock.moment(at)
                before = safe.line(text, "comment--quote", 300)
                yield Content.assemble(
                    (_("before {time}: ").format(time=when), "comment--mark"), before
                )
    if comment.hidden:
        yield Content.styled(_("hidden from clients"), "comment--mark")
    if comment.automatic:
        yield Content.styled(_("written by a program"), "comment--mark")
    if comment.verified is False:
        yield Content.styled(_("! the sender is not verified"), "comment--warning")
    for warning in comment.warnings:
        words = warning.sentence()
        if warning.kind == "perhaps_belongs":
            words = _("{what} (m to move it)").format(what=words)
        yield safe.line("! " + words, "comment--warning")
