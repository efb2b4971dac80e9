"""Anything in any order: hypothesis drives an inbox beside its model (R4-R8, R13, R15, R32, R33).

``PFINBOX_HYPOTHESIS=long`` runs many more examples than the normal suite.
"""

import asyncio
import os
import random
import shutil
import tempfile
from collections.abc import Coroutine
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from sqlalchemy import event

from pfinbox.store.uow import Store
from tests.builders import Clock, Inbox
from tests.services.inbox_merges import MergingWorld

LONG = os.environ.get("PFINBOX_HYPOTHESIS") == "long"
N = st.integers(min_value=0, max_value=11)

# Everything that may happen, with the number of choices it takes; twice means twice as often.
ACTIONS = (
    ("writes", 1),
    ("writes", 1),
    ("mails_anew", 1),
    ("answers", 2),
    ("comments", 3),
    ("comments", 3),
    ("closes", 1),
    ("reopens", 1),
    ("deletes", 1),
    ("restores", 1),
    ("assigns", 2),
    ("reads", 2),
    ("days_pass", 0),
    ("merges", 2),
    ("merges", 2),
    ("unmerges", 1),
    ("merges_and_takes_back", 2),
    ("moves", 2),
    ("merges_cards", 3),
    ("unmerges_card", 1),
)


@cache
def template() -> tuple[Path, dict[str, int], dict[str, int]]:
    """An inbox with its accounts and agents, to be copied: making one takes long."""
    path = Path(tempfile.mkdtemp(prefix="pfinbox-machine-")) / "template.sqlite"

    async def make() -> tuple[dict[str, int], dict[str, int]]:
        inbox = await Inbox.make(f"sqlite+aiosqlite:///{path}")
        await inbox.store.close()
        return inbox.account_ids, inbox.agent_ids

    return (path, *asyncio.run(make()))


class InboxMachine(RuleBasedStateMachine):
    """One example: an inbox in a file of its own, with an event loop of its own."""

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.folder = Path(tempfile.mkdtemp(prefix="pfinbox-example-"))

    def run(self, coroutine: Coroutine[Any, Any, None]) -> None:
        self.loop.run_until_complete(coroutine)

    @initialize()
    def start(self) -> None:
        path, accounts, agents = template()
        file = self.folder / "inbox.sqlite"
        shutil.copy(path, file)
        store = Store(f"sqlite+aiosqlite:///{file}", Clock())
        event.listen(store.writer.sync_engine, "connect", _hasty)
        inbox = Inbox(store, store.clock)  # type: ignore[arg-type]
        inbox.account_ids, inbox.agent_ids = accounts, agents
        self.world = MergingWorld(inbox)

    @rule(action=st.sampled_from(ACTIONS), a=N, b=N, c=N)
    def happens(self, action: tuple[str, int], a: int, b: int, c: int) -> None:
        name, choices = action
        self.run(getattr(self.world, name)(*(a, b, c)[:choices]))

    @invariant()
    def holds(self) -> None:
        if hasattr(self, "world"):
            self.run(self.world.check())

    def teardown(self) -> None:
        if hasattr(self, "world"):
            self.run(self.world.inbox.store.close())
        self.loop.close()
        shutil.rmtree(self.folder, ignore_errors=True)


def _hasty(connection: Any, _record: Any) -> None:
    """Nothing here has to survive a power cut."""
    connection.execute("PRAGMA synchronous = OFF")


# Making a failure small takes longer than finding it.
TestInboxMachine = pytest.mark.timeout(7200 if LONG else 600)(InboxMachine.TestCase)
TestInboxMachine.settings = settings(
    max_examples=300 if LONG else 5,
    stateful_step_count=60 if LONG else 40,
    suppress_health_check=list(HealthCheck),
)


async def test_r4_r33_the_same_rules_on_both_databases(inbox: Inbox) -> None:
    """One long deterministic walk through everything that may happen."""
    choices = random.Random(41)
    world = MergingWorld(inbox)
    for _step in range(60):
        name, count = choices.choice(ACTIONS)
        await getattr(world, name)(*(choices.randrange(12) for _n in range(count)))
        await world.check()
    assert len(world.model.comments) > 10
