"""R47: rows that others move stay where they are under the agent's hand."""

import random
from dataclasses import replace
from datetime import timedelta

from pfinbox.store.rows import TaskRow
from pfinbox.tui.widgets.list_order import in_order, unsorted
from tests.builders import START, Inbox
from tests.tui.inbox.test_bulk import ids
from tests.tui.stage import on_stage, screen_text, settle, type_burst

ROW = TaskRow(
    0, "", "new", True, None, None, None, None, (), False, "", None, None, None, START, START
)


def test_no_row_moves_and_new_ones_stand_where_they_belong() -> None:
    chance = random.Random(3)
    for _n in range(300):
        some = chance.sample(range(12), chance.randrange(1, 12))
        before = chance.sample(range(12), chance.randrange(12))
        free = set(chance.sample(range(12), chance.randrange(3)))
        rows = [replace(ROW, id=one, created_at=START + timedelta(hours=one)) for one in some]
        found = [row.id for row in unsorted(before, rows, free)]
        assert sorted(found) == sorted(some)
        kept = [one for one in before if one in some and one not in free]
        assert [one for one in found if one in kept] == kept
        # Of a list in which nothing has moved all stand where they belong.
        still = [one for one in some if one in before]
        assert [row.id for row in unsorted(still, rows, free)] == some
        chain = in_order(some, some[::-1])
        assert len(chain) == 1


async def test_a_row_goes_to_its_place_when_the_agent_leaves_the_list(inbox: Inbox) -> None:
    async with on_stage(inbox) as (app, pilot):
        await type_burst(pilot, "gij")
        before = ids(app)
        jakub = next(row for row in app.main.task_list.rows if "Jakub" in str(row.contact))
        assert before[0] != jakub.id != app.main.task_list.cursor
        await inbox.says("And on Sunday?", user="77", name="Jakub Nowak")
        await inbox.says("Hello", user="99", name="Newcomer")
        app.main.reload()
        await settle(pilot)
        assert ids(app)[1:] == before
        assert "Newcomer" in screen_text(app)
        await type_burst(pilot, "\r\x1b")
        newcomer = ids(app)[0]
        assert ids(app) == [newcomer, jakub.id, *(one for one in before if one != jakub.id)]
