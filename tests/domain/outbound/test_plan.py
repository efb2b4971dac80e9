"""The delivery plan as a table of cases (R13, R15, R16, R17, R23, R32, R45) and as properties."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pfinbox.channels.mail import SPEC as MAIL
from pfinbox.channels.telegram import SPEC as TELEGRAM
from pfinbox.domain.contract.party import Party
from pfinbox.domain.model import Account, Address, Agent, Chat, Contact, Notify, Task, Who
from pfinbox.domain.outbound.planning.delivery_plan import Answered, DeliveryPlan, People
from pfinbox.domain.outbound.planning.plan import plan_delivery

SUPPORT = Account(1, "support", "email", MAIL.capabilities, MAIL.limits)
BOT = Account(2, "bot", "telegram", TELEGRAM.capabilities, TELEGRAM.limits)
SALES = Account(3, "sales", "email", MAIL.capabilities, MAIL.limits)
EARLY, LATE = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 2, 1, tzinfo=UTC)

WORK = Address(1, "email", 0, "work@maria.example", main=True)
HOME = Address(2, "email", 0, "home@maria.example")
MARIA = Contact(1, "Maria", (WORK, HOME))
OLGA = Contact(2, "Olga", (Address(3, "email", 0, "olga@x.example", main=True),))
NOBODY = Contact(3, "Nobody", ())
BORIS = Agent(7, "boris", "Boris")
MAIL_CHAT = Chat(1, 1, "k", 1, address="home@maria.example", last_incoming_at=EARLY)
BOT_CHAT = Chat(2, 2, "501", 1, address="501", last_incoming_at=LATE)
TASK = Task(128, "Title", "open", True, contact_id=1, account_id=1, chats=(MAIL_CHAT,))


def plan(task: Task, *who: Who, people: People | None = None, **notify: object) -> DeliveryPlan:
    everyone = People(
        {c.id: c for c in (MARIA, OLGA, NOBODY)},
        {BORIS.id: BORIS},
        {a.id: a for a in (SUPPORT, BOT, SALES)},
    )
    return plan_delivery(task, Notify(who, **notify), people or everyone)  # type: ignore[arg-type]


def ways(made: DeliveryPlan) -> list[tuple[str, str | None, str | None]]:
    """Name, account, and the address or the kind of the error."""
    return [
        (
            row.name,
            row.account.name if row.account else None,
            row.error.kind if row.error else row.address,
        )
        for row in made.rows
    ]


MARIA_, OLGA_, NOBODY_, BORIS_ = (
    Who("contact", 1),
    Who("contact", 2),
    Who("contact", 3),
    Who("agent", 7),
)
MERGED = replace(BOT_CHAT, own=False)
BOTH = replace(TASK, chats=(MAIL_CHAT, BOT_CHAT))
WITH_MERGED = replace(TASK, chats=(MAIL_CHAT, MERGED))
ONLY_MERGED = replace(TASK, chats=(MERGED,))
BY_HAND = replace(TASK, chats=(), account_id=None)


@pytest.mark.parametrize(
    ("rule", "task", "who", "options", "expected"),
    [
        ("R13", TASK, (), {}, []),
        ("R13", TASK, (BORIS_,), {}, [("Boris", None, None)]),
        ("R15", TASK, (MARIA_,), {}, [("Maria", "support", "home@maria.example")]),
        ("R15", TASK, (OLGA_,), {}, [("Olga", None, "not_in_task")]),
        (
            "R16 own: both chats bound to the task",
            BOTH,
            (MARIA_,),
            {},
            [("Maria", "support", "home@maria.example"), ("Maria", "bot", "501")],
        ),
        ("R16 last", BOTH, (MARIA_,), {"reply_via": "last"}, [("Maria", "bot", "501")]),
        (
            "R16 all",
            WITH_MERGED,
            (MARIA_,),
            {"reply_via": "all"},
            [("Maria", "support", "home@maria.example"), ("Maria", "bot", "501")],
        ),
        ("R16 named", BOTH, (MARIA_,), {"reply_via": "bot"}, [("Maria", "bot", "501")]),
        (
            "R16 named, but no way there",
            TASK,
            (MARIA_,),
            {"reply_via": "bot"},
            [("Maria", None, "via_unavailable")],
        ),
        (
            "R16 another mail account of ours",
            TASK,
            (MARIA_,),
            {"reply_via": "sales"},
            [("Maria", "sales", "work@maria.example")],
        ),
        (
            "R17 chosen",
            TASK,
            (MARIA_,),
            {"addresses": {1: "work@maria.example"}},
            [("Maria", "support", "work@maria.example")],
        ),
        (
            "R17 somebody else's",
            TASK,
            (MARIA_,),
            {"addresses": {1: "olga@x.example"}},
            [("Maria", "support", "address_not_theirs")],
        ),
        (
            "R23 no chat: the main address",
            BY_HAND,
            (MARIA_,),
            {},
            [("Maria", "support", "work@maria.example")],
        ),
        (
            "R23 nothing to write to",
            replace(BY_HAND, contact_id=3),
            (NOBODY_,),
            {},
            [("Nobody", None, "no_route")],
        ),
        ("R32 survivor's own first", WITH_MERGED, (MARIA_,), {}, [
            ("Maria", "support", "home@maria.example")
        ]),
        ("R32 only where it has none, the merged one", ONLY_MERGED, (MARIA_,), {}, [
            ("Maria", "bot", "501")
        ]),
    ],
)  # fmt: skip
def test_plan(
    rule: str,
    task: Task,
    who: tuple[Who, ...],
    options: dict[str, Any],
    expected: list[tuple[str, str | None, str | None]],
) -> None:
    """R13, R15, R16, R17, R23, R32: each row names its rule."""
    assert ways(plan(task, *who, **options)) == expected, rule


def test_r25_a_closed_chat_is_an_error_before_sending() -> None:
    task = replace(TASK, chats=(replace(BOT_CHAT, writable=False),))
    assert ways(plan(task, MARIA_)) == [("Maria", "bot", "chat_closed")]


@pytest.mark.parametrize(
    ("now", "when", "closed"),
    [
        (LATE + timedelta(hours=24), None, False),
        (LATE + timedelta(hours=24, seconds=1), None, True),
        (LATE, LATE + timedelta(hours=25), True),
        (LATE, LATE + timedelta(hours=23), False),
    ],
)
def test_r25_a_reply_window_is_known_before_sending(
    now: datetime, when: datetime | None, closed: bool
) -> None:
    window = replace(BOT, limits=replace(BOT.limits, reply_window=24 * 3600))
    people = People({1: MARIA}, {}, {2: window}, now=now)
    task = replace(TASK, chats=(BOT_CHAT,))
    (row,) = plan_delivery(task, Notify((MARIA_,)), people, when=when).rows
    assert row.closes_at == LATE + timedelta(hours=24)
    assert (row.error is not None and row.error.kind == "window_closed") is closed
    charged = replace(BOT, limits=replace(BOT.limits, free_window=24 * 3600))
    people = replace(people, accounts={2: charged})
    (row,) = plan_delivery(task, Notify((MARIA_,)), people, when=when).rows
    assert row.error is None
    assert ([one.kind for one in row.warnings] == ["message_charged"]) is closed


def test_r32_answering_by_another_channel_says_so() -> None:
    people = People({1: MARIA}, {}, {1: SUPPORT, 2: BOT})
    made = plan_delivery(TASK, Notify((MARIA_,)), people, answers_account_id=2)
    assert [w.kind for w in made.warnings] == ["other_channel"]


def test_r45_several_on_one_mail_account_share_a_message_unless_separately() -> None:
    olga_in = replace(TASK, participants=(OLGA_,))
    assert len({row.group for row in plan(olga_in, MARIA_, OLGA_).rows}) == 1
    assert len({row.group for row in plan(olga_in, MARIA_, OLGA_, separately=True).rows}) == 2


def _letters(made: DeliveryPlan) -> list[list[str]]:
    """Each message: To, and behind "cc" the copies."""
    letters: dict[int, list[str]] = {}
    for row in made.rows:
        letters.setdefault(row.group, []).append(f"cc {row.name}" if row.copy else row.name)
    return list(letters.values())


OLGA_IN = replace(TASK, participants=(OLGA_,))
BOB = Party("bob@new.example", "Bob")
THREAD_OUTSIDE = Chat(9, 1, "o", 2, address="olga@x.example", outside=True)
ASKED_OLGA = replace(OLGA_IN, chats=(MAIL_CHAT, THREAD_OUTSIDE))


@pytest.mark.parametrize(
    ("case", "task", "who", "answered", "options", "expected"),
    [
        ("the client in To", OLGA_IN, (OLGA_, MARIA_), None, {}, [["Maria", "cc Olga"]]),
        ("who is answered in To", OLGA_IN, (MARIA_, OLGA_), OLGA_, {}, [["Olga", "cc Maria"]]),
        (
            "a newcomer in Cc",
            OLGA_IN,
            (MARIA_,),
            None,
            {"newcomers": (BOB,)},
            [["Maria", "cc Bob"]],
        ),
        (
            "no thread yet: all in To",
            BY_HAND,
            (MARIA_,),
            None,
            {"newcomers": (BOB,)},
            [["Maria", "Bob"]],
        ),
        ("separately", OLGA_IN, (MARIA_, OLGA_), None, {"separately": True}, [["Maria"], ["Olga"]]),
        (
            "an agent has the inbox",
            OLGA_IN,
            (BORIS_, OLGA_, MARIA_),
            None,
            {},
            [["Boris"], ["Maria", "cc Olga"]],
        ),
        ("client and outsider apart", ASKED_OLGA, (MARIA_, OLGA_), None, {}, [["Maria"], ["Olga"]]),
        (
            "who comes with the outsider",
            ASKED_OLGA,
            (OLGA_, MARIA_),
            OLGA_,
            {"newcomers": (BOB,)},
            [["Olga", "cc Bob"], ["Maria"]],
        ),
        (
            "outsider alone",
            ASKED_OLGA,
            (OLGA_,),
            OLGA_,
            {"newcomers": (BOB,)},
            [["Olga", "cc Bob"]],
        ),
    ],
)
def test_r45_who_shares_a_mail(
    case: str,
    task: Task,
    who: tuple[Who, ...],
    answered: Who | None,
    options: dict[str, Any],
    expected: list[list[str]],
) -> None:
    everyone = People({c.id: c for c in (MARIA, OLGA)}, {7: BORIS}, {1: SUPPORT, 2: BOT})
    made = plan_delivery(task, Notify(who, **options), everyone, answers=Answered(1, answered))
    assert _letters(made) == expected, case
    assert made.errors == ()


def test_r45_whoever_is_new_is_named_and_only_where_the_mail_names_them() -> None:
    people = People({1: MARIA, 2: OLGA}, {}, {1: SUPPORT})
    notify = Notify((MARIA_, OLGA_), newcomers=(BOB,))
    made = plan_delivery(TASK, notify, people, answers=Answered(1, MARIA_, frozenset({2})))
    assert [[w.sentence() for w in row.warnings] for row in made.rows] == [
        [],
        ["new here: Olga <olga@x.example>"],
        ["new here: Bob <bob@new.example>"],
    ]
    assert made.as_json()["plan"][2]["recipient"] == {"kind": "contact", "id": None, "name": "Bob"}
    stranger = plan_delivery(TASK, notify, people, answers=Answered(1, MARIA_))
    assert [e.kind for e in stranger.errors] == ["not_in_task"]
    nowhere = plan_delivery(BY_HAND, Notify(newcomers=(BOB,)), People({}, {}, {2: BOT}))
    assert [e.kind for e in nowhere.errors] == ["no_mail_account"]


def test_r45_r16_the_task_s_reply_channel_is_the_client_s() -> None:
    by_bot = replace(ASKED_OLGA, chats=(BOT_CHAT, THREAD_OUTSIDE), reply_via="bot")
    assert ways(plan(by_bot, MARIA_, OLGA_)) == [
        ("Maria", "bot", "501"),
        ("Olga", "support", "olga@x.example"),
    ]
    assert ways(plan(by_bot, OLGA_, reply_via="bot")) == [("Olga", None, "via_unavailable")]


def test_r45_one_person_gets_one_copy() -> None:
    """Two of our mail accounts, one address: one mail; the outside thread is no second way."""
    twice = replace(MAIL_CHAT, id=5, account_id=3)
    task = replace(TASK, chats=(MAIL_CHAT, twice))
    assert ways(plan(task, MARIA_)) == [("Maria", "support", "home@maria.example")]
    both = replace(TASK, chats=(MAIL_CHAT, replace(THREAD_OUTSIDE, contact_id=1)))
    assert [row.chat_id for row in plan(both, MARIA_).rows] == [MAIL_CHAT.id]
    only = replace(TASK, chats=(replace(THREAD_OUTSIDE, contact_id=1),))
    assert [row.chat_id for row in plan(only, MARIA_, people=None).rows] == [None]


def test_nobody_is_said() -> None:
    assert [w.kind for w in plan(TASK).warnings] == ["nobody_notified"]


_chats = st.lists(
    st.builds(
        Chat,
        id=st.integers(1, 50),
        account_id=st.sampled_from([1, 2, 3]),
        key=st.text(min_size=1, max_size=5),
        contact_id=st.sampled_from([1, 2, 3]),
        address=st.sampled_from(["", "x@y.example"]),
        writable=st.booleans(),
        own=st.booleans(),
        outside=st.booleans(),
        last_incoming_at=st.sampled_from([None, EARLY, LATE]),
    ),
    max_size=6,
    unique_by=lambda chat: chat.id,
)
_via = st.sampled_from(["own", "last", "all", "bot", "support", "nonsense"])


@given(_chats, _via, st.sets(st.sampled_from([MARIA_, OLGA_, NOBODY_, BORIS_])))
def test_r13_r15_a_plan_reaches_the_chosen_and_only_by_their_own_chats(
    chats: list[Chat], via: str, who: set[Who]
) -> None:
    task = replace(TASK, chats=tuple(chats), reply_via=via, participants=(OLGA_, NOBODY_))
    made = plan(task, *sorted(who))
    assert {row.recipient for row in made.rows} == who
    # R45: a message has one reader in To at least, and nobody gets two of one account.
    reached = [(row.recipient, row.account) for row in made.rows if row.error is None]
    assert len([one for one in reached if one[1] is not None]) == len(
        {one for one in reached if one[1] is not None}
    )
    for group in {row.group for row in made.rows}:
        assert not next(row for row in made.rows if row.group == group).copy
    outside = {chat.id for chat in chats if chat.outside}
    assert not any(row.chat_id in outside for row in made.rows if row.recipient == MARIA_)
    owner = {chat.id: chat.contact_id for chat in chats}
    for row in made.rows:
        if row.chat_id is not None:
            assert owner[row.chat_id] == row.recipient.id
        if row.recipient.kind == "contact" and row.error is None:
            assert row.account is not None
            assert row.address
