"""R24: what did not arrive goes another way, to the same person and to nobody else."""

from typing import Any

import pytest
from sqlalchemy import select, update

from pfinbox.domain.actor import AgentActor
from pfinbox.domain.contract.reason import Reason
from pfinbox.errors import NotFound, PfinboxError, Refused, UsageError
from pfinbox.services.outbound import outbox, rerouting
from pfinbox.services.people import contacts
from pfinbox.store import read
from pfinbox.store import tables as t
from tests.builders import Inbox, client

WHY = Reason("blocked_by_client")


async def stuck(inbox: Inbox, state: str = "failed") -> None:
    """Maria, known by messenger and two addresses, has not got a comment of Anna's."""
    await inbox.says()
    anna = inbox.agent_ids["anna"]
    given = (("email", "maria@client.example"), ("email", "m@home.example"))
    await inbox.store.run(lambda uow: contacts.set_(uow, AgentActor(anna), 1, add_addresses=given))
    await inbox.mails(sender="olga@other.example", name="Olga")
    await inbox.comment(1, "The price", to=[client(1)])
    if state == "held":
        async with inbox.store.write() as uow:
            await uow.connection.execute(update(t.delivery).values(state="held"))
            await uow.commit()
    else:
        await inbox.fails(WHY, unknown=state == "unknown")


async def reroute(inbox: Inbox, **wanted: Any) -> list[int]:
    anna = inbox.agent_ids["anna"]
    return await inbox.store.run(lambda uow: rerouting.reroute(uow, AgentActor(anna), 1, **wanted))


async def deliveries(inbox: Inbox) -> list[tuple[str, str, bool]]:
    async with inbox.store.read() as uow:
        rows = await uow.connection.execute(select(t.delivery).order_by(t.delivery.c.id))
        return [(row.address, row.state, row.dismissed_at is not None) for row in rows]


@pytest.mark.parametrize(
    ("state", "end"),
    [("failed", ("failed", True)), ("held", ("withdrawn", False)), ("unknown", ("unknown", True))],
)
async def test_r24_it_goes_by_another_channel_and_the_old_one_ends(
    inbox: Inbox, state: str, end: tuple[str, bool]
) -> None:
    await stuck(inbox, state)
    if state == "unknown":
        with pytest.raises(Refused, match="may have arrived"):
            await reroute(inbox, reply_via="support")
    assert await reroute(inbox, reply_via="support", force=state == "unknown") == [2]
    assert await deliveries(inbox) == [
        ("501", *end),
        ("maria@client.example", "pending", False),
    ]
    anna = inbox.agent_ids["anna"]
    async with inbox.store.read() as uow:
        shown = await read.conversation(uow, AgentActor(anna), 1)
        part = (await uow.connection.execute(select(t.part).where(t.part.c.id == 2))).one()
        waits = await read.deliveries(uow, AgentActor(anna))
    done = next(one for one in shown.activities if one.kind == "delivery_rerouted")
    assert done.args == {"delivery": 1, "account": "support", "address": "maria@client.example"}
    assert part.content["text"] == "The price"
    # Counted as failed no longer.
    assert [one.id for one in waits] == [2]


async def test_r24_an_address_may_be_chosen_but_only_one_of_theirs(inbox: Inbox) -> None:
    await stuck(inbox)
    refusals: list[tuple[dict[str, Any], type[PfinboxError], str]] = [
        ({}, UsageError, "which way"),
        ({"address": "olga@other.example"}, Refused, "not an address of Maria"),
        ({"reply_via": "nowhere"}, NotFound, "no account nowhere"),
        ({"reply_via": "bot"}, Refused, "the way it went before"),
    ]
    for wanted, error, words in refusals:
        with pytest.raises(error, match=words):
            await reroute(inbox, **wanted)
    assert await deliveries(inbox) == [("501", "failed", False)]
    await reroute(inbox, address="m@home.example")
    assert await deliveries(inbox) == [
        ("501", "failed", True),
        ("m@home.example", "pending", False),
    ]
    anna = inbox.agent_ids["anna"]
    await inbox.store.run(lambda uow: outbox.withdraw(uow, AgentActor(anna), 1))
    with pytest.raises(Refused, match="delivery 1 is withdrawn"):
        await reroute(inbox, address="maria@client.example")
