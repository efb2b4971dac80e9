"""Which comments count as the client's word (R18, R41): a person's, not imported, to us.

The same as SQL: ``store.client_wrote``; a property test keeps the two together.
"""

from pfinbox.record import record


@record
class CommentFacts:
    """What is known of a comment that came in, or did not."""

    incoming: bool = True
    # A program's answer: out of office, a receipt, a bounce.
    automatic: bool = False
    # History from before the account's first contact.
    imported: bool = False
    deleted: bool = False
    spam: bool = False
    # By a side conversation (R45) ...
    outside: bool = False
    # ... unless the task's own client wrote it there.
    by_client: bool = False


def is_heard(comment: CommentFacts) -> bool:
    """Whether a person wrote it to us and may wait for an answer, also in a side conversation."""
    return comment.incoming and not (
        comment.automatic or comment.imported or comment.deleted or comment.spam
    )


def client_wrote(comment: CommentFacts) -> bool:
    """Whether it is the client's word: news for whoever writes to the client (R18)."""
    return is_heard(comment) and (not comment.outside or comment.by_client)
