"""Mails that take their whole time to read keep no other mail waiting, on a real Dovecot."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

from pfinbox import config as configuration
from pfinbox.bootstrap.serve import channel_specs, prepare
from pfinbox.bootstrap.stores import open_store
from pfinbox.channels.mail.account import MailAccount
from pfinbox.channels.mail.apart.worker import Worker
from pfinbox.domain.actor import AgentActor
from pfinbox.domain.contract.channel import AccountContext
from pfinbox.services import queries
from pfinbox.services.inbox import Inbox
from pfinbox.services.people import agents
from pfinbox.store import read
from pfinbox.store.rows import QuarantineRow
from tests.end_to_end.house import House
from tests.end_to_end.test_mail import a_mail
from tests.servers.dovecot import PASSWORD, Mailbox

_POISON = 6
_LIMIT = 0.4


def a_config(folder: Path, mailbox: Mailbox) -> Path:
    path = folder / "config.toml"
    path.write_text(
        f"""
[database]
url = {json.dumps(f"sqlite:///{folder / 'inbox.db'}")}
[accounts.support]
channel = "email"
address = "{mailbox.address}"
imap = {{ host = "{mailbox.host}", port = {mailbox.port}, tls = "none", \
username = "{mailbox.username}", password = "{PASSWORD}" }}
"""
    )
    path.chmod(0o600)
    return path


@asynccontextmanager
async def a_patient_house(path: Path) -> AsyncIterator[House]:
    """As it is, but with less time for each mail and less patience: no test takes minutes."""
    config = configuration.load(path)
    store = await open_store(config, upgrade=True)
    agent = await store.run(lambda uow: agents.sign_in(uow, "anna"))
    daemon = await prepare(store, config)
    (_spec, settings) = channel_specs(config)["support"]
    reader = partial(Worker, time_limit=_LIMIT, patience=0.1, main="tests.servers.slow_reader")
    context = AccountContext("support", settings, b"k" * 32)
    daemon.open_channel = lambda _name: MailAccount(context, reader)
    stop = asyncio.Event()
    running = asyncio.create_task(daemon.run(stop))
    try:
        yield House(store, Inbox(store, AgentActor(agent.id)), config)
    finally:
        stop.set()
        await running
        await store.close()


async def quarantine(house: House) -> tuple[QuarantineRow, ...]:
    async with house.store.read() as uow:
        return await read.quarantine(uow)


async def test_r12_mails_that_take_their_whole_time_keep_no_other_waiting(
    tmp_path: Path, mailbox: Mailbox
) -> None:
    """Nor does a restart begin again with them; what only took long stands where it belongs."""
    path = a_config(tmp_path, mailbox)
    async with a_patient_house(path) as house:
        await house.accounts_are("ok")
    bad = "x" * 1000
    poison = [a_mail(mailbox, bad, subject=f"Bad {n}", X_Takes="1000") for n in range(_POISON)]
    first = {"Message_ID": "<first@client>", "X_Takes": "0.2"}
    mailbox.deliver(
        *poison,
        a_mail(mailbox, "Where is it?", subject="Long", **first),
        a_mail(mailbox, "I wrote before", subject="Re: Long", In_Reply_To="<first@client>"),
        a_mail(mailbox, "Hello", subject="Good"),
    )
    async with a_patient_house(path) as house:
        good = await house.task("Good")
        assert good.last_line == "Hello"
        # All the bad ones are held by then, and some have not had their whole time.
        held = await quarantine(house)
        assert len(held) >= _POISON
        assert any(row.asked for row in held)
        # Then each gets its whole time, and a mail that only took long comes out first.
        answer = await house.task("Re: Long")

        async def whole() -> bool:
            comments = (await house.inbox.read(queries.conversation, answer.id)).comments
            return [one.text.strip() for one in comments] == ["Where is it?", "I wrote before"]

        await house.until(whole)

        async def given_up() -> int:
            return sum(not row.asked for row in await quarantine(house))

        await house.until(given_up)
    async with a_patient_house(path) as house:
        before = {row.id: row.read_again_at for row in await quarantine(house) if not row.asked}

        async def all_given_up() -> bool:
            return all(not row.asked for row in await quarantine(house))

        await house.until(all_given_up)
        after = await quarantine(house)
        assert {row.id: row.read_again_at for row in after if row.id in before} == before
        assert len(after) == _POISON
        assert {row.reason.kind for row in after if row.reason} == {"too_slow"}
