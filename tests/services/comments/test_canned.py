"""Canned replies: kept in the store, filled in, and loud about what means nothing."""

import pytest

from pfinbox.domain.actor import AgentActor
from pfinbox.domain.text.canned import begun, fill, fits, person_values
from pfinbox.errors import NotFound, Refused, UsageError
from pfinbox.services.comments import canned
from tests.builders import Inbox

ANNA, BORIS = AgentActor(1), AgentActor(2)


def test_places_are_filled_and_empty_ones_have_their_own_word() -> None:
    values = person_values("client", "Maria Lopez")
    assert fill("Dear {{client.first_name|there}},", values) == "Dear Maria,"
    assert fill("Dear {{ client.first_name | there }},", {}) == "Dear  there ,"
    assert fill("Dear {{client.first_name|there}}", person_values("client", " ")) == "Dear there"
    # A client called {{agent.name}} stays a name.
    assert fill("{{client.name}}", {"client.name": "{{agent.name}}"}) == "{{agent.name}}"
    with pytest.raises(UsageError, match=r"fist_name\}\} means nothing; known: client\.name"):
        fill("Dear {{client.fist_name}}", values)


async def test_canned_replies_are_made_changed_and_removed(inbox: Inbox) -> None:
    run = inbox.store.run
    one = await run(lambda uow: canned.save(uow, ANNA, "Opening\n hours", "Mo-Fr {{client.name}}"))
    with pytest.raises(Refused, match="already"):
        await run(lambda uow: canned.save(uow, ANNA, "Opening hours", "Other"))
    for name, text in (("", "x"), ("x", " "), ("x", "{{nonsense}}")):
        with pytest.raises(UsageError):
            await run(lambda uow, name=name, text=text: canned.save(uow, ANNA, name, text))  # type: ignore[misc]
    await run(lambda uow: canned.save(uow, ANNA, "Hours", "Mo-Sa", one))
    async with inbox.store.read() as uow:
        assert [(row.name, row.text) for row in await canned.listed(uow, ANNA)] == [
            ("Hours", "Mo-Sa")
        ]
    await run(lambda uow: canned.remove(uow, ANNA, one))
    with pytest.raises(NotFound):
        await run(lambda uow: canned.save(uow, ANNA, "Hours", "x", one))


async def test_own_ones_are_their_agent_s_and_names_have_folders(inbox: Inbox) -> None:
    anna, boris = inbox.acting("anna"), inbox.acting("boris")
    await anna.write(canned.save, " Shipping / Late ", "Sorry", own=True)
    await boris.write(canned.save, "Shipping/Late", "For all")
    await boris.write(canned.save, "Shipping/Late", "Mine", own=True)
    names = [(row.name, row.folder, row.text) for row in await anna.read(canned.listed)]
    assert sorted(names) == [("Shipping/Late", "Shipping", text) for text in ("For all", "Sorry")]
    own = (await anna.read(canned.named, "Shipping/Late", own=True)).id
    with pytest.raises(NotFound):
        await boris.write(canned.save, "Shipping/Late", "Taken over", own)
    with pytest.raises(NotFound):
        await boris.write(canned.remove, own)


def test_a_name_is_begun_where_a_word_begins_with_a_slash() -> None:
    assert begun("Dear client, /than") == "than"
    assert begun("/śpi") == "śpi"
    for line in ("12/05", "and/or", "/usr/lo", "/ ", "/", "http://x", "see /than "):
        assert begun(line) is None, line
    assert fits("tha", "Shipping/Many thanks")
    assert fits("SHIP", "Shipping/Many thanks")
    assert not fits("ping", "Shipping/Many thanks")
