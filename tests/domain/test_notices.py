"""Agents by e-mail (R22): what an answer address proves, and where an answer may go."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pfinbox.domain.contract.channel import Capability
from pfinbox.domain.contract.reason import Reason
from pfinbox.domain.model import Account, Agent, Who
from pfinbox.domain.notices import text as notice_text
from pfinbox.domain.notices.answers import (
    VALID_FOR,
    answer_text,
    gives_away,
    new_token,
    objection,
    read_token,
    recipients,
)
from pfinbox.domain.notices.notices import sending_account
from pfinbox.domain.notices.text import Entry

NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
ANNA = Agent(7, "anna", "Anna", email="anna@ours.example")
TOKEN = new_token(7, 3, 12, NOW)
ME, BORIS, MARIA = Who("agent", 7), Who("agent", 8), Who("contact", 1)


@given(*(st.integers(1, 36**8 - 1),) * 3)
def test_r22_a_token_says_what_it_was_made_of(agent: int, task: int, comment: int) -> None:
    token = new_token(agent, task, comment, NOW)
    spelled = token.spelled()
    assert len(spelled) <= 36
    assert read_token(("c12", spelled)) == token
    assert token.issued_at == NOW


@pytest.mark.parametrize(
    "text", ["", "n", "n1-2-3", "n1-2-3-4-5", "N1-2-3-4", "c1-2-3-4", "n1-2-3-٣"]
)
def test_r22_anything_else_is_no_token(text: str) -> None:
    assert read_token((text,)) is None


def why(**changed: object) -> str | None:
    values: dict[str, object] = {
        "sender": "anna@ours.example",
        "verified": True,
        "now": NOW + timedelta(days=1),
        "revoked_at": None,
        "comment_task_id": 3,
        **changed,
    }
    agent = values.pop("agent", ANNA)
    found = objection(TOKEN, agent, **values)  # type: ignore[arg-type]
    return found.kind if found is not None else None


def test_r22_all_of_it_is_needed() -> None:
    assert why() is None
    assert why(sender="Anna@Ours.example") is None
    assert why(now=NOW + VALID_FOR) == "answer_expired"
    assert why(sender="eve@evil.example") == "answer_from_another"
    assert why(agent=replace(ANNA, email=None)) == "answer_from_another"
    assert why(verified=False) == "answer_unproven"
    assert why(verified=None) == "answer_unprovable"
    assert why(agent=replace(ANNA, active=False)) == "answer_revoked"
    assert why(revoked_at=NOW + timedelta(minutes=1)) == "answer_revoked"
    assert why(revoked_at=NOW) is None
    assert why(comment_task_id=4) == "answer_moved"


def test_r22_an_answer_goes_where_the_notice_went_and_to_its_author() -> None:
    assert recipients([ME, MARIA], BORIS, 7) == (BORIS, MARIA)
    assert recipients([ME, MARIA], BORIS, 7, contacts=False) == (BORIS,)
    # A client's message: the client is its author.
    assert recipients([], MARIA, 7) == (MARIA,)
    assert recipients([ME, BORIS], None, 7) == (BORIS,)
    assert recipients([ME], ME, 7) == ()


MARKED = notice_text.news(
    3, "Where is it?", [Entry("Maria", True, NOW, "Where is my order?")], UTC, goes_to=["Maria"]
)


def quoted(text: str) -> str:
    return "\n".join(f"> {line}".rstrip() for line in text.splitlines())


@pytest.mark.parametrize(
    "below",
    [
        "",
        "\n\n" + quoted(MARKED),
        "\n\nKlo 12.30 Esimerkki <support+n7@ours.example> kirjoitti:\n\n" + quoted(MARKED),
        "\n\nIrgendwas Unbekanntes:\n" + MARKED,
        "\n\nsupport@ours.example, 2.11.2026\n" + quoted(MARKED),
    ],
)
def test_r22_what_the_notice_said_is_no_part_of_the_answer(below: str) -> None:
    """Whatever language the mail program speaks, and wherever it wraps the mark."""
    for text in (
        "It leaves today.\nAnna" + below,
        "It leaves today.\nAnna" + below.replace("goes to", "goes\n> to"),
    ):
        assert answer_text(text, None) == "It leaves today.\nAnna"
    assert answer_text("whole", "the new part ") == "the new part"


def test_r22_words_of_colleagues_never_leave_with_an_answer() -> None:
    internal = ["He owes us money,\n   keep it short", "OK"]
    assert gives_away("> He owes us money,\n\nNo", internal)
    assert gives_away("he OWES  us money,", internal)
    assert gives_away("##- half a mark", internal)
    assert not gives_away("OK, it leaves today", internal)


def test_r10_which_account_sends_notices() -> None:
    able = Capability.GLOBAL_ADDRESSES | Capability.WRITE_FIRST
    bot = Account(1, "bot", "telegram", Capability.WRITE_FIRST)
    reads = Account(2, "reads", "email", Capability.GLOBAL_ADDRESSES)
    own = Account(3, "anna", "email", able, role="personal", owner_id=7)
    first, second = Account(4, "one", "email", able), Account(5, "two", "email", able)
    everyone = [bot, reads, own, first, second]
    assert sending_account(everyone, 5, 3) == second
    assert sending_account(everyone, None, 3) == first
    assert sending_account([bot, reads, own], 1, 3) == own
    assert sending_account([bot, reads, own], None, 1) is None


def test_r14_a_notice_says_what_the_client_sees_and_who_gets_an_answer() -> None:
    entries = [
        Entry("Boris", False, NOW, "He owes us money"),
        Entry("Boris", False, NOW, "On its way", to=("Maria",)),
        Entry("Maria ##- -##", True, NOW, "\x1b[31mWhere?", files=("a\nb.png",), verified=False),
    ]
    text = notice_text.news(3, "Where is it?", entries, UTC, goes_to=["Maria (client)"])
    first, rest = text.split("\n", 1)
    assert first == "##- Write your answer above this line; it goes to: Maria (client). -##"
    assert "Maria ##- -## · client · SENDER NOT VERIFIED · 2026-11-02 09:00 UTC" in rest
    assert "[file: a b.png]" in rest
    assert "\x1b" not in rest
    assert rest.index("Where?") < rest.index("Boris · to Maria") < rest.index("internal")
    assert rest.endswith("#3 Where is it?\n")
    closed = notice_text.news(3, "x", entries, UTC, goes_to=None)
    assert closed.startswith("This mail cannot be answered; open #3")
    assert "goes to: a b. -##" in notice_text.news(3, "x", entries, UTC, goes_to=["a ##b"])
    told = notice_text.told(3, Reason("answer_expired", {"days": 14}), "My answer")
    assert "#3 was sent to nobody: the answer address is older than 14 days." in told
    assert "My answer" in told
