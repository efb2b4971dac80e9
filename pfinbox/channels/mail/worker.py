"""Reading mails in a process that may be killed: the time limit holds whatever a mail does.

The process is started at the first mail and lives as long as it behaves. Calls block, from any
thread, one at a time.
"""

import logging
import os
import pickle
import socket
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime
from pathlib import Path

import pfinbox
from pfinbox.channels.mail.addresses import parties
from pfinbox.channels.mail.headers import date
from pfinbox.channels.mail.mime import Place, Reader, read_header, received_at
from pfinbox.channels.mail.worker_main import LENGTH, READY
from pfinbox.domain.envelope import Message, Unreadable
from pfinbox.domain.reason import Reason

log = logging.getLogger(__name__)

TIME_LIMIT = 10.0
_STARTING = 60.0


class Worker:
    """One process that reads the mails of one account."""

    def __init__(self, reader: Reader, time_limit: float = TIME_LIMIT) -> None:
        self._reader = reader
        self._limit = time_limit
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._peer: socket.socket | None = None

    def read(self, raw: bytes, place: Place) -> Message | Unreadable:
        """The message, or why it could not be read; never raises for what a mail does."""
        with self._lock:
            try:
                answer = self._ask(raw, place)
            except TimeoutError:
                self._stop()
                log.warning("reading a mail of %d bytes took too long", len(raw))
                return unreadable(raw, place, Reason("too_slow", {"seconds": self._limit}))
            except (EOFError, OSError, pickle.UnpicklingError):
                self._stop()
                log.warning("the reading process ended at a mail of %d bytes", len(raw))
                return unreadable(raw, place, Reason("unreadable", {"detail": "crash"}))
        if isinstance(answer, Message):
            return answer
        log.warning("a mail of %d bytes could not be read: %s", len(raw), answer)
        return unreadable(raw, place, Reason("unreadable", {"detail": answer}))

    def close(self) -> None:
        """Also ends a reading that is under way in another thread."""
        process = self._process
        if process is not None:
            process.kill()
        with self._lock:
            self._stop()

    def _ask(self, raw: bytes, place: Place) -> Message | str:
        peer = self._peer or self._start()
        until = time.monotonic() + self._limit
        request = pickle.dumps((raw, self._reader, place), pickle.HIGHEST_PROTOCOL)
        peer.settimeout(self._limit)
        peer.sendall(LENGTH.pack(len(request)) + request)
        (size,) = LENGTH.unpack(_receive(peer, LENGTH.size, until))
        answer: Message | str = pickle.loads(_receive(peer, size, until))  # noqa: S301 - our child
        return answer

    def _start(self) -> socket.socket:
        ours, theirs = socket.socketpair()
        root = str(Path(pfinbox.__file__).parent.parent)
        # Nothing of our environment: it may hold passwords, and hostile bytes are read there.
        environment = {"PYTHONPATH": root, "PATH": os.environ.get("PATH", ""), "LC_ALL": "C.UTF-8"}
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "pfinbox.channels.mail.worker_main"],
                stdin=theirs.fileno(),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env=environment,
                # Ctrl+C in a terminal is for the daemon, which closes us in order.
                start_new_session=True,
            )
        self._peer = ours
        _receive(ours, len(READY), time.monotonic() + _STARTING)
        return ours

    def _stop(self) -> None:
        if self._peer is not None:
            self._peer.close()
        if self._process is not None:
            self._process.kill()
            self._process.wait()
        self._peer = self._process = None


def _receive(peer: socket.socket, size: int, until: float) -> bytes:
    data = bytearray()
    while len(data) < size:
        left = until - time.monotonic()
        if left <= 0:
            raise TimeoutError
        peer.settimeout(left)
        chunk = peer.recv(min(size - len(data), 1 << 20))
        if not chunk:
            raise EOFError
        data += chunk
    return bytes(data)


def unreadable(raw: bytes, place: Place, reason: Reason) -> Unreadable:
    """What little the header tells about a mail that cannot be read."""
    headers = read_header(raw)
    senders = parties(headers.all("from")[:1])
    when = place.received_at or received_at(headers) or date(headers.first("date"))
    return Unreadable(
        reason=reason,
        sent_at=when or datetime.now(UTC),
        title=headers.text("subject")[:500],
        sender=senders[0] if senders else None,
    )
