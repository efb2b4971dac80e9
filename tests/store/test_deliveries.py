"""R24: one table says what moves a delivery, and one place writes it."""

import ast
import re
from pathlib import Path

from sqlalchemy import select

import pfinbox
from pfinbox.domain.leasing import Process
from pfinbox.domain.outbound.delivery import (
    MOVES,
    PART_MOVES,
    Claim,
    PartState,
    State,
    Step,
)
from pfinbox.services.system import leases
from pfinbox.store import tables as t
from pfinbox.store.write.outbound import deliveries
from tests.builders import Inbox, client

HOUSE = Path(pfinbox.__file__).parent
WRITER = HOUSE / "store" / "write" / "outbound" / "deliveries.py"
GUARDED = ("delivery", "part")
# Who makes a delivery or a part says in which state it begins.
MAKERS = {
    "store/write/outbound/notices.py",
    "store/write/outbound/outgoing.py",
}


def _about(call: ast.Call) -> str | None:
    """ "update" or "add", where a call begins a statement about a table with a guarded state."""
    function = call.func
    named = [a.attr for a in call.args[:1] if isinstance(a, ast.Attribute) and a.attr in GUARDED]
    if isinstance(function, ast.Name) and function.id in ("update", "insert") and named:
        return function.id
    if not isinstance(function, ast.Attribute):
        return None
    if function.attr in ("add", "insert", "update") and named:
        return "update" if function.attr == "update" else "add"
    owner = function.value
    if function.attr == "update" and isinstance(owner, ast.Attribute) and owner.attr in GUARDED:
        return "update"  # t.delivery.update()
    return None


def _writes_state(tree: ast.AST) -> list[int]:
    """Lines of statements that write ``state``, or values that nobody can read off the page."""
    found = []
    for call in ast.walk(tree):
        if not (isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute)):
            continue
        if call.func.attr != "values":
            continue
        below = [one for one in ast.walk(call.func.value) if isinstance(one, ast.Call)]
        if not any(_about(one) == "update" for one in below):
            continue
        names = [word.arg for word in call.keywords]
        if "state" in names or call.args:
            found.append(call.lineno)
        for word in call.keywords:
            if word.arg is None and not _harmless(tree, word.value):
                found.append(call.lineno)
    return found


def _harmless(tree: ast.AST, value: ast.expr) -> bool:
    """``**values`` of a name that no dictionary in the file gives a "state"."""
    if not isinstance(value, ast.Name):
        return False
    keys = {
        key.value
        for one in ast.walk(tree)
        if isinstance(one, ast.Dict)
        for key in one.keys
        if isinstance(key, ast.Constant)
    }
    return "state" not in keys


def test_r24_only_one_place_writes_the_state_of_a_delivery() -> None:
    seen = 0
    for path in sorted(HOUSE.rglob("*.py")):
        where = path.relative_to(HOUSE).as_posix()
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"(?i)\bupdate (delivery|part) set\b", text), where
        if not any(f".{table}" in text for table in GUARDED):
            continue
        tree = ast.parse(text)
        calls = [one for one in ast.walk(tree) if isinstance(one, ast.Call)]
        seen += sum(_about(one) == "update" for one in calls)
        if path != WRITER:
            assert _writes_state(tree) == [], where
        adds = [one for one in calls if _about(one) in ("add", "insert")]
        assert not adds or where in MAKERS, where
    assert seen > 3  # the walk finds statements at all


def test_r24_the_table_is_whole() -> None:
    assert set(MOVES) == set(Step)
    assert set(PART_MOVES) <= set(Step)
    ends = {State.SENT, State.WITHDRAWN}
    for event, move in MOVES.items():
        # What is over is over: only a bounce says something against it.
        assert not move.sources & ends or event is Step.BOUNCED, event
        # Who has it in hand alone says what becomes of it; others only what was proven or restored.
        if State.SENDING in move.sources and not move.claimed:
            assert event is Step.RESTORED
        if State.TRANSMITTING in move.sources and not move.claimed:
            assert event in (Step.RESTORED, Step.PROVEN, Step.BOUNCED)
    from_unknown = {e for e, m in MOVES.items() if State.UNKNOWN in m.sources and m.claimed}
    assert from_unknown == {Step.TAKEN, Step.TAKEN_LATE}
    # Nothing that a program does sends an unknown one again.
    again = {e for e, m in MOVES.items() if State.UNKNOWN in m.sources and m.to is State.PENDING}
    assert again == {Step.RETRIED}


async def test_r24_no_event_moves_what_another_has_claimed(inbox: Inbox) -> None:
    """Every event, from every state: by its claimant, by one with another claim, by another."""
    await inbox.says()
    await inbox.comment(1, to=[client(1)])
    async with inbox.store.write() as uow:
        mine = await leases.start(uow, Process("here", 1))
        other = await leases.start(uow, Process("here", 2))
        for event, move in MOVES.items():
            for state in State:
                for claim, is_ours in (
                    (Claim(mine.id, 7), True),
                    (Claim(mine.id, 8), not move.claimed),
                    (Claim(other.id, 7), not move.claimed),
                ):
                    was = {"state": state.value, "lease_id": mine.id, "epoch": 7}
                    await uow.connection.execute(t.delivery.update().values(**was))
                    moved = await deliveries.move(uow, event, [1], claim)
                    row = (await uow.connection.execute(select(t.delivery))).one()
                    happens = is_ours and state in move.sources
                    assert bool(moved) == happens, (event, state, claim)
                    after = move.to if happens and move.to else state
                    assert row.state == after, (event, state, claim)
                    if not happens:
                        assert (row.lease_id, row.epoch) == (mine.id, 7)


def test_r24_a_part_that_arrived_is_sent_again_after_a_bounce_alone() -> None:
    for event, (sources, to) in PART_MOVES.items():
        assert (PartState.SENT in sources) == (event is Step.BOUNCED), event
        if to is PartState.SENT:
            assert sources == {PartState.TRANSMITTING, PartState.UNKNOWN}, event
