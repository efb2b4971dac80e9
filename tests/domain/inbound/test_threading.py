"""R4, R5: the first hit wins, in the order of what proves most."""

from dataclasses import replace
from datetime import UTC, datetime

from pfinbox.domain.contract.incoming import Message
from pfinbox.domain.contract.party import Party
from pfinbox.domain.contract.reason import Reason
from pfinbox.domain.inbound.threading import Known, choose_chat

MESSAGE = Message(
    source_id="<m@x>",
    chat_key=None,
    sender=Party("maria@client.example"),
    sent_at=datetime(2026, 11, 2, tzinfo=UTC),
    text="Hello",
    tokens=("c1",),
    references=("<near@x>", "<far@x>"),
    id_tokens=("c4",),
    task_number=5,
)
KNOWN = Known(
    by_token={"c1": 1},
    by_reference={"<near@x>": 2, "<far@x>": 3},
    by_id_token={"c4": 4},
    by_own_id=5,
    by_number=6,
    named_task=128,
    by_subject=7,
)


def test_r5_the_order_of_proof() -> None:
    known = KNOWN
    for chat_id, kind, less in (
        (1, "reply_address", {"by_token": {}}),
        (2, "reference", {"by_reference": {"<far@x>": 3}}),
        (3, "reference", {"by_reference": {}}),
        (4, "own_message_id", {"by_id_token": {}}),
        (5, "answered_before", {"by_own_id": None}),
        (6, "subject_number", {"by_number": None}),
        (7, "subject_sender", {"by_subject": None}),
    ):
        match = choose_chat(MESSAGE, known)
        assert (match.chat_id, match.why.kind, match.hint) == (chat_id, kind, None)
        known = replace(known, **less)
    match = choose_chat(MESSAGE, known)
    assert (match.chat_id, match.why.kind) == (None, "new_conversation")
    assert match.hint == Reason("perhaps_belongs", {"task": 128})


def test_r4_a_messengers_chat_is_all_that_counts() -> None:
    match = choose_chat(replace(MESSAGE, chat_key="7"), replace(KNOWN, by_key=9))
    assert (match.chat_id, match.why.kind) == (9, "chat")
