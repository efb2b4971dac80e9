"""A real SMTP server on loopback that records what it takes and fails where it is told to.

Fixtures: ``smtp_server`` (one a test). ``server.fail("rcpt", "451 4.3.0 later")`` answers a verb
with an error; ``server.drop("data")`` closes the connection there instead.
"""

import asyncio
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

VERBS = ("connect", "ehlo", "mail", "rcpt", "data", "body", "dot")


@dataclass(frozen=True, slots=True)
class Taken:
    """One mail that the server answered 250 for, or took and kept silent about."""

    sender: str
    recipients: tuple[str, ...]
    content: bytes
    options: tuple[str, ...] = ()


@dataclass(slots=True)
class SmtpServer:
    host: str
    port: int = 0
    taken: list[Taken] = field(default_factory=list)
    password: str | None = None
    size_limit: int = 30_000_000
    answers: dict[str, str] = field(default_factory=dict)
    drops: set[str] = field(default_factory=set)
    refused: dict[str, str] = field(default_factory=dict)
    connections: int = 0
    signed_in: list[str] = field(default_factory=list)
    got_mail: threading.Event = field(default_factory=threading.Event)
    utf8: bool = True
    open: list[Any] = field(default_factory=list)
    loop: asyncio.AbstractEventLoop | None = None

    def fail(self, verb: str, answer: str) -> None:
        """Answer ``verb`` with ``answer`` ("451 4.3.0 later") until :meth:`heal`."""
        assert verb in VERBS
        self.answers[verb] = answer

    def drop(self, verb: str) -> None:
        """Close the connection at ``verb``.

        At "body" it has the first line of the message; at "dot" it took the mail, and says nothing.
        """
        assert verb in VERBS
        self.drops.add(verb)

    def refuse(self, recipient: str, answer: str) -> None:
        self.refused[recipient] = answer

    def hang_up(self) -> None:
        """Close all connections, as after a restart; returns when that is done."""
        done = threading.Event()

        def close() -> None:
            for transport in self.open:
                transport.abort()
            self.open.clear()
            # The sockets are closed one turn of the loop after that.
            loop.call_soon(done.set)

        assert self.loop is not None
        loop = self.loop
        self.loop.call_soon_threadsafe(close)
        done.wait(5)

    def heal(self) -> None:
        self.answers.clear()
        self.drops.clear()
        self.refused.clear()


def _cut(server: SMTP) -> None:
    """Close the connection as a crash would."""
    transport: Any = server.transport
    transport.abort()


class _Handler:
    def __init__(self, state: SmtpServer) -> None:
        self.state = state

    def _trouble(self, verb: str, server: SMTP) -> str | None:
        if verb in self.state.drops:
            _cut(server)
            return "421 gone"
        return self.state.answers.get(verb)

    async def handle_EHLO(  # noqa: N802 - aiosmtpd's names
        self, server: SMTP, session: Session, envelope: Envelope, host: str, lines: list[str]
    ) -> list[str]:
        session.host_name = host
        trouble = self._trouble("ehlo", server)
        return [trouble] if trouble else lines

    async def handle_MAIL(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if trouble := self._trouble("mail", server):
            return trouble
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if trouble := self._trouble("rcpt", server) or self.state.refused.get(address):
            return trouble
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        if (answer := self.state.answers.get("dot")) is not None:
            return answer
        content = envelope.content
        assert isinstance(content, bytes)
        self.state.taken.append(
            Taken(
                str(envelope.mail_from),
                tuple(str(one) for one in envelope.rcpt_tos),
                content,
                tuple(envelope.mail_options),
            )
        )
        self.state.got_mail.set()
        if "dot" in self.state.drops:
            _cut(server)
        return "250 2.0.0 taken"


class _Smtp(SMTP):
    state: SmtpServer

    def connection_made(self, transport: Any) -> None:
        self.state.connections += 1
        self.state.open.append(transport)
        if "body" in self.state.answers or "body" in self.state.drops:
            # What its system takes unread, a server cannot answer: a quick client would be through.
            transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        if "connect" in self.state.drops:
            transport.abort()
            return
        super().connection_made(transport)

    async def smtp_DATA(self, arg: str) -> None:  # noqa: N802
        if "data" in self.state.drops:
            _cut(self)
        elif (answer := self.state.answers.get("data")) is not None:
            await self.push(answer)
        elif "body" in self.state.drops or "body" in self.state.answers:
            reader: Any = self._reader
            await self.push("354 go on")
            await reader.readline()
            if "body" in self.state.drops:
                _cut(self)
                return
            await self.push(self.state.answers["body"])
            while await reader.readline() not in (b"", b".\r\n"):
                pass
        else:
            await super().smtp_DATA(arg)


class _Controller(Controller):
    state: SmtpServer
    starttls: ssl.SSLContext | None = None

    def _trigger_server(self) -> None:
        """The base class tries the port that was asked for, which is 0: it is known only now."""
        server: Any = self.server
        self.port = server.sockets[0].getsockname()[1]
        super()._trigger_server()  # type: ignore[no-untyped-call]

    def factory(self) -> SMTP:
        state = self.state

        def authenticate(
            server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any
        ) -> AuthResult:
            given = data.password if isinstance(data, LoginPassword) else b""
            if state.password is not None and given == state.password.encode():
                state.signed_in.append(data.login.decode())
                return AuthResult(success=True)
            return AuthResult(success=False, handled=False)

        server = _Smtp(
            self.handler,
            data_size_limit=state.size_limit,
            enable_SMTPUTF8=state.utf8,
            auth_require_tls=False,
            auth_required=False,
            authenticator=authenticate if state.password is not None else None,
            auth_exclude_mechanism=[] if state.password is not None else ["LOGIN", "PLAIN"],
            loop=self.loop,
            hostname="mail.test",
            tls_context=self.starttls,
        )
        server.state = state
        return server


@contextmanager
def run_smtp(
    *,
    password: str | None = None,
    size_limit: int = 30_000_000,
    utf8: bool = True,
    tls: ssl.SSLContext | None = None,
    starttls: ssl.SSLContext | None = None,
) -> Iterator[SmtpServer]:
    state = SmtpServer("127.0.0.1", password=password, size_limit=size_limit, utf8=utf8)
    # A loop of its own, so that the loop of the test never meets this one's callbacks.
    loop = state.loop = asyncio.new_event_loop()
    controller = _Controller(
        _Handler(state), hostname=state.host, port=0, loop=loop, ssl_context=tls
    )
    controller.state = state
    controller.starttls = starttls
    controller.start()
    state.port = controller.port
    state.connections = 0
    try:
        yield state
    finally:
        controller.stop()


@pytest.fixture
def smtp_server() -> Iterator[SmtpServer]:
    with run_smtp() as server:
        yield server
