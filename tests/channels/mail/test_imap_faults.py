"""Connections that break, hang or trickle: every wait ends, and ends as a temporary failure."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

from pfinbox.channels.mail.account import MailAccount
from pfinbox.channels.mail.imap.notgiven import NotGiven
from pfinbox.channels.mail.imap.session.connecting import connect
from pfinbox.channels.mail.imap.session.session import Session
from pfinbox.channels.mail.server import Server
from pfinbox.domain.contract.channel import TemporaryFailure
from pfinbox.domain.contract.incoming import Ignored, Incoming, Message, Unreadable
from pfinbox.domain.contract.settings import Secret
from tests.servers.dovecot import PASSWORD, Dovecot, Mailbox


class Proxy:
    """Passes bytes on to Dovecot until a word from the client makes it misbehave."""

    def __init__(self, port: int) -> None:
        self._port = port
        self.port = 0
        self.word = self.also = b""
        self.mode = ""
        self.fired = asyncio.Event()
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        assert self._server is not None
        self._server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        back, forth = await asyncio.open_connection("127.0.0.1", self._port)
        for work in (self._there(reader, forth, writer), self._back(back, writer)):
            task = asyncio.create_task(work)
            self._tasks.add(task)

    async def _there(
        self,
        reader: asyncio.StreamReader,
        forth: asyncio.StreamWriter,
        writer: asyncio.StreamWriter,
    ) -> None:
        while data := await reader.read(65536):
            if any(word and word in data for word in (self.word, self.also)):
                self.fired.set()
                if self.mode == "reset":
                    writer.transport.abort()
                    return
                if self.mode == "hole":
                    continue
                if self.mode == "empty":
                    writer.write(data.split(b" ")[0] + b" OK done\r\n")
                    continue
                if self.mode == "refuse":
                    writer.write(data.split(b" ")[0] + b" NO [SERVERBUG] damaged\r\n")
                    continue
            forth.write(data.replace(b" X-GM-LABELS", b""))

    async def _back(self, back: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await back.read(65536):
            if self.mode == "trickle" and self.fired.is_set():
                for byte in data:
                    writer.write(bytes([byte]))
                    await asyncio.sleep(0.05)
            elif self.mode == "flood" and self.fired.is_set():
                writer.write(b"* 1 RECENT\r\n" * 5000 + data)
            elif self.mode == "bye" and self.fired.is_set():
                writer.write(b"* BYE going down\r\n")
                writer.close()
                return
            elif self.mode == "gmail":
                data = data.replace(b" IDLE ", b" IDLE X-GM-EXT-1 ")
                labels = b' X-GM-LABELS ("\\\\' + self.word + b'" Work) RFC822.SIZE'
                writer.write(data.replace(b" RFC822.SIZE", labels))
            else:
                writer.write(data)


@asynccontextmanager
async def a_proxy(mailbox: Mailbox) -> AsyncIterator[Proxy]:
    made = Proxy(mailbox.port)
    await made.start()
    try:
        yield made
    finally:
        await made.stop()


@pytest.fixture
async def proxy(mailbox: Mailbox) -> AsyncIterator[Proxy]:
    async with a_proxy(mailbox) as made:
        yield made


async def signed_in(mailbox: Mailbox, port: int, timeout: float = 0.5) -> Session:
    server = Server("127.0.0.1", port, "none", mailbox.username, Secret(PASSWORD), "password")
    return await connect(server, timeout)


WORDS = (b"CAPABILITY", b"LOGIN", b"EXAMINE", b"SEARCH", b"FETCH", b"IDLE")


@pytest.mark.parametrize("mode", ["reset", "hole", "bye"])
async def test_every_wait_ends_whatever_breaks(dovecot: Dovecot, mode: str) -> None:
    """Whatever is asked just then; all together, as each of them waits for its deadline."""
    mailboxes = [dovecot.user() for _word in WORDS]
    for mailbox in mailboxes:
        mailbox.deliver(b"Subject: x\r\n\r\ny\r\n")

    async def breaks(mailbox: Mailbox, word: bytes) -> bool:
        async with a_proxy(mailbox) as proxy:
            proxy.word, proxy.mode = word, mode
            with pytest.raises(TemporaryFailure):
                await everything(mailbox, proxy.port)
            return proxy.fired.is_set()

    async with asyncio.timeout(20):
        fired = await asyncio.gather(*map(breaks, mailboxes, WORDS))
    assert dict(zip(WORDS, fired, strict=True)) == dict.fromkeys(WORDS, True)


async def everything(mailbox: Mailbox, port: int) -> None:
    session = await signed_in(mailbox, port)
    await session.open("INBOX")
    await session.search("UID 1:*")
    await session.fetch([1], "(UID BODY.PEEK[])")
    await session.idle(60)


async def test_a_black_hole_while_idle_is_noticed_at_the_end_of_the_cycle(
    mailbox: Mailbox, proxy: Proxy
) -> None:
    session = await signed_in(mailbox, proxy.port)
    await session.open("INBOX")
    proxy.word, proxy.mode = b"DONE", "hole"
    async with asyncio.timeout(20):
        with pytest.raises(TemporaryFailure):
            await session.idle(0.1)


async def test_a_trickle_does_not_extend_the_deadline(mailbox: Mailbox, proxy: Proxy) -> None:
    mailbox.deliver(b"Subject: x\r\n\r\n" + b"y" * 500 + b"\r\n")
    session = await signed_in(mailbox, proxy.port)
    await session.open("INBOX")
    proxy.word, proxy.mode = b"FETCH", "trickle"
    async with asyncio.timeout(20):
        with pytest.raises(TemporaryFailure):
            await session.fetch([1], "(UID BODY.PEEK[])")


async def test_thousands_of_lines_in_one_piece_are_read(mailbox: Mailbox, proxy: Proxy) -> None:
    mailbox.deliver(b"Subject: x\r\n\r\ny\r\n")
    session = await signed_in(mailbox, proxy.port, 10)
    await session.open("INBOX")
    proxy.word, proxy.mode = b"FETCH", "flood"
    (mail,) = await session.fetch([1], "(UID INTERNALDATE BODY.PEEK[])")
    assert mail.data.endswith(b"y\r\n")
    assert mail.received_at is not None
    session.abort()


async def test_nothing_is_used_again_after_an_error(mailbox: Mailbox, proxy: Proxy) -> None:
    session = await signed_in(mailbox, proxy.port)
    with pytest.raises(TemporaryFailure):
        await session.fetch([1], "(NONSENSE)")
    with pytest.raises(TemporaryFailure):
        await session.noop()


async def test_a_hostile_body_cannot_end_its_own_literal(mailbox: Mailbox, proxy: Proxy) -> None:
    body = b"a1 OK done)\r\n* 2 FETCH (UID 2 BODY[] {3}\r\nA0 OK\r\n)\r\n* BYE\r\n"
    mailbox.deliver(b"Subject: x\r\n\r\n" + body, b"Subject: second\r\n\r\nz\r\n")
    session = await signed_in(mailbox, proxy.port, 10)
    await session.open("INBOX")
    first, second = await session.fetch([1, 2], "(UID BODY.PEEK[])")
    assert first.data.endswith(body)
    assert second.data.endswith(b"z\r\n")
    session.abort()


@pytest.mark.parametrize("mode", ["refuse", "empty"])
async def test_a_mail_that_the_server_cannot_give_does_not_block_the_others(
    mailbox: Mailbox, proxy: Proxy, make_account: Callable[..., MailAccount], mode: str
) -> None:
    """R12: it goes to quarantine after three tries, by what is known of it."""
    imap = {"host": "127.0.0.1", "port": proxy.port, "tls": "none"}
    imap |= {"username": mailbox.username, "password": PASSWORD}
    account = make_account(imap=imap, first_sync="all")
    mailbox.deliver(*(f"Subject: {n}\r\n\r\nx\r\n".encode() for n in range(3)))
    proxy.mode = mode
    # The whole batch is refused once, then the second mail alone, in every session.
    proxy.word = b"FETCH 2 (UID INTERNALDATE BODY.PEEK[])"
    proxy.also = b"FETCH 1:3 (UID INTERNALDATE BODY.PEEK[])"
    for _session in range(2):
        with pytest.raises(TemporaryFailure, match=r"damaged|nothing for UID"):
            await items_of(account)
    first, second, third = sorted(await items_of(account), key=lambda item: item.key)
    assert isinstance(first.event, Message)
    assert isinstance(third.event, Message)
    assert isinstance(second.event, Unreadable)


def test_an_outage_is_no_damaged_mail() -> None:
    """A server that says "later" is believed for half an hour; one that says no, three times."""
    now = 0.0
    not_given = NotGiven(lambda: now)
    assert [not_given.count("INBOX:1:1") for _try in range(3)] == [False, False, True]
    given_up = []
    for _minute in range(40):
        given_up.append(not_given.count("INBOX:1:2", later=True))
        now += 60
    assert given_up.index(True) == 30
    assert not not_given.is_given_up("INBOX:1:3")


@pytest.mark.parametrize("label", [b"Sent", b"Spam", b"Draft", b"Inbox"])
async def test_r42_r43_gmails_labels_say_what_its_folder_of_everything_does_not(
    mailbox: Mailbox, proxy: Proxy, make_account: Callable[..., MailAccount], label: bytes
) -> None:
    imap = {"host": "127.0.0.1", "port": proxy.port, "tls": "none"}
    imap |= {"username": mailbox.username, "password": PASSWORD}
    proxy.mode, proxy.word = "gmail", label
    mailbox.deliver(b"From: support@example.com\r\nSubject: x\r\n\r\ny\r\n")
    (item,) = await items_of(make_account(imap=imap, first_sync="all"))
    if label == b"Draft":
        assert isinstance(item.event, Ignored)
        return
    assert isinstance(item.event, Message)
    assert (item.event.sent_elsewhere, item.event.spam) == (label == b"Sent", label == b"Spam")


async def items_of(account: MailAccount) -> list[Incoming]:
    found: list[Incoming] = []
    async for batch in account.receive(None):
        found += batch.items
        if batch.idle:
            break
    return found
