"""The message without its final dot, brought to the other side by its own connection."""

import asyncio
import fcntl
import struct
import sys
import termios
from typing import Any

import aiosmtplib
from aiosmtplib import SMTPResponse
from aiosmtplib.protocol import SMTPProtocol

# RFC 5321 4.5.3.2.5: so long may one piece of the message take.
_PIECE_SECONDS = 180.0
_PIECE = 64 * 1024
_LOOK_SECONDS = 0.02
# SIOCOUTQNSD of <linux/sockios.h>, which Python does not name.
_NOT_SENT = 0x894B

Answer = asyncio.Task[SMTPResponse]


async def send_body(
    protocol: SMTPProtocol, transport: asyncio.WriteTransport, body: bytes, answer: Answer
) -> None:
    """Returns when all of it is on its way, or when the server answers before.

    What only waits in our own system would go out after the death of this process, and with it a
    dot behind it.
    """
    _low, high = transport.get_write_buffer_limits()
    # "Paused" as long as a byte is still ours: what the dot waits for is the whole message.
    transport.set_write_buffer_limits(high=0)
    try:
        for start in range(0, len(body), _PIECE):
            protocol.write(body[start : start + _PIECE])
            # The library's own way to wait, as StreamWriter.drain() would (it offers no other).
            if transport.get_write_buffer_size() and await _first(protocol._drain_helper(), answer):
                return
        if not _has_arrived(transport):
            await _first(_arrived(transport), answer)
    finally:
        transport.set_write_buffer_limits(high=high)


async def _first(step: Any, answer: Answer) -> bool:
    """Whether the server answered before the step was done."""
    task = asyncio.ensure_future(step)
    try:
        done, _rest = await asyncio.wait(
            {task, answer}, timeout=_PIECE_SECONDS, return_when="FIRST_COMPLETED"
        )
        if not done:
            raise aiosmtplib.SMTPTimeoutError("Timed out sending the message")
        if answer in done:
            return True
        task.result()
        return False
    finally:
        leave(task)


def _has_arrived(transport: asyncio.WriteTransport) -> bool:
    """Whether a small message went straight through the socket: the usual case, without a task."""
    if transport.get_write_buffer_size() or transport.get_extra_info("sslcontext") is not None:
        return False
    return _in_queue(transport.get_extra_info("socket")) == 0


async def _arrived(transport: asyncio.WriteTransport) -> None:
    """Until nothing of it waits in our system to be sent, where that can be asked."""
    file = transport.get_extra_info("socket")
    pause, empty = 0.0, 0
    # Twice: what TLS has wrapped may stand before the socket for a turn of the loop.
    while empty < 2 and not transport.is_closing():
        waiting = _in_queue(file)
        if waiting is None:
            return
        empty = 0 if waiting else empty + 1
        await asyncio.sleep(pause)
        pause = min(pause * 2 or 0.001, _LOOK_SECONDS)


def _in_queue(file: Any) -> int | None:
    """Bytes that have not been sent yet, None where unknown.

    What is sent and not acknowledged does not count: a server that waits for the dot acknowledges
    what came before it 40 ms late (RFC 1122, 4.2.3.2). Only Linux tells the two apart.
    """
    asked = _NOT_SENT if sys.platform == "linux" else termios.TIOCOUTQ
    try:
        answer = fcntl.ioctl(file.fileno(), asked, b"\0" * 4)
    except (AttributeError, OSError):
        return None
    return int(struct.unpack("i", answer)[0])


def leave(task: asyncio.Future[Any]) -> None:
    """Whatever comes of it is of no matter any longer."""
    task.cancel()
    if task.done() and not task.cancelled():
        task.exception()  # seen, so that nobody warns of it
