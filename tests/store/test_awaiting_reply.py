"""Which messages are still to answer is the same in SQL and in the domain (R41)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from pfinbox.domain.actor import AgentActor
from pfinbox.domain.awaiting_reply import Said, Share, client_is_waited_for, last_word, to_answer
from pfinbox.domain.client_wrote import CommentFacts
from pfinbox.domain.outbound.delivery import State
from pfinbox.services.events import awaiting_reply
from pfinbox.store import read
from pfinbox.store import tables as t
from tests.store.seed import NOW, Seed, ago

# A client with two cards and a supplier; a chat of the client's and two threads outside.
ROOT_OF = {1: 1, 2: 1, 3: 3}
CHATS = {1: (1, False), 2: (3, True), 3: (2, True)}
contacts, chats = st.none() | st.sampled_from([*ROOT_OF]), st.none() | st.sampled_from([*CHATS])
moments = st.integers(0, 8).map(lambda minutes: ago(minutes=minutes))
seldom = st.integers(0, 9).map(lambda number: number == 9)


@dataclass(frozen=True)
class Written:
    """A comment; those by nobody are ours."""

    task_id: int
    incoming: bool
    contact_id: int | None = None
    chat_id: int | None = None
    created_at: datetime = NOW
    stored_at: datetime | None = None
    notified: frozenset[int] = frozenset()
    shares: Sequence[tuple[State, int | None, str | None]] = ()
    # A person has dealt with the failure of its deliveries.
    dismissed: bool = False
    automatic: bool = False
    imported: bool = False
    deleted: bool = False
    internal: bool = False
    sent_elsewhere: bool = False

    def row(self, number: int) -> dict[str, Any]:
        return {
            "id": number,
            "task_id": self.task_id,
            "direction": "incoming" if self.incoming else "outgoing",
            "contact_id": self.contact_id if self.incoming else None,
            "agent_id": None if self.incoming else 1,
            "text": str(number),
            "created_at": self.created_at,
            "chat_id": self.chat_id,
            "automatic": self.automatic,
            "imported": self.imported,
            "deleted_at": NOW if self.deleted else None,
            "internal": self.internal and not self.incoming,
            "sent_elsewhere": self.sent_elsewhere and not self.incoming,
        }


@dataclass(frozen=True)
class World:
    """Task 2 is merged into task 1."""

    comments: Sequence[Written]
    client_id: int | None = 1
    spam: bool = False
    merged_spam: bool = False
    merged_at: datetime = NOW
    closed_at: Sequence[datetime | None] = (None, None)
    snoozed: Sequence[tuple[int, datetime]] = ()
    # A delivery failed afterwards: the last snooze was in vain (R24).
    woken: Sequence[int] = ()
    notable: int = 0

    def rows(self) -> list[tuple[Any, list[dict[str, Any]]]]:
        at = {"created_at": NOW}
        shared = {"status": "new", "active": True, "last_activity_at": NOW, "title": "Q", **at}
        written = list(enumerate(self.comments, start=1))
        return [
            (t.agent, [{"id": 1, "login": "anna", "name": "Anna", **at}]),
            (
                t.account,
                [
                    {
                        "id": 1,
                        "name": "support",
                        "channel": "email",
                        "limits": {},
                        "new_task_after_close": "true",
                    }
                ],
            ),
            (
                t.contact,
                [{"id": i, "name": str(i), "root_id": r, **at} for i, r in ROOT_OF.items()],
            ),
            (
                t.chat,
                [
                    {
                        "id": i,
                        "account_id": 1,
                        "contact_id": whose,
                        "key": str(i),
                        "outside": out,
                        **at,
                    }
                    for i, (whose, out) in CHATS.items()
                ],
            ),
            (
                t.task,
                [
                    {
                        "id": i,
                        "root_id": 1,
                        "merged_into_id": None if i == 1 else 1,
                        "contact_id": self.client_id,
                        "spam": self.spam if i == 1 else self.merged_spam,
                        "last_notable_id": self.notable if i == 1 else 0,
                        "closed_at": self.closed_at[i - 1],
                        **shared,
                    }
                    for i in (1, 2)
                ],
            ),
            (
                t.merge,
                [
                    {
                        "kind": "task",
                        "survivor_id": 1,
                        "other_id": 2,
                        "at": self.merged_at,
                        "before": {"mark": 0},
                    }
                ],
            ),
            (
                t.activity,
                [{"task_id": i, "kind": "snoozed", "args": {}, "at": at} for i, at in self.snoozed]
                + [
                    {"task_id": i, "kind": "woken", "args": {"by": "delivery"}, "at": NOW}
                    for i in self.woken
                ],
            ),
            (t.comment, [one.row(number) for number, one in written]),
            (
                t.receipt,
                [
                    {
                        "account_id": 1,
                        "key": str(number),
                        "received_at": one.stored_at,
                        "raw": b"",
                        "sha256": "",
                        "size": 0,
                        "state": "shown",
                        "comment_id": number,
                    }
                    for number, one in written
                    if one.stored_at is not None
                ],
            ),
            (
                t.notify,
                [
                    {"comment_id": number, "contact_id": contact}
                    for number, one in written
                    for contact in one.notified
                ],
            ),
            (
                t.delivery,
                [
                    {
                        "comment_id": number,
                        "account_id": 1,
                        "chat_id": chat,
                        "address": "",
                        "state": state,
                        "due_at": NOW,
                        "notice": notice,
                        "dismissed_at": NOW if one.dismissed else None,
                    }
                    for number, one in written
                    for state, chat, notice in one.shares
                ],
            ),
        ]

    def said(self) -> list[Said]:
        return [self._said(number, one) for number, one in enumerate(self.comments, start=1)]

    def _said(self, number: int, one: Written) -> Said:
        author = ROOT_OF.get(one.contact_id or 0) if one.incoming else None
        return Said(
            id=number,
            task_id=one.task_id,
            created_at=one.created_at,
            stored_at=one.stored_at or one.created_at,
            facts=CommentFacts(
                incoming=one.incoming,
                automatic=one.automatic,
                imported=one.imported,
                deleted=one.deleted,
                spam=self.spam or (self.merged_spam and one.task_id == 2),
                outside=is_outside(one.chat_id),
                by_client=author is not None and author == ROOT_OF.get(self.client_id or 0),
            ),
            author_id=author,
            notified=frozenset(ROOT_OF[i] for i in one.notified),
            internal=one.internal and not one.incoming,
            sent_elsewhere=one.sent_elsewhere and not one.incoming,
            shares=tuple(
                Share(state, is_outside(chat), one.dismissed)
                for state, chat, notice in one.shares
                if not notice
            ),
        )

    def settled_at(self) -> dict[int, datetime | None]:
        """What settled the survivor counts for the merged task from the merge on."""
        snoozed = [one for one in self.snoozed if one[0] not in self.woken]
        ends = [*snoozed, *((i, at) for i, at in enumerate(self.closed_at, 1) if at)]
        survivors = [at for i, at in ends if i == 1]
        both = [at for i, at in ends if i == 2] + [at for at in survivors if at >= self.merged_at]
        return {1: max(survivors, default=None), 2: max(both, default=None)}


def is_outside(chat_id: int | None) -> bool:
    return chat_id is not None and CHATS[chat_id][1]


written = st.builds(
    Written,
    task_id=st.sampled_from([1, 1, 2]),
    incoming=st.booleans(),
    contact_id=contacts,
    chat_id=chats,
    created_at=moments,
    stored_at=st.none() | moments,
    notified=st.frozensets(st.sampled_from([*ROOT_OF]), max_size=2),
    shares=st.lists(
        st.tuples(
            st.just(State.SENT) | st.sampled_from(State),
            chats,
            st.sampled_from([None, None, None, "news"]),
        ),
        max_size=2,
    ),
    dismissed=st.booleans(),
    automatic=seldom,
    imported=seldom,
    deleted=seldom,
    internal=seldom,
    sent_elsewhere=seldom,
)
worlds = st.builds(
    World,
    client_id=contacts,
    spam=seldom,
    merged_spam=seldom,
    merged_at=moments,
    closed_at=st.lists(st.none() | moments, min_size=2, max_size=2),
    snoozed=st.lists(st.tuples(st.sampled_from([1, 2]), moments), max_size=1),
    woken=st.lists(st.sampled_from([1, 2]), max_size=1),
    notable=st.integers(0, 6),
    comments=st.lists(written, min_size=2, max_size=6),
)


EARLY, LATE = ago(minutes=5), ago(minutes=1)
ASKED = Written(1, True, contact_id=1, created_at=EARLY)
# Said after the task was closed, stored before that by a clock that was set back.
CLOCK_SET_BACK = World(
    [Written(1, True, contact_id=1, created_at=LATE, stored_at=EARLY)],
    closed_at=[ago(minutes=3), None],
)
FORWARDED = World([ASKED, Written(1, False, created_at=LATE, shares=[(State.SENT, 2, None)])])

FAILED = World([ASKED, Written(1, False, created_at=LATE, shares=[(State.FAILED, 1, None)])])

# The client's words came in after our answer and had been said before it.
CAME_LATE = World(
    [
        Written(1, False, created_at=LATE, shares=[(State.SENT, 1, None)]),
        Written(1, True, contact_id=1, created_at=EARLY),
    ]
)


@example(CLOCK_SET_BACK)
@example(CAME_LATE)
@example(FORWARDED)
@example(FAILED)
@settings(
    max_examples=40,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(worlds)
async def test_r41_both_say_the_same_of_every_conversation(seed: Seed, world: World) -> None:
    async with seed.holding(*world.rows()) as uow:
        said = world.said()
        waits = [] if world.spam else to_answer(said, world.settled_at())
        await awaiting_reply.refresh(uow, 1)
        task = (await uow.connection.execute(select(t.task).where(t.task.c.id == 1))).one()
        found = [row.id for row in await awaiting_reply.waiting(uow, 1)]
        assert found == [one.id for one in waits]
        assert task.waiting_since == (waits[0].created_at if waits else None)
        assert task.last_notable_id == (world.notable if world.notable in found else 0)
        last = last_word(said, client_waits=bool(waits))
        assert task.last_line == (str(last.id) if last else "")
        for view, expected in (
            ("to_answer", bool(waits)),
            ("waiting", client_is_waited_for(waits, last)),
        ):
            listed = [row.id for row in (await read.tasks(uow, AgentActor(1), view)).rows]
            assert listed == ([1] if expected else [])
        spoken = last is not None and not last.facts.automatic
        direction = ("incoming" if last.facts.incoming else "outgoing") if last and spoken else None
        assert task.last_direction == direction
