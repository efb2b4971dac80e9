"""An account for the tests of the e-mail channel."""

from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from functools import partial
from typing import Any

import pytest

from pfinbox.channels.mail import SPEC
from pfinbox.channels.mail.account import MailAccount
from pfinbox.channels.mail.apart.worker import Worker
from pfinbox.channels.mail.imap.sweep import Stored
from pfinbox.channels.mail.reading.mime import Place, Reader
from pfinbox.domain.contract.channel import AccountContext
from pfinbox.domain.contract.incoming import Message, Unreadable
from pfinbox.domain.contract.settings import Secret, check

KEY = b"k" * 32


def settings(**given: Any) -> dict[str, Any]:
    """Checked settings, as the inbox would hand them over."""
    given.setdefault("address", "support@example.com")
    return check(
        given,
        SPEC.settings,
        where="accounts.mail",
        source="test.toml",
        secret=lambda value, _where: Secret(str(value)),
    )


class Shared(Worker):
    """The process of ``other`` reads, and stays when this account is closed."""

    def __init__(self, other: Worker, reader: Reader) -> None:
        super().__init__(reader)
        self._other = other

    def begin(self) -> None:
        self._other.begin()

    def read(self, raw: bytes, place: Place, seconds: float | None = None) -> Message | Unreadable:
        # Each question names its reader, so that one process can answer for many.
        self._other._reader = self._reader
        return self._other.read(raw, place, seconds)

    def look(
        self, mails: Sequence[tuple[bytes, Place]], *, patient: bool = False
    ) -> list[Message | Unreadable]:
        self._other._reader, self._other._patience = self._reader, self._patience
        return self._other.look(mails)

    def close(self) -> None: ...


@pytest.fixture(scope="session")
def worker() -> Iterator[Worker]:
    """One for all accounts: to start a process takes longer than most of these tests."""
    made = Worker(Reader(mac_key=KEY, addresses=frozenset()))
    yield made
    made.close()


@pytest.fixture
async def make_account(worker: Worker) -> AsyncIterator[Callable[..., MailAccount]]:
    made: list[MailAccount] = []

    def make(*, stored_keys: Stored | None = None, **given: Any) -> MailAccount:
        context = AccountContext("mail", settings(**given), KEY, stored_keys=stored_keys)
        account = MailAccount(context, partial(Shared, worker))
        made.append(account)
        return account

    yield make
    for account in made:
        await account.close()
