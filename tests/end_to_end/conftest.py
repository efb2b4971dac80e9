"""One house per test, on each database."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.end_to_end.house import House, a_house, write_config
from tests.servers.bot_api import BotApi
from tests.servers.dovecot import Mailbox
from tests.servers.smtp import SmtpServer


@pytest.fixture
def config_path(
    tmp_path: Path,
    store_url: str,
    mailbox: Mailbox,
    smtp_server: SmtpServer,
    bot_api: BotApi,
) -> Path:
    return write_config(tmp_path, store_url, mailbox, smtp_server, bot_api)


@pytest.fixture
async def house(config_path: Path) -> AsyncIterator[House]:
    async with a_house(config_path) as made:
        await made.accounts_are("ok")
        yield made
