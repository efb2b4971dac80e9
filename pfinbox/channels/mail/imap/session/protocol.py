"""aioimaplib's protocol with its measured faults taken out; only a session uses it.

Contained here: recursion per response line (a thousand lines in one read killed the connection
and hung the caller), exceptions in callbacks that nobody sees, a greeting of BYE, EXISTS that
arrives during another command, and the base64 dialogue of XOAUTH2.
"""

import asyncio
import binascii
import json
import logging
import re
from base64 import b64decode
from collections.abc import Callable
from typing import Any

from aioimaplib.aioimaplib import (
    AUTH,
    CRLF,
    NONAUTH,
    AioImapException,
    IMAP4ClientProtocol,
    IncompleteRead,
    literal_data_re,
)

_EXISTS = re.compile(rb"\* \d+ EXISTS")
_BYE = re.compile(rb"\* BYE\b[ ]*(.{0,300})", re.IGNORECASE)


class Protocol(IMAP4ClientProtocol):  # type: ignore[misc]  # the library has no types
    """One connection; ``lost`` ends with the reason when it is over."""

    def __init__(self) -> None:
        loop = asyncio.get_running_loop()
        super().__init__(loop, None)
        # The library logs every line it gets, whole mails and passwords included.
        logging.getLogger("aioimaplib").setLevel(logging.ERROR)
        self.greeted: asyncio.Future[bytes] = loop.create_future()
        self.lost: asyncio.Future[str] = loop.create_future()
        self.news = False
        self.sasl: bytes | None = None
        # What the server said in the middle of signing in, and when it went.
        self.challenge = ""
        self.bye = ""
        # All that came since it was to become TLS; None: nothing is to.
        self.in_the_clear: bytearray | None = None
        # The connection has ended without a word of the server's.
        self.gone = False

    def fail(self, why: str) -> None:
        """The connection is over and is never used again."""
        if not self.lost.done():
            self.lost.set_result(why)
        if self.transport is not None:
            self.transport.abort()

    def after_the_answer(self) -> bytes:
        """What came in the clear after the answer to STARTTLS: no server sends anything there."""
        rest = bytes(self.in_the_clear or b"")
        self.in_the_clear = None
        while rest.startswith((b"* ", b"+ ")):
            rest = rest.partition(b"\r\n")[2]
        return rest.partition(b"\r\n")[2]

    def connection_lost(self, exc: Exception | None) -> None:
        self.gone = not self.bye and not self.lost.done()
        detail = getattr(exc, "strerror", None) or type(exc).__name__
        self.fail(self.bye or (detail if exc else "closed by the server"))

    def data_received(self, d: bytes) -> None:
        if self.in_the_clear is not None:
            self.in_the_clear += d
        try:
            super().data_received(d)
        except (
            AioImapException,
            ArithmeticError,
            AttributeError,
            LookupError,
            TypeError,
            ValueError,
        ) as error:
            self.fail(f"unexpected answer ({type(error).__name__})")

    def _handle_responses(
        self, data: bytes, line_handler: Callable[..., Any], current_cmd: Any = None
    ) -> None:
        """The library's method as a loop: same order, no recursion, no copy per line."""
        start = 0
        while True:
            if start >= len(data):
                if self.pending_sync_command is not None:
                    self.pending_sync_command.flush()
                if current_cmd is not None and current_cmd.wait_data():
                    raise IncompleteRead(current_cmd)
                return
            if current_cmd is not None and current_cmd.wait_literal_data():
                wanted = current_cmd._expected_size - len(current_cmd._resp_literal_data)
                current_cmd.append_literal_data(data[start : start + wanted])
                start += wanted
                if current_cmd.wait_literal_data():
                    raise IncompleteRead(current_cmd)
                if start >= len(data):
                    raise IncompleteRead(current_cmd)
            end = data.find(CRLF, start)
            if end < 0:
                raise IncompleteRead(current_cmd, data[start:])
            line = data[start:end]
            start = end + len(CRLF)
            command = line_handler(line, current_cmd)
            literal = literal_data_re.match(line)
            if literal:
                if command is None:
                    command = _Nobody()
                command.begin_literal_data(int(literal.group("size")))
                current_cmd = command
            elif command is not None and command.wait_data():
                current_cmd = command
            else:
                current_cmd = None

    async def welcome(self, command: bytes) -> None:
        """The greeting; unlike the library's, it never raises where nobody looks."""
        if b"PREAUTH" in command:
            self.state = AUTH
        elif b"OK" in command:
            self.state = NONAUTH
        else:
            self.fail("greeted with BYE")
        if not self.greeted.done():
            self.greeted.set_result(command)

    def _untagged_response(self, line: bytes) -> Any:
        if _EXISTS.match(line):
            self.news = True
        elif bye := _BYE.match(line):
            self.bye = " ".join(bye.group(1).decode("utf-8", "replace").split())
        return super()._untagged_response(line)

    def _continuation(self, line: bytes) -> None:
        pending = self.pending_sync_command
        if pending is not None and pending.name == "AUTHENTICATE":
            # A refusal arrives as a challenge, which an empty line answers (RFC 7628).
            if self.sasl is None:
                self.challenge = why_refused(line[1:])
            answer, self.sasl = self.sasl or b"", None
            self.transport.write(answer + CRLF)
            return
        super()._continuation(line)


def why_refused(challenge: bytes) -> str:
    """The words in the JSON that a provider refuses an access token with (RFC 7628, 3.2.2)."""
    try:
        told = json.loads(b64decode(challenge.strip()[:4000], validate=True))
    except (binascii.Error, ValueError):
        return ""
    if not isinstance(told, dict):
        return ""
    values = (told.get(key) for key in ("status", "schemes", "scope"))
    return " ".join(str(value)[:200] for value in values if value)


class _Nobody:
    """Takes a literal that belongs to no command of ours."""

    def __init__(self) -> None:
        self._expected_size = 0
        self._resp_literal_data = bytearray()

    def begin_literal_data(self, size: int) -> None:
        self._expected_size = size
        self._resp_literal_data = bytearray()

    def append_literal_data(self, data: bytes) -> bytes:
        self._expected_size -= len(data)
        return b""

    def wait_literal_data(self) -> bool:
        return self._expected_size > 0

    def wait_data(self) -> bool:
        return self.wait_literal_data()

    def append_to_resp(self, line: bytes) -> None:
        """What follows the literal is not for us either."""
