"""What counts as a client's word, as SQL over ``comment`` (R18, R41).

The same as ``domain.client_wrote``; a property test keeps the two together.
"""

from typing import Any

from sqlalchemy import and_, exists, or_

from pfinbox.store import tables as t


def is_heard() -> Any:
    """Whether a person wrote it to us and may wait for an answer: a client, or somebody outside."""
    own, root = t.task.alias("heard_in"), t.task.alias("heard_root")
    spam = exists().where(
        own.c.id == t.comment.c.task_id,
        root.c.id == own.c.root_id,
        or_(own.c.spam, root.c.spam),
    )
    return and_(
        t.comment.c.direction == "incoming",
        t.comment.c.automatic.is_(False),
        t.comment.c.imported.is_(False),
        t.comment.c.deleted_at.is_(None),
        ~spam,
    )


def from_outside() -> Any:
    """Whether somebody to whom something was forwarded wrote it (R45), not the task's client."""
    chat = t.chat.alias("heard_by")
    own, root = t.task.alias("written_in"), t.task.alias("written_root")
    author, client = t.contact.alias("writer_card"), t.contact.alias("client_card")
    by_client = exists().where(
        own.c.id == t.comment.c.task_id,
        root.c.id == own.c.root_id,
        client.c.id == root.c.contact_id,
        author.c.id == t.comment.c.contact_id,
        author.c.root_id == client.c.root_id,
    )
    thread = exists().where(chat.c.id == t.comment.c.chat_id, chat.c.outside)
    return and_(thread, ~by_client)


def client_wrote() -> Any:
    """Whether it is the client's word: news for whoever writes to the client (R18)."""
    return and_(is_heard(), ~from_outside())
