"""Canned replies: kept in the store, filled in, and loud about what means nothing."""

import pytest

from pfinbox.domain.actor import AgentActor
from pfinbox.domain.text.canned import fill, person_values
from pfinbox.errors import NotFound, Refused, UsageError
from pfinbox.services.comments import canned
from tests.builders import Inbox


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
    one = await run(lambda uow: canned.save(uow, "Opening\n hours", "Mo-Fr {{client.name}}"))
    with pytest.raises(Refused, match="already"):
        await run(lambda uow: canned.save(uow, "Opening hours", "Other"))
    for name, text in (("", "x"), ("x", " "), ("x", "{{nonsense}}")):
        with pytest.raises(UsageError):
            await run(lambda uow, name=name, text=text: canned.save(uow, name, text))  # type: ignore[misc]
    await run(lambda uow: canned.save(uow, "Hours", "Mo-Sa", one))
    async with inbox.store.read() as uow:
        assert [(row.name, row.text) for row in await canned.listed(uow, AgentActor(1))] == [
            ("Hours", "Mo-Sa")
        ]
    await run(lambda uow: canned.remove(uow, one))
    with pytest.raises(NotFound):
        await run(lambda uow: canned.save(uow, "Hours", "x", one))
