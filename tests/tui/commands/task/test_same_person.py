"""R26: a client who names an address of another card is offered to be made one with it."""

import pytest

from pfinbox.domain.people.named_addresses import named_addresses
from pfinbox.tui.dialogs.ask import Ask
from tests.builders import Inbox
from tests.tui.commands.task.test_triage import row
from tests.tui.inbox.test_bulk import ids
from tests.tui.stage import on_stage, screen_text, type_burst


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("my mail is Buy@Initech.example.", ("buy@initech.example",)),
        ("a@b.example, a@b.example; c.d+e@f-g.example", ("a@b.example", "c.d+e@f-g.example")),
        ("no @name, no a@b, none@..example", ()),
        ("x@" + "y" * 70 + ".example", ()),
    ],
)
def test_addresses_are_found_in_what_is_written(text: str, found: tuple[str, ...]) -> None:
    assert named_addresses([text]) == found


async def test_r26_a_named_address_leads_to_one_card(inbox: Inbox) -> None:
    await inbox.says("I wrote from buy@initech.example before.", user="77", name="Jakub Nowak")
    async with on_stage(inbox) as (app, pilot):
        jakub = ids(app)[1]
        await type_burst(pilot, "=")
        assert "No other card of this client is known here." in screen_text(app)
        await type_burst(pilot, "j\r")
        words = "buy@initech.example is on the card of Peter Gibbons: = makes the cards one"
        assert words in screen_text(app)
        await type_burst(pilot, "=")
        assert isinstance(app.screen, Ask)
        await type_burst(pilot, "\r")
        assert "One card now" in screen_text(app)
        for task_id in ids(app):
            contact = (await row(inbox, task_id)).contact
            assert contact is not None
            if contact.name == "Peter Gibbons":
                raise AssertionError("his tasks are on Jakub's card now")
        assert (await row(inbox, jakub)).contact is not None
        # It is one card: nothing is offered any more.
        await type_burst(pilot, "\x1b\x1b=")
        assert "No other card of this client is known here." in screen_text(app)
