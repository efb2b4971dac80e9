"""An account for the tests of the e-mail channel."""

from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from pfinbox.channels.mail import SPEC
from pfinbox.channels.mail.account import MailAccount
from pfinbox.channels.mail.sweep import Stored
from pfinbox.domain.channel import AccountContext
from pfinbox.domain.settings import Secret, check

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


@pytest.fixture
async def make_account() -> AsyncIterator[Callable[..., MailAccount]]:
    made: list[MailAccount] = []

    def make(*, stored_keys: Stored | None = None, **given: Any) -> MailAccount:
        context = AccountContext("mail", settings(**given), KEY, stored_keys=stored_keys)
        account = SPEC.open(context)
        assert isinstance(account, MailAccount)
        made.append(account)
        return account

    yield make
    for account in made:
        await account.close()
