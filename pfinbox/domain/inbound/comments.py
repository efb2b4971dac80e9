"""The comment that a message becomes, and what it does to what the list shows of its task."""

from dataclasses import replace
from typing import Any

from pfinbox.domain.contract.incoming import Incoming, Message, Sort
from pfinbox.domain.inbound.awaited import Awaiting
from pfinbox.domain.inbound.known import (
    KnownComment,
    KnownTask,
    Named,
    NamedComment,
    order,
)
from pfinbox.domain.inbound.threading import Match
from pfinbox.domain.inbound.working_set import Row, WorkingSet
from pfinbox.domain.people.cards import Sender
from pfinbox.domain.text.cleaning import clean, clean_line
from pfinbox.domain.text.preview import preview
from pfinbox.record import record

# Of what an imported message names; the nearest come first.
_NAMED = 20


@record
class Place:
    """Where a comment stands: its root task, its chat, and ``task_id``, that chat's own task.

    What comes by a merged chat goes back with it (R33).
    """

    root: KnownTask
    task_id: int
    chat_id: int | None


def write(
    ws: WorkingSet,
    incoming: Incoming,
    message: Message,
    match: Match,
    place: Place,
    *,
    author: Sender | None = None,
    awaited: tuple[str, ...] = (),
    **values: Any,
) -> int:
    """Add the comment; returns its id.

    ``author``: the contact who wrote it. ``awaited``: what it answers and what is not here yet.
    """
    root, chat_id = place.root, place.chat_id
    source_id = clean_line(message.source_id) or None
    digest = ws.marks[incoming.key].digest
    comment_id = ws.make(
        "comment",
        task_id=place.task_id,
        direction="incoming" if author is not None else "outgoing",
        contact_id=author.card_id if author is not None else None,
        text=clean(message.text),
        new_text=clean(message.new_text) if message.new_text is not None else None,
        created_at=message.sent_at,
        claimed_at=message.claimed_at,
        imported=incoming.history,
        account_id=ws.account.id,
        chat_id=chat_id,
        source_id=source_id,
        matched_by=match.why.as_json(),
        warnings=[warning.as_json() for warning in message.warnings] or None,
        digest=digest,
        **values,
    )
    if message.words is not None:
        ws.decided.words[comment_id] = message.words
    if message.files:
        ws.decided.files.append((comment_id, message.files))
    contact_id = author.contact_id if author is not None else None
    if source_id is not None:
        ws.ids.add(source_id, NamedComment(comment_id, "came", chat_id, contact_id, digest))
    if root.task.spam:
        ws.in_spam.add(comment_id)
    answer_to = clean_line(message.answer_to.value) if message.answer_to else None
    root.said.append(
        KnownComment(
            comment_id,
            place.task_id,
            message.sent_at,
            internal=bool(values.get("internal")),
            automatic=bool(values.get("automatic")),
            imported=incoming.history,
            account_id=ws.account.id,
            card_id=author.card_id if author is not None else None,
            contact_id=contact_id,
            chat_id=chat_id,
            source_id=source_id,
            answer_to=answer_to,
        )
    )
    if incoming.history:
        note_of = root.task.id if chat_id is None else None
        _expect(ws, Awaiting(comment_id, 0, author is not None, note_of), awaited)
    return comment_id


def _expect(ws: WorkingSet, comment: Awaiting, awaited: tuple[str, ...]) -> None:
    """The comment answers the first of these that will be read; none of them has been yet."""
    names = [name for name in dict.fromkeys(clean_line(one) for one in awaited) if name]
    for rank, name in enumerate(names[:_NAMED]):
        ws.expect(name, replace(comment, rank=rank))


def answered(ids: Named, message: Message, chat_id: int) -> tuple[int | None, tuple[str, ...]]:
    """The comment that a message answers: incoming, or a part of ours; the most specific one.

    Several may have one id, as anybody may give theirs to a mail: one of this chat is meant, else
    ours. With it the names of what it answers still more, and that is not here.
    """
    for rank, name in enumerate(message.references):
        if found := ids.of(name):
            best = max(
                found, key=lambda one: (one.chat_id == chat_id, one.how == "went", order(one.id))
            )
            return best.id, message.references[:rank]
    return None, message.references


def last_word(
    root: KnownTask, message: Message, direction: str | None, *, history: bool
) -> dict[str, Any]:
    """What the list shows of the task after this message; ``direction`` None: internal talk.

    ``message.sent_at`` is the moment that its comment has.
    """
    at, task = message.sent_at, root.task
    values: Row = {"last_activity_at": max(at, task.last_activity_at or at)}
    # History comes after what is new, and what was sent elsewhere late: not the last word then.
    late = history or direction == "outgoing"
    line = preview(message.new_text or message.text, message.files[0].name if message.files else "")
    if direction is None or message.sort is not Sort.HUMAN:
        # Internal talk and programs' answers do not show, where there is anything else; of
        # programs the newest does.
        newest = direction is not None and root.newest_of_programs(at)
        shows = not task.last_line or (newest and task.last_direction is None)
        return values | ({"last_line": line} if shows else {})
    if not (late and root.said_after(at)):
        values |= {"last_line": line, "last_direction": direction}
    return values
