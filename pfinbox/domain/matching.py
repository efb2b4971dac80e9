"""Which chat a message belongs to (R4, R5): first hit wins, all within one account."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from pfinbox.domain.envelope import Message
from pfinbox.domain.reason import Reason


@dataclass(frozen=True, slots=True)
class Known:
    """What the store knows of the ids that a message names, within the message's account."""

    # The chat with the message's own key (messengers).
    by_key: int | None = None
    by_token: Mapping[str, int] = field(default_factory=dict)
    by_reference: Mapping[str, int] = field(default_factory=dict)
    # The chat of the task in the subject's number, if the sender takes part in that task.
    by_number: int | None = None


@dataclass(frozen=True, slots=True)
class Match:
    """``chat_id`` is None for a conversation of its own; ``why`` is kept with the comment."""

    chat_id: int | None
    why: Reason


def choose_chat(message: Message, known: Known) -> Match:
    """The chat that ``message`` belongs to, or None for a new one."""
    if message.chat_key is not None:
        return Match(known.by_key, Reason("chat"))
    for token in message.tokens:
        if token in known.by_token:
            return Match(known.by_token[token], Reason("reply_address", {"token": token}))
    for source_id in message.references:
        if source_id in known.by_reference:
            return Match(
                known.by_reference[source_id], Reason("reference", {"source_id": source_id})
            )
    if message.task_number is not None and known.by_number is not None:
        return Match(known.by_number, Reason("subject_number", {"task": message.task_number}))
    return Match(None, Reason("new_conversation"))
