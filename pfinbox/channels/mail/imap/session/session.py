"""One IMAP session around aioimaplib: what is asked of a server, and what its answers mean."""

import asyncio
import contextlib
import re
import ssl
from base64 import b64encode
from datetime import datetime
from typing import Any

from aioimaplib.aioimaplib import (
    AUTH,
    SELECTED,
    FetchCommand,
    IdleCommand,
    Response,
)

from pfinbox.channels.mail.imap.session.answers import (
    MONTHS,
    Fetched,
    folders_in,
    messages_in,
    numbers_in,
)
from pfinbox.channels.mail.imap.session.mailbox_name import encode, quoted
from pfinbox.channels.mail.imap.session.refused import ChangeRefused, FetchRefused, FolderRefused
from pfinbox.channels.mail.imap.session.runner import Runner, told
from pfinbox.channels.mail.smtp import refusals
from pfinbox.domain.contract.channel import AccountFailure, TemporaryFailure
from pfinbox.domain.contract.reason import Reason
from pfinbox.record import record

COMMAND_SECONDS = 30.0
# What costs a server nothing to answer, and shows only that it is there.
PULSE_ANSWER_SECONDS = 15.0
_BYTES_A_SECOND = 100_000
_UIDVALIDITY = re.compile(rb"\[UIDVALIDITY (\d+)\]", re.IGNORECASE)
_UIDNEXT = re.compile(rb"\[UIDNEXT (\d+)\]", re.IGNORECASE)


@record
class Folder:
    """A folder as the server described it when it was opened."""

    name: str
    uidvalidity: int
    uidnext: int | None


class Session:
    """Made by ``imap_connect``, signed in; ends with :meth:`close` or at the first error."""

    def __init__(self, protocol: Any, host: str, timeout: float) -> None:
        self._protocol = protocol
        self._host = host
        self._runner = Runner(protocol, host, timeout)
        self._capabilities: frozenset[str] = frozenset()
        # The folder that is open.
        self.opened: str | None = None

    @property
    def has_news(self) -> bool:
        """Whether the server announced new mail in the open folder since the last search."""
        return bool(self._protocol.news)

    def has(self, capability: str) -> bool:
        return capability in self._capabilities

    async def greeted(self) -> None:
        await self._runner.run(asyncio.wait_for(self._protocol.greeted, None))

    async def start_tls(self, context: ssl.SSLContext) -> None:
        protocol = self._protocol
        protocol.in_the_clear = bytearray()
        await self._runner.ok("STARTTLS")
        # Whoever stands between us and the server would speak within TLS by that (RFC 9051, 11.1).
        if protocol.after_the_answer():
            protocol.fail("data before TLS")
        loop = asyncio.get_running_loop()
        protocol.transport = await self._runner.run(
            loop.start_tls(protocol.transport, protocol, context, server_hostname=self._host)
        )

    async def read_capabilities(self) -> None:
        response = await self._runner.ok("CAPABILITY")
        words = b" ".join(bytes(line) for line in response.lines[:-1]).decode("ascii", "replace")
        self._capabilities = frozenset(words.upper().split())

    async def sign_in(self, username: str, password: str, auth: str) -> None:
        if self._protocol.state == AUTH:
            return  # PREAUTH
        if auth == "xoauth2":
            sasl = f"user={username}\1auth=Bearer {password}\1\1".encode()
            response = await self._authenticate("XOAUTH2", b64encode(sasl))
        elif username.isascii() and password.isascii() and "\r" not in password + username:
            response = await self._runner.answer("LOGIN", quoted(username), quoted(password))
        else:
            response = await self._authenticate(
                "PLAIN", b64encode(f"\0{username}\0{password}".encode())
            )
        if response.result != "OK":
            self._runner.abort()
            detail = " ".join(filter(None, (told(response), self._protocol.challenge)))
            if (failure := refusals.busy_or_broken(self._host, detail)) is not None:
                raise failure
            raise AccountFailure(refusals.sign_in(self._host, detail, auth))
        self._protocol.state = AUTH
        await self.read_capabilities()

    async def _authenticate(self, mechanism: str, sasl: bytes) -> Response:
        arguments = [mechanism]
        if self.has("SASL-IR"):
            arguments.append(sasl.decode())
        else:
            self._protocol.sasl = sasl
        return await self._runner.answer("AUTHENTICATE", *arguments)

    async def open(self, name: str, *, changing: bool = False) -> Folder:
        """Open a folder, for reading only unless ``changing``: flags stay as they are.

        Raises FolderRefused where the server says NO; the session goes on, without a folder.
        """
        verb = "SELECT" if changing else "EXAMINE"
        self.opened = None
        response = await self._runner.answer(verb, quoted(encode(name)))
        if response.result == "NO" and not self._runner.is_busy(response):
            self._protocol.state = AUTH
            raise FolderRefused(
                Reason("folder_refused", {"folder": name, "detail": told(response)})
            )
        if response.result != "OK":
            raise self._runner.broken(f"{verb}: {told(response)}")
        self._protocol.state = SELECTED
        self._protocol.news = False  # it always tells how many there are
        self.opened = name
        said = b"\n".join(bytes(line) for line in response.lines)
        validity, following = _UIDVALIDITY.search(said), _UIDNEXT.search(said)
        return Folder(
            name,
            int(validity.group(1)) if validity else 0,
            int(following.group(1)) if following else None,
        )

    async def search(self, criteria: str) -> list[int]:
        """UIDs that match, ascending; searched again while the server announces new mail."""
        for _attempt in range(3):
            self._protocol.news = False
            response = await self._runner.ok(
                "SEARCH",
                *criteria.split(" "),
                prefix="UID",
                seconds=2 * self._runner.timeout,
            )
            found = numbers_in(response.lines[:-1])
            if not self._protocol.news:
                break
        return found

    async def fetch(self, uids: list[int], what: str, expected: int = 0) -> list[Fetched]:
        """Some hundred messages; ``expected`` bytes widen the deadline of the whole answer.

        Raises FetchRefused where the server says NO; the session goes on.
        """
        protocol = self._protocol
        command = FetchCommand(
            protocol.new_tag(), _set(uids), what, prefix="UID", loop=protocol.loop
        )
        seconds = self._runner.timeout + expected / _BYTES_A_SECOND
        response = await self._runner.run(self._runner.execute(command), seconds)
        if response.result == "NO" and not refusals.is_throttled(told(response)):
            reason = Reason("server_error", {"detail": f"FETCH: {told(response)}"})
            raise FetchRefused(reason, later=self._runner.is_busy(response))
        if response.result != "OK":
            raise self._runner.broken(f"FETCH: {told(response)}")
        wanted = set(uids)
        return [mail for mail in messages_in(response.lines[:-1]) if mail.uid in wanted]

    async def add_flag(self, uids: list[int], flag: str) -> None:
        """Raises ChangeRefused where the server says NO; the session goes on."""
        await self._change("STORE", _set(uids), "+FLAGS.SILENT", f"({flag})")

    async def move(self, uids: list[int], folder: str) -> None:
        """To another folder, whole: RFC 6851, or a copy and RFC 4315. Raises ChangeRefused."""
        target = quoted(encode(folder))
        if self.has("MOVE"):
            await self._change("MOVE", _set(uids), target)
            return
        if not self.has("UIDPLUS"):  # EXPUNGE alone would take away what others marked
            detail = "neither MOVE nor UIDPLUS offered"
            raise ChangeRefused(Reason("server_error", {"host": self._host, "detail": detail}))
        await self._change("COPY", _set(uids), target)
        await self._change("STORE", _set(uids), "+FLAGS.SILENT", "(\\Deleted)")
        await self._change("EXPUNGE", _set(uids))

    async def _change(self, name: str, *arguments: str) -> None:
        response = await self._runner.answer(name, *arguments, prefix="UID")
        if response.result == "NO" and not self._runner.is_busy(response):
            detail = f"{name}: {told(response)}"
            raise ChangeRefused(Reason("server_error", {"host": self._host, "detail": detail}))
        if response.result != "OK":
            raise self._runner.broken(f"{name}: {told(response)}")

    async def folders(self) -> list[tuple[str, frozenset[str]]]:
        """Names of all folders with their flags and special uses, lower-cased."""
        response = await self._runner.ok("LIST", '""', '"*"')
        return folders_in(response.lines[:-1])

    async def append(self, folder: str, mail: bytes, when: datetime) -> None:
        self._protocol.literal_data = mail
        stamp = when.strftime('"%d-{}-%Y %H:%M:%S %z"').format(MONTHS[when.month - 1])
        await self._runner.ok(
            "APPEND",
            quoted(encode(folder)),
            "(\\Seen)",
            stamp,
            f"{{{len(mail)}}}",
            seconds=self._runner.timeout + len(mail) / _BYTES_A_SECOND,
        )

    async def noop(self) -> None:
        """A dead connection fails here."""
        seconds = min(self._runner.timeout, PULSE_ANSWER_SECONDS)
        await self._runner.ok("NOOP", seconds=seconds)

    async def idle(self, seconds: float) -> bool:
        """Wait for news at most so long; whether there were any."""
        protocol = self._protocol
        if protocol.news:
            return True
        while not protocol.idle_queue.empty():
            protocol.idle_queue.get_nowait()
        command = IdleCommand(
            protocol.new_tag(), protocol.idle_queue, prefix="", loop=protocol.loop
        )
        protocol._idle_event.clear()
        running = asyncio.ensure_future(self._runner.execute(command))
        try:
            await self._runner.run(self._runner.first(running, protocol.wait_for_idle_response()))
            if not running.done():
                waiting = self._runner.first(running, protocol.idle_queue.get())
                await self._runner.run(waiting, seconds, quiet=True)
            if not running.done():
                protocol.idle_done()
            seconds = min(self._runner.timeout, PULSE_ANSWER_SECONDS)
            response = await self._runner.run(asyncio.wait_for(running, None), seconds)
        finally:
            running.cancel()
        if response.result != "OK":
            raise self._runner.broken(f"IDLE: {told(response)}")
        return bool(protocol.news)

    async def close(self) -> None:
        """Say good-bye if the server is willing; never raises."""
        with contextlib.suppress(TemporaryFailure):
            if not self._protocol.lost.done():
                await self._runner.answer("LOGOUT", seconds=2)
        self._runner.abort()

    def abort(self) -> None:
        self._runner.abort()


def _set(uids: list[int]) -> str:
    """``1:3,7``: servers read lines of a thousand characters for certain (RFC 2683, 3.2.1.5)."""
    runs: list[list[int]] = []
    for uid in sorted(uids):
        if runs and uid == runs[-1][1] + 1:
            runs[-1][1] = uid
        else:
            runs.append([uid, uid])
    return ",".join(f"{low}:{high}" if high > low else str(low) for low, high in runs)
