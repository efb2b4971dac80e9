"""An account whose server is away rests as a whole, and says so (R24)."""

import pytest

from pfinbox.daemon.outbound.stamp import NotHandedOver
from pfinbox.domain.contract.channel import AccountFailure, ChannelError, TemporaryFailure
from pfinbox.domain.contract.reason import Reason
from pfinbox.services.outbound import outbox
from pfinbox.store import read
from tests.builders import Inbox, client
from tests.daemon.test_sender import BROKEN, a_sender, rows, states


@pytest.mark.parametrize(
    ("error", "state"),
    [
        (TemporaryFailure(BROKEN), "retrying"),
        (AccountFailure(Reason("auth_failed", {"detail": "no"})), "failed"),
    ],
)
async def test_r24_a_server_that_is_away_is_tried_by_one_message_alone(
    inbox: Inbox, error: ChannelError, state: str
) -> None:
    """However many wait; and once one has got through, all the others go at once."""
    for number in range(3):
        await inbox.says(user=f"50{number}")
        await inbox.comment(number + 1, to=[client(number + 1)])
    sender, channel = await a_sender(inbox)

    async def line() -> tuple[str, Reason | None]:
        async with inbox.store.read() as uow:
            (row,) = (r for r in await read.accounts(uow, inbox.actor("anna")) if r.name == "bot")
        return row.state, row.detail

    before = (await line())[0]
    channel.outcomes = [("before", error)] * 9
    await sender.run_once()
    tried = sum(row.attempts for row in await rows(inbox))
    # Those that were under way at the same moment, and none after them.
    assert 1 <= tried <= 3
    assert await line() == (state, error.reason)
    inbox.clock.advance(seconds=25)
    await sender.run_once()
    assert sum(row.attempts for row in await rows(inbox)) == tried + 1
    # What this machine cannot write down says nothing of the server.
    ours = NotHandedOver(Reason("internal_error", {"detail": "no space left"}))
    sender, channel = await a_sender(inbox)
    channel.outcomes = [("before", ours)] * 9
    inbox.clock.advance(seconds=25)
    await sender.run_once()
    assert await line() == (state, error.reason)
    # A daemon that begins anew tries it by one message, too.
    sender, channel = await a_sender(inbox)
    inbox.clock.advance(seconds=25)
    await sender.run_once()
    assert await states(inbox) == ["sent"] * 3
    assert (await line())[0] == before
    # Nothing is left to try it with: what was wrong is not known to be so any more.
    await inbox.comment(1, to=[client(1)])
    channel.outcomes = [("before", error)]
    await sender.run_once()
    assert (await line())[0] == state
    last = (await rows(inbox))[-1].id
    await inbox.store.run(lambda uow: outbox.withdraw(uow, inbox.actor("anna"), last))
    await sender.run_once()
    assert (await line())[0] == before
