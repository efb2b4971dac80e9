"""R47: whatever arrives between two keys, what a key does is done to the task that was shown.

``PFINBOX_INVARIANT=200`` plays so many rounds, ``PFINBOX_INVARIANT_SEED`` others than the suite's.
"""

import os
import random
from dataclasses import dataclass, field

from sqlalchemy import select
from textual.pilot import Pilot

from pfinbox.domain.actor import AgentActor
from pfinbox.domain.model import Who
from pfinbox.domain.tasks.change import TaskChange
from pfinbox.services.tasks import tasks
from pfinbox.store import tables as t
from pfinbox.tui.app import PfinboxApp
from pfinbox.tui.shell.command import LIST, PANES
from tests.builders import Inbox
from tests.tui.inbox.test_bulk import ids
from tests.tui.stage import ENDLESS, on_stage, post, said, settle

ROUNDS = int(os.environ.get("PFINBOX_INVARIANT", "6"))
SEED = int(os.environ.get("PFINBOX_INVARIANT_SEED", "1"))
# Keys of an action in parts, between which others act; in the list, or from inside the task.
ACTIONS = (
    ["r", "An ", "answer", "\x13"],
    ["n", "A note", "\x13"],
    # Sent and closed, sent and on to the next, sent and hidden.
    ["r", "By", "e", "\x04"],
    ["r", "And ", "on", "\x0e"],
    ["r", "Later", "\x02", "tom", "\r"],
    ["e"],
    ["b", "tom", "\r"],
    ["t", "vip", "\r"],
    ["i"],
    ["a", "cla", "\r"],
    ["s", "wait", "\r"],
    ["#"],
    ["A", "\x1b"],
    ["r", "Not s", "ent", "\x1b"],
    ["\r", "A", "\x1b"],
    ["\r", "e"],
    ["\r", "r", "More", "\x13"],
    ["\r", "t", "old", "\r"],
)
PEOPLE = (("77", "Jakub Nowak"), ("78", "Ольга П."), ("79", "Ines"))


@dataclass
class Play:
    """Agents and clients beside the agent at the screen."""

    inbox: Inbox
    app: PfinboxApp
    chance: random.Random
    told: list[str] = field(default_factory=list)

    async def others(self) -> None:
        """Something happens elsewhere, or nothing; the screen hears of it sooner or later."""
        what = self.chance.randrange(7)
        # What stands near the cursor is what a key might miss.
        at = self.app.main.task_list.index or 0
        tasks_here = ids(self.app)[max(at - 1, 0) : at + 3]
        if what == 0:
            user, name = self.chance.choice(PEOPLE)
            await self.inbox.says("And another thing", user=user, name=name)
        elif what == 1:
            user = str(self.chance.randrange(1000, 9999))
            await self.inbox.says("Hello", user=user, name=f"New {user}")
        elif what == 2 and tasks_here:
            await self._colleague(self.chance.choice(tasks_here), TaskChange(add_tags=("seen",)))
        elif what == 3 and tasks_here:
            boris = Who("agent", self.inbox.agent_ids["boris"])
            await self._colleague(self.chance.choice(tasks_here), TaskChange(assignee=boris))
        elif what >= 4 and tasks_here:
            await self._colleague(self.chance.choice(tasks_here), TaskChange(status="done"))
        self.told.append(f"+{what}")
        if self.chance.random() < 0.8:
            self.app.main.reload()

    async def _colleague(self, task_id: int, change: TaskChange) -> None:
        boris = AgentActor(self.inbox.agent_ids["boris"])
        await self.inbox.store.run(lambda uow: tasks.change(uow, boris, (task_id,), change))


async def touched(inbox: Inbox, since: tuple[int, int]) -> tuple[set[int], tuple[int, int]]:
    """The tasks on which the agent at the screen has left a trace, and how far the traces go."""
    anna, activity, comment = inbox.agent_ids["anna"], t.activity.c, t.comment.c
    async with inbox.store.read() as uow:
        lines = (
            await uow.connection.execute(
                select(activity.id, activity.task_id).where(
                    activity.agent_id == anna, activity.id > since[0]
                )
            )
        ).all()
        said_here = (
            await uow.connection.execute(
                select(comment.id, comment.task_id).where(
                    comment.agent_id == anna, comment.id > since[1]
                )
            )
        ).all()
    last = (
        max((row[0] for row in lines), default=since[0]),
        max((row[0] for row in said_here), default=since[1]),
    )
    return {row[1] for row in (*lines, *said_here)}, last


def all_done(app: PfinboxApp) -> bool:
    """Whether every key that was typed has been done."""
    return not app.keys_waiting and not app.message_queue_size


async def heard(app: PfinboxApp, pilot: Pilot[None]) -> None:
    """Until what was read is on the screen; keys may still wait."""
    if reading := [one for one in app.workers if one.name not in ENDLESS]:
        await app.workers.wait_for_complete(reading)
    await pilot._wait_for_screen()


async def one_round(play: Play, pilot: Pilot[None], since: tuple[int, int]) -> tuple[int, int]:
    """A few moves and one action in a burst, while others act; then who was touched by it."""
    inbox, app, chance = play.inbox, play.app, play.chance
    play.told.clear()
    post(pilot, "\x1b\x1b\x1b")
    await settle(pilot)
    view = chance.choice(["gt", "gi", "gu", "gm", "gd", ""])
    play.told.append(view)
    post(pilot, view)
    await settle(pilot)
    if app.main.place != LIST:
        post(pilot, "gi")
        await settle(pilot)
    _before, since = await touched(inbox, since)
    rows, at = ids(app), app.main.task_list.index
    if at is None:
        return since
    seen = rows[at]
    # A program that is slow: what others do is heard before the keys have had their turn.
    slow = chance.random() < 0.5
    if slow:
        app.hold_keys("slow", 60)
    for key in chance.choices("jkjjG", k=chance.randrange(4)):
        if chance.random() < 0.4:
            await play.others()
        if all_done(app):
            # The agent sees what is there now.
            rows, at = ids(app), app.main.task_list.index
            if at is None:
                return since
        last = len(rows) - 1
        at = last if key == "G" else max(0, min(at + (1 if key == "j" else -1), last))
        seen = rows[at]
        play.told.append(key)
        post(pilot, key)
    action = chance.choice(ACTIONS)
    for n, part in enumerate(action):
        if chance.random() < 0.4:
            await play.others()
            if n == 0 and all_done(app) and app.main.task_list.cursor is not None:
                seen = app.main.task_list.cursor
        play.told.append(part)
        post(pilot, part)
        if n == 0 and slow:
            await play.others()
            await heard(app, pilot)
            app.release_keys("slow")
    await settle(pilot)
    found, since = await touched(inbox, since)
    assert found <= {seen}, (play.told, seen, found, rows, said(app))
    if action[-1] == "\x1b":
        # What was left is left, whatever came meanwhile: keys are the panes' again.
        writing = app.main.task_pane.composer.writing
        assert (writing, app.main.place in PANES, app._holds) == (None, True, {}), play.told
    return since


async def test_an_action_belongs_to_the_task_that_was_shown(inbox: Inbox) -> None:
    chance = random.Random(SEED)
    async with on_stage(inbox, undo_send=60, notifications=True) as (app, pilot):
        play, since = Play(inbox, app, chance), (0, 0)
        _old, since = await touched(inbox, since)
        for _round in range(ROUNDS):
            since = await one_round(play, pilot, since)
