"""R12: a request that the door kept is received once, whatever happens between the two."""

from dataclasses import replace

from sqlalchemy import func, select

from pfinbox.channels.webhook.channel import WebhookChannel
from pfinbox.daemon.kept_requests import KeptRequests
from pfinbox.daemon.receiver import Receiver
from pfinbox.domain.actor import SystemActor
from pfinbox.domain.contract.webhook import Request
from pfinbox.services.inbound import keeping
from pfinbox.services.inbound.keeping import Pushed
from pfinbox.store import tables as t
from tests.builders import Inbox
from tests.channels.webhook.conftest import account, post
from tests.daemon.test_sender import a_lease

DOOR = SystemActor("door")


async def keep(inbox: Inbox, key: str, request: Request, most: int = 9) -> frozenset[str]:
    pushed = [Pushed("bot", key, request)]
    return await inbox.store.run(lambda uow: keeping.keep(uow, DOOR, pushed, most=most))


async def receive(inbox: Inbox) -> None:
    account_id = inbox.account_ids["bot"]
    channel = WebhookChannel(account(KeptRequests(inbox.store, account_id)))
    lease = await a_lease(inbox, dead=True)
    receiver = Receiver(inbox.store, account_id, "bot", channel, lease, fresh=lambda: True)
    assert await receiver.run_once()
    await channel.close()


async def counts(inbox: Inbox) -> tuple[int, int]:
    async with inbox.store.read() as uow:
        found = [
            await uow.connection.scalar(select(func.count()).select_from(table))
            for table in (t.kept_request, t.comment)
        ]
    return int(found[0] or 0), int(found[1] or 0)


async def test_r12_what_was_kept_is_received_and_goes_with_its_receipt(inbox: Inbox) -> None:
    first, second = ({"chat": "c", "id": one, "text": one} for one in ("m1", "m2"))
    await keep(inbox, "k1", post(first))
    await keep(inbox, "k1", post(first))
    await keep(inbox, "k2", post([second, first]))
    assert await counts(inbox) == (2, 0)
    await receive(inbox)
    assert await counts(inbox) == (0, 2)
    # The service repeats what it was never told of.
    await keep(inbox, "k1", post(first))
    await receive(inbox)
    assert await counts(inbox) == (0, 2)


async def test_the_request_comes_back_without_what_let_it_in(inbox: Inbox) -> None:
    given = post(b"\x00\xff", rest="the-secret", head={"x-signature": "é"})
    await keep(inbox, "k", given)
    requests = KeptRequests(inbox.store, inbox.account_ids["bot"])
    (kept,) = await requests.waiting(0)
    assert kept.request == replace(given, rest="")
    assert await requests.waiting(kept.id) == []


async def test_too_much_that_waits_is_turned_away(inbox: Inbox) -> None:
    assert await keep(inbox, "k1", post({"chat": "c", "text": "1"}), most=1) == set()
    assert await keep(inbox, "k2", post({"chat": "c", "text": "2"}), most=1) == {"bot"}
    assert (await counts(inbox))[0] == 1
