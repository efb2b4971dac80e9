"""What the tests of the Matrix channel share: an account of the channel in a store."""

from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from pfinbox.channels.matrix import SPEC
from pfinbox.channels.matrix.channel import MatrixChannel
from pfinbox.domain.contract.channel import AccountContext, Channel
from tests.builders import Clock, Inbox
from tests.channels.conformance.other_side import MAC_KEY, Configured
from tests.channels.conformance.running import Account, setup_of
from tests.servers.matrix import Person


class Ours(Configured):
    """The account of one user; whoever talks to it does so as a ``Person``."""

    spec = SPEC

    def __init__(self, us: Person, folder: Path | None, **given: Any) -> None:
        self.given = {"homeserver": us.base, "user": us.user, "max_file": 1, **given}
        self.folder = folder

    def open(self, **context: Any) -> Channel:
        known = AccountContext("it", self.settings(), MAC_KEY, **context, folder=self.folder)
        return MatrixChannel(known, wait=0, at_once=3)


Make = Callable[..., Any]


@pytest.fixture
async def account_of(store_url: str, tmp_path: Path) -> AsyncIterator[Make]:
    """Makes the account of a user, as the daemon runs it."""
    made: list[Account] = []

    async def make(us: Person, **given: Any) -> Account:
        ours = Ours(us, tmp_path / "account", **given)
        inbox = await Inbox.make(store_url, setup_of(ours), clock=Clock(datetime.now(UTC)))
        made.append(Account(inbox, ours))
        return made[-1]

    yield make
    for account in made:
        await account.inbox.store.close()
