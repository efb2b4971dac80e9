"""Which chat a message belongs to (R4, R5): first hit wins, all within one account."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from pfinbox.domain.contract.envelope import Message
from pfinbox.domain.contract.reason import Reason


@dataclass(frozen=True, slots=True)
class Known:
    """What the store knows of the ids that a message names, within the message's account."""

    # The chat with the message's own key (messengers).
    by_key: int | None = None
    by_token: Mapping[str, int] = field(default_factory=dict)
    by_reference: Mapping[str, int] = field(default_factory=dict)
    by_id_token: Mapping[str, int] = field(default_factory=dict)
    # The chat in which an earlier read message answered this one: history comes in any order.
    by_own_id: int | None = None
    # The chat of the task in the subject's number, if the sender takes part in that task.
    by_number: int | None = None
    # That task, where somebody else named it.
    named_task: int | None = None
    # The sender's last chat with this subject, where the account matches so.
    by_subject: int | None = None


@dataclass(frozen=True, slots=True)
class Match:
    """``chat_id`` is None for a conversation of its own; ``why`` is kept with the comment.

    ``hint`` is what a person should look at, because the rules may not believe it.
    """

    chat_id: int | None
    why: Reason
    hint: Reason | None = None


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
    for token in message.id_tokens:
        if token in known.by_id_token:
            return Match(known.by_id_token[token], Reason("own_message_id", {"token": token}))
    if known.by_own_id is not None:
        return Match(known.by_own_id, Reason("answered_before"))
    if message.task_number is not None and known.by_number is not None:
        return Match(known.by_number, Reason("subject_number", {"task": message.task_number}))
    if known.by_subject is not None:
        return Match(known.by_subject, Reason("subject_sender"))
    hint = None
    if known.named_task is not None:
        hint = Reason("perhaps_belongs", {"task": known.named_task})
    return Match(None, Reason("new_conversation"), hint)
