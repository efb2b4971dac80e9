"""However what was received is cut into batches, the same inbox stands there in the end (R12)."""

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import groupby, pairwise
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, update

from pfinbox.domain.contract.batch import Batch
from pfinbox.domain.contract.incoming import (
    Deletion,
    Edit,
    Incoming,
    IncomingEvent,
    Message,
    Original,
    Unreadable,
)
from pfinbox.domain.contract.party import Party
from pfinbox.domain.contract.reason import Reason
from pfinbox.services.inbound import receiving
from pfinbox.store import locks
from pfinbox.store import tables as t
from pfinbox.store.uow import UnitOfWork
from tests.builders import Inbox, a_file

LONG = os.environ.get("PFINBOX_HYPOTHESIS") == "long"
PEOPLE = {
    "maria": Party("maria@client.example", "Maria"),
    "bob": Party("bob@client.example", "Bob"),
    "nobody": Party("", "Nobody"),
    "ours": Party("support@ours.example", "Support"),
    "anna": Party("anna@ours.example", "Anna"),
}
KINDS = (
    "mail",
    "mail",
    "mail",
    "again",
    "same id",
    "history",
    "late",
    "spam",
    "sent",
    "edit",
    "chat",
)
RARE = (
    "deletion",
    "unreadable",
    "no id",
    "old sent",
    "by agent",
    "forwarded",
    "said in chat",
    # What agents do meanwhile.
    "all finished",
    "bob blocked",
)


@dataclass(frozen=True)
class Thing:
    """``about``: an earlier one, by its place: what it answers, repeats or changes."""

    kind: str
    by: str
    about: int | None


@st.composite
def things(draw: st.DrawFn) -> tuple[list[Thing], list[int]]:
    """Things received, and where to cut them."""
    found = []
    for n in range(draw(st.integers(2, 14 if LONG else 8))):
        about = draw(st.one_of(st.none(), st.integers(0, n - 1))) if n else None
        kind = draw(st.sampled_from(KINDS + RARE))
        found.append(Thing(kind, draw(st.sampled_from(sorted(PEOPLE))), about))
    return found, sorted(draw(st.sets(st.integers(1, len(found)))))


# By which account it came, or what an agent does meanwhile.
Step = tuple[str, Incoming] | str


def received(inbox: Inbox, all_things: Sequence[Thing]) -> list[Step]:
    return [_one(inbox, n, thing) for n, thing in enumerate(all_things)]


def _one(inbox: Inbox, n: int, thing: Thing) -> Step:
    if thing.kind in ("all finished", "bob blocked"):
        return thing.kind
    account = "bot" if thing.kind in ("chat", "said in chat") else "support"
    at = inbox.clock.now - timedelta(minutes=100 - n)
    named = f"<{thing.about}@x>"
    message = Message(
        source_id=f"<{n}@x>",
        chat_key=None,
        sender=PEOPLE[thing.by],
        sent_at=at,
        text=f"Words {n}",
        title=f"Subject {n}",
        references=(named,) if thing.about is not None else (),
        files=(a_file(f"{n}.png"),) if n % 3 == 0 else (),
    )
    event: IncomingEvent = message
    match thing.kind:
        case "again":
            again = 0 if thing.about is None else thing.about
            event = replace(message, source_id=f"<{again}@x>", text=f"Words {again}")
        case "same id" if thing.about is not None:
            event = replace(message, source_id=named, references=())
        case "spam":
            event = replace(message, spam=True)
        case "sent" | "old sent":
            to = PEOPLE["maria" if n % 2 else "bob"]
            event = replace(message, sender=PEOPLE["ours"], to=(to,), in_sent=True)
        case "by agent":
            event = replace(message, sender=PEOPLE["anna"])
        case "forwarded":
            original = Original(sender=PEOPLE[thing.by], text=f"Old {n}", note="Please")
            event = replace(message, sender=PEOPLE["anna"], original=original)
        case "chat" | "said in chat":
            event = replace(
                message, chat_key=thing.by, sender=Party(thing.by, thing.by, f"u{n % 2}")
            )
            event = replace(
                event, sent_elsewhere=thing.kind == "said in chat", also=(f"<{n + 1}@x>",)
            )
        case "no id":
            event = replace(message, source_id="", text="The same words", sent_at=inbox.clock.now)
        case "edit":
            event = Edit(source_id=named, chat_key=None, text="Other words", edited_at=at)
        case "deletion":
            event = Deletion(source_ids=(named,), chat_key=None, deleted_at=at)
        case "unreadable":
            event = Unreadable(reason=Reason("unreadable"), sent_at=at, sender=PEOPLE[thing.by])
    raw = event.text.encode() if isinstance(event, Message) else f"{n}".encode()
    history, late = thing.kind in ("history", "old sent"), thing.kind == "late"
    return account, Incoming(key=f"INBOX:1:{n}", raw=raw, event=event, history=history, late=late)


async def stored(
    inbox: Inbox, steps: Sequence[Step], cuts: Sequence[int]
) -> dict[str, list[dict[str, Any]]]:
    """What the store holds after these batches, which it then forgets; ids as places."""
    edges = [0, *cuts, len(steps)]
    async with inbox.store.write() as uow:
        anna = t.agent.c.id == inbox.agent_ids["anna"]
        told = {"email": "anna@ours.example", "notify_by_mail": True}
        await uow.connection.execute(update(t.agent).where(anna).values(told))
        for start, end in pairwise(edges):
            for what, some in groupby(steps[start:end], _by):
                items = tuple(step[1] for step in some if not isinstance(step, str))
                if items:
                    batch = Batch(items=items, cursor="here")
                    await receiving.receive(uow, inbox.account_ids[what], batch)
                else:
                    await _meanwhile(uow, what)
        return await _everything(uow)


def _by(step: Step) -> str:
    return step if isinstance(step, str) else step[0]


async def _meanwhile(uow: UnitOfWork, what: str) -> None:
    if what == "all finished":
        if not uow.sqlite:
            await locks.hold_chats(uow, select(t.chat.c.id).order_by(t.chat.c.id))
        done = {"active": False, "status": "done", "closed_at": uow.now, "waiting_since": None}
        await uow.connection.execute(update(t.task).where(t.task.c.active).values(done))
        return
    bob = t.address.c.value.in_(("bob@client.example", "bob"))
    await uow.connection.execute(update(t.address).where(bob).values(blocked_at=uow.now))


async def _everything(uow: UnitOfWork) -> dict[str, list[dict[str, Any]]]:
    rows: dict[str, list[dict[str, Any]]] = {}
    for name, table in t.metadata.tables.items():
        key = list(table.primary_key.columns)
        found = await uow.connection.execute(select(table).order_by(*key))
        rows[name] = [dict(row._mapping) for row in found]
    places = {
        name: {row["id"]: place for place, row in enumerate(some, 1)}
        for name, some in rows.items()
        if some and "id" in some[0]
    }
    for name, some in rows.items():
        columns = {
            column.name: key.column.table.name
            for column in t.metadata.tables[name].columns
            for key in column.foreign_keys
            if key.column.name == "id"
        }
        # No foreign key names these.
        columns |= {"root_id": name, "last_notable_id": "comment"}
        for row in some:
            row.pop("id", None)
            for column, other in columns.items():
                if row.get(column):
                    row[column] = places[other][row[column]]
            if name == "activity" and "contact" in row["args"]:
                row["args"] = {"contact": places["contact"][row["args"]["contact"]]}
    rows.pop("revision")
    for part in rows["part"]:
        part.pop("nonce")
    rows["search_text"].sort(key=lambda row: (row["task_id"], row["comment_id"] or 0))
    return rows


@pytest.mark.timeout(3600 if LONG else 120)
@settings(
    max_examples=400 if LONG else 8,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(things())
async def test_r12_any_partition_into_batches_gives_the_same_store(
    inbox: Inbox, drawn: tuple[list[Thing], list[int]]
) -> None:
    all_things, cuts = drawn
    steps = received(inbox, all_things)
    alone = await stored(inbox, steps, range(1, len(steps)))
    for some in ([], cuts):
        found = await stored(inbox, steps, some)
        for table, rows in alone.items():
            assert found[table] == rows, table
