"""Matching, lifecycle, picker and retry as tables of cases (R4-R7, R14, R24, R42, R44)."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from pfinbox.domain.contract.incoming import Message, Sort
from pfinbox.domain.contract.party import Party
from pfinbox.domain.inbound.lifecycle import Landing, land
from pfinbox.domain.inbound.reactions.deputies import put_before
from pfinbox.domain.inbound.threading import Known, choose_chat
from pfinbox.domain.model import Agent, Notify, Task, Who
from pfinbox.domain.outbound.delivery import next_attempt
from pfinbox.domain.recipients.picker import Said, preselect

NOW = datetime(2026, 11, 2, 9, tzinfo=UTC)
MAIL = Message(
    source_id="<m>",
    chat_key=None,
    sender=Party("m@x"),
    sent_at=NOW,
    text="",
    tokens=("c5",),
    references=("<direct>", "<older>"),
    task_number=128,
)


@pytest.mark.parametrize(
    ("known", "chat_id", "why"),
    [
        (Known(), None, "new_conversation"),
        (Known(by_number=4), 4, "subject_number"),
        (Known(by_number=4, by_reference={"<older>": 3}), 3, "reference"),
        (Known(by_reference={"<older>": 3, "<direct>": 2}), 2, "reference"),
        (Known(by_token={"c5": 5}, by_reference={"<direct>": 2}), 5, "reply_address"),
    ],
)
def test_r5_first_hit_wins(known: Known, chat_id: int | None, why: str) -> None:
    match = choose_chat(MAIL, known)
    assert (match.chat_id, match.why.kind) == (chat_id, why)


def test_r4_a_messenger_has_one_thread_whatever_it_answers() -> None:
    message = replace(MAIL, chat_key="501")
    assert choose_chat(message, Known(by_key=9, by_token={"c5": 5})).chat_id == 9


OPEN = Task(1, "t", "open", True, contact_id=1, account_id=1)
DONE = replace(OPEN, status="done", active=False, closed_at=NOW - timedelta(days=10))
TRASH = replace(OPEN, deleted_at=NOW)
SPAM = replace(TRASH, spam=True)


@pytest.mark.parametrize(
    ("current", "rule", "options", "expected"),
    [
        (None, "true", {}, Landing(None)),
        (OPEN, "true", {}, Landing(1)),
        (DONE, "true", {}, Landing(None)),
        (DONE, "false", {}, Landing(1, reopen=True)),
        (DONE, "14d", {}, Landing(1, reopen=True)),
        (DONE, "7d", {}, Landing(None)),
        (DONE, "false", {"sort": Sort.AUTOMATIC}, Landing(1)),
        (TRASH, "false", {}, Landing(None)),
        (replace(DONE, deleted_at=NOW), "false", {}, Landing(None)),
        (SPAM, "true", {}, Landing(None)),
        (SPAM, "true", {"blocked": True}, Landing(1)),
        (OPEN, "true", {"blocked": True}, Landing(None)),
        (replace(SPAM, purged_at=NOW), "true", {"blocked": True}, Landing(None)),
    ],
)
def test_r6_r7_r42_landing(
    current: Task | None, rule: str, options: dict[str, object], expected: Landing
) -> None:
    assert land(current, rule, NOW, **options) == expected  # type: ignore[arg-type]


ANNA = Agent(1, "anna", "Anna", deputy_id=2)
AWAY = replace(ANNA, away_until=NOW + timedelta(days=3))
BACK = replace(ANNA, away_until=NOW - timedelta(days=3))
GONE = replace(ANNA, active=False)
PIOTR = Agent(2, "piotr", "Piotr")


@pytest.mark.parametrize(
    ("assignee", "deputy", "expected"),
    [
        (None, None, (None, None)),
        (ANNA, PIOTR, (1, None)),
        (BACK, PIOTR, (1, None)),
        (AWAY, PIOTR, (2, 1)),
        (GONE, PIOTR, (2, 1)),
        (AWAY, None, (None, 1)),
        (AWAY, replace(PIOTR, active=False), (None, 1)),
        (AWAY, replace(PIOTR, away_until=AWAY.away_until), (None, 1)),
    ],
)
def test_r44_who_gets_it_when_the_assignee_is_away(
    assignee: Agent | None, deputy: Agent | None, expected: tuple[int | None, int | None]
) -> None:
    before = put_before(assignee, deputy, NOW)
    assert (before.assignee_id, before.instead_of) == expected


CLIENT, ME, SHE, HE = (
    Who("contact", 1),
    Who("agent", 1),
    Who("agent", 2),
    Who("agent", 3),
)
HIS_MESSAGE = Said(CLIENT)
MY_ANSWER = Said(ME, (CLIENT,))
HER_ANSWER = Said(SHE, (CLIENT,))
MY_NOTE = Said(ME, (SHE,))


@pytest.mark.parametrize(
    ("history", "answers", "note", "expected"),
    [
        # answering the client's comment preselects the client, whoever presses the key
        ([HIS_MESSAGE], HIS_MESSAGE, False, (CLIENT,)),
        ([HIS_MESSAGE, HER_ANSWER, HIS_MESSAGE], HIS_MESSAGE, False, (CLIENT,)),
        # a note never preselects a contact
        ([HIS_MESSAGE, MY_ANSWER], HIS_MESSAGE, True, ()),
        ([HIS_MESSAGE, MY_NOTE], None, True, (SHE,)),
        ([HIS_MESSAGE, HER_ANSWER], HER_ANSWER, True, (SHE,)),
        # nothing to answer: those whom I notified last here
        ([HIS_MESSAGE, MY_ANSWER], None, False, (CLIENT,)),
        ([HIS_MESSAGE, MY_ANSWER, MY_NOTE], None, False, (SHE,)),
        ([HIS_MESSAGE], None, False, ()),
        # joining a colleague's conversation: nobody
        ([HIS_MESSAGE, HER_ANSWER], None, False, ()),
        # answering a colleague answers the colleague, not the client it went to
        ([HIS_MESSAGE, HER_ANSWER], HER_ANSWER, False, (SHE,)),
    ],
)
def test_r14_preselection(
    history: list[Said], answers: Said | None, note: bool, expected: tuple[Who, ...]
) -> None:
    assert preselect(1, history, answers=answers, note=note) == Notify(expected)


def test_r24_back_off_grows_obeys_retry_after_and_ends() -> None:
    waits = [(next_attempt(NOW, n, NOW, None, 1.0) or NOW) - NOW for n in range(1, 12)]
    assert waits == sorted(waits)
    assert waits[-1] == timedelta(minutes=15)
    assert next_attempt(NOW, 1, NOW, 3600, 0.0) == NOW + timedelta(hours=1)
    assert next_attempt(NOW + timedelta(hours=25), 3, NOW, None, 0.5) is None
