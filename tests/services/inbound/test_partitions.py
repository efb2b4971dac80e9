"""However what was received is cut into batches, the same inbox stands there in the end (R12)."""

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from pfinbox.domain.contract.envelope import (
    Batch,
    Deletion,
    Edit,
    Event,
    Incoming,
    Message,
    Party,
    Unreadable,
)
from pfinbox.domain.contract.reason import Reason
from pfinbox.services.inbound import receiving
from pfinbox.store import tables as t
from pfinbox.store.uow import UnitOfWork
from tests.builders import Inbox, a_file

LONG = os.environ.get("PFINBOX_HYPOTHESIS") == "long"
PEOPLE = {
    "maria": Party("maria@client.example", "Maria"),
    "bob": Party("bob@client.example", "Bob"),
    "nobody": Party("", "Nobody"),
    "ours": Party("support@ours.example", "Support"),
}
KINDS = ("mail", "mail", "mail", "again", "same id", "history", "late", "spam", "sent", "edit")
RARE = ("deletion", "unreadable", "no id")


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


def received(inbox: Inbox, all_things: Sequence[Thing]) -> list[Incoming]:
    return [_one(inbox, n, thing) for n, thing in enumerate(all_things)]


def _one(inbox: Inbox, n: int, thing: Thing) -> Incoming:
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
    event: Event = message
    match thing.kind:
        case "again":
            again = 0 if thing.about is None else thing.about
            event = replace(message, source_id=f"<{again}@x>", text=f"Words {again}")
        case "same id" if thing.about is not None:
            event = replace(message, source_id=named, references=())
        case "spam":
            event = replace(message, spam=True)
        case "sent":
            event = replace(message, sender=PEOPLE["ours"], to=(PEOPLE["maria"],), in_sent=True)
        case "no id":
            event = replace(message, source_id="", text="The same words", sent_at=inbox.clock.now)
        case "edit":
            event = Edit(source_id=named, chat_key=None, text="Other words", edited_at=at)
        case "deletion":
            event = Deletion(source_ids=(named,), chat_key=None, deleted_at=at)
        case "unreadable":
            event = Unreadable(reason=Reason("unreadable"), sent_at=at, sender=PEOPLE[thing.by])
    raw = event.text.encode() if isinstance(event, Message) else f"{n}".encode()
    history, late = thing.kind == "history", thing.kind == "late"
    return Incoming(key=f"INBOX:1:{n}", raw=raw, event=event, history=history, late=late)


async def stored(
    inbox: Inbox, items: Sequence[Incoming], cuts: Sequence[int]
) -> dict[str, list[dict[str, Any]]]:
    """What the store holds after these batches, which it then forgets; ids as places."""
    edges = [0, *cuts, len(items)]
    async with inbox.store.write() as uow:
        for start, end in pairwise(edges):
            batch = Batch(items=tuple(items[start:end]), cursor="here")
            await receiving.receive(uow, inbox.account_ids["support"], batch)
        return await _everything(uow)


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
    items = received(inbox, all_things)
    alone = await stored(inbox, items, range(1, len(items)))
    for some in ([], cuts):
        found = await stored(inbox, items, some)
        for table, rows in alone.items():
            assert found[table] == rows, table
