"""Why a comment is in the task in which it is read: one plain sentence, on demand (R5, R32)."""

from pfinbox.domain.contract.reason import Reason
from pfinbox.i18n import _
from pfinbox.store.rows import CommentRow, Conversation
from pfinbox.wording.times import Clock


def landing_words(comment: CommentRow, held: Conversation, clock: Clock) -> str:
    """The caller cleans it: names and ids come from outside."""
    merged = comment.origin_task_id not in (0, held.task.id)
    origin = {"origin": comment.origin_task_id}
    if comment.direction == "outgoing" and comment.matched_by is None:
        words = _("{name} wrote it in this task")
        if merged:
            words = _("{name} wrote it in #{origin}, which was merged into this task")
        return words.format(name=comment.author.name or _("pfinbox"), **origin)
    words = _("here because {why}")
    if merged:
        words = _("here because {why}; #{origin}, where it landed, was merged into this task")
    return words.format(why=_because(comment, held, clock), **origin)


def _because(comment: CommentRow, held: Conversation, clock: Clock) -> str:
    why = comment.matched_by
    if why is None:
        return _("it was put here; how is not recorded")
    if why.kind == "chat" and comment.account:
        return _("it came in this chat, by {account}").format(account=comment.account)
    if why.kind == "moved" and "from" in why.args:
        return _("it was moved here by hand, from #{task}").format(task=why.args["from"])
    if why.kind == "reference" and (answered := _answered(why, held)) is not None:
        when = clock.moment(answered.created_at)
        name = answered.author.name or _("somebody outside pfinbox")
        return _("it answers what {name} wrote ({time})").format(name=name, time=when)
    if why.kind == "new_conversation":
        return _("it answers nothing that we know, and so began a conversation of its own")
    return why.sentence()


def _answered(why: Reason, held: Conversation) -> CommentRow | None:
    """The comment with the message id that was answered, where it is in sight."""
    named = why.args.get("source_id")
    for row in held.comments:
        if named in (row.source_id, *(one.source_id for one in row.deliveries)):
            return row if named is not None else None
    return None
