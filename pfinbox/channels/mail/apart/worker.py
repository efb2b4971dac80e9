"""Reading mails in a process that may be killed: the time limit holds whatever a mail does.

The process is started when a mail is about to come and lives as long as it behaves. Calls block,
from any thread; it reads for one at a time, and what it answered is understood while it reads on.
"""

import contextlib
import logging
import os
import signal
import socket
import subprocess
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import Any

from pfinbox.channels.mail.apart import frames, launching
from pfinbox.channels.mail.apart.frames import FrameError
from pfinbox.channels.mail.apart.patience import FULL, Patience
from pfinbox.channels.mail.apart.shapes import ShapeError, Taker, Writer
from pfinbox.channels.mail.apart.turn import Turn
from pfinbox.channels.mail.apart.worker_main import READY
from pfinbox.channels.mail.reading.addresses import parties
from pfinbox.channels.mail.reading.headers import date
from pfinbox.channels.mail.reading.mime import Place, Reader, read_header, received_at
from pfinbox.domain.contract.incoming import Message, Unreadable
from pfinbox.domain.contract.reason import Reason
from pfinbox.domain.text.words import are_words

log = logging.getLogger(__name__)

# Of the processor's time, so that a busy machine makes no mail unreadable; and by the clock so
# many times that, for what does not happen: a process that waits.
TIME_LIMIT = 10.0
_BY_THE_CLOCK = 6
_STARTING = 60.0
_REPLACING = 5.0
# An answer is about as long as its mails; text that came compressed by its charset may be longer.
_LONGER = 4
_MUCH = 64 << 20


class Worker:
    """One process that reads the mails of one account.

    ``main``: the module that the process runs.
    """

    def __init__(
        self,
        reader: Reader,
        time_limit: float = TIME_LIMIT,
        patience: float = FULL,
        main: str = launching.MAIN,
    ) -> None:
        self._reader = reader
        self._limit = time_limit
        self._patience = Patience(patience)
        self._main = main
        self._turn = Turn()
        self._closed = False
        self._process: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None
        self._peer: socket.socket | None = None

    def begin(self) -> None:
        """Start the process, and wait for nothing: a mail is about to come."""
        if not self._turn.take_if_free():
            return  # somebody reads already
        try:
            if self._control is None and not self._closed:
                self._launch()
        except OSError:
            # Said where a mail cannot be read.
            self._stop()
        finally:
            self._turn.give_back()

    def look(
        self, mails: Sequence[tuple[bytes, Place]], *, patient: bool = False
    ) -> list[Message | Unreadable]:
        """What each says. Other mails wait: what takes long is to be read ``again``.

        ``patient``: these mails wait for others that come later and are not.
        """
        seconds = self._patience.next()
        if len(mails) > 1:
            try:
                return _understood(self._ask_in_turn(mails, seconds, patient=patient), mails)
            except (FrameError, ShapeError):
                with self._turn.taken():
                    self._replace()
            except (TimeoutError, EOFError, OSError):
                pass
            # One of them is at fault: each by itself tells which.
            self._patience.lost(seconds)
        return [self._look(raw, place) for raw, place in mails]

    def _look(self, raw: bytes, place: Place) -> Message | Unreadable:
        seconds = self._patience.next()
        found = self.read(raw, place, seconds)
        if isinstance(found, Unreadable) and found.again:
            self._patience.lost(seconds)
        return found

    def read(self, raw: bytes, place: Place, seconds: float | None = None) -> Message | Unreadable:
        """The message, or why it could not be read; never raises for what a mail does.

        ``seconds``: as much of the processor as it may take now, less than the time limit.
        """
        too_slow = Reason("too_slow", {"seconds": self._limit})
        with self._turn.taken():
            try:
                mails = [(raw, place)]
                answer = self._ask(mails, self._limit if seconds is None else seconds)
                return _understood(answer, mails)[0]
            except TimeoutError:
                self._stop()
                log.warning("reading a mail of %d bytes took too long", len(raw))
                return unreadable(raw, place, too_slow)
            except (EOFError, OSError, FrameError, ShapeError):
                if self._replace() == signal.SIGPROF:
                    log.warning("a mail of %d bytes takes long to read", len(raw))
                    if seconds is None:
                        return unreadable(raw, place, too_slow)
                    return replace(unreadable(raw, place, Reason("read_later")), again=True)
                log.warning("the reading process ended at a mail of %d bytes", len(raw))
                return unreadable(raw, place, Reason("unreadable", {"detail": "crash"}))

    def close(self) -> None:
        """For good; also ends a reading that is under way in another thread."""
        self._closed = True
        process = self._process
        if process is not None:
            _kill(process)
        with self._turn.taken():
            self._stop()

    def _ask_in_turn(
        self, mails: Sequence[tuple[bytes, Place]], seconds: float, *, patient: bool
    ) -> bytes:
        with self._turn.taken(patient=patient):
            try:
                return self._ask(mails, seconds)
            except (TimeoutError, EOFError, OSError, FrameError):
                self._replace()
                raise

    def _ask(self, mails: Sequence[tuple[bytes, Place]], seconds: float) -> bytes:
        """What the process says of these mails; whatever it raises may be one mail's fault."""
        if self._peer is None and not self._closed:
            self._start()
        peer = self._peer
        if peer is None:
            raise EOFError
        patience = self._limit * _BY_THE_CLOCK
        until = time.monotonic() + patience
        writer = Writer()
        told = [writer.value(self._reader), [writer.value(place) for _raw, place in mails], seconds]
        peer.settimeout(patience)
        peer.sendall(frames.pack(told, [*writer.blobs, *(raw for raw, _place in mails)]))
        most = _MUCH + _LONGER * sum(len(raw) for raw, _place in mails)
        return frames.receive_packed(partial(_receive, peer, until=until), most)

    def _launch(self) -> socket.socket:
        launched = launching.launch(self._main)
        self._process, self._control = launched.process, launched.control
        return launched.control

    def _start(self) -> None:
        control = self._launch() if self._control is None else self._control
        _receive(control, len(READY), time.monotonic() + _STARTING)
        self._fork(control)

    def _fork(self, control: socket.socket) -> int:
        """A new child answers from now on; the signal that ended the one before it."""
        ours, theirs = socket.socketpair()
        if self._peer is not None:
            self._peer.close()
        self._peer = ours
        with theirs:
            socket.send_fds(control, [b"N"], [theirs.fileno()])
        return _receive(control, 1, time.monotonic() + _REPLACING)[0]

    def _replace(self) -> int:
        """After the child ended: what ended it, 0 where the whole process is gone."""
        try:
            return self._fork(self._control) if self._control is not None else 0
        except (EOFError, OSError):
            self._stop()
            return 0

    def _stop(self) -> None:
        for end in (self._peer, self._control):
            if end is not None:
                end.close()
        if self._process is not None:
            _kill(self._process)
            self._process.wait()
        self._peer = self._control = self._process = None


def _kill(process: subprocess.Popen[bytes]) -> None:
    """With its child."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


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


def _understood(answer: bytes, mails: Sequence[tuple[bytes, Place]]) -> list[Message | Unreadable]:
    """What was answered for these mails; FrameError or ShapeError where it is no answer."""
    answers, blobs = frames.unpack(answer)
    if type(answers) is not list or len(answers) != len(mails):
        raise ShapeError("not as many answers as mails")
    return [_taken(one, blobs, *mail) for one, mail in zip(answers, mails, strict=True)]


def _taken(answer: Any, blobs: list[bytes], raw: bytes, place: Place) -> Message | Unreadable:
    """What was answered for one mail; ShapeError where it is no answer."""
    if type(answer) is dict and answer.keys() == {"message"}:
        message = Taker(blobs, raw).take(Message, answer["message"])
        believed = message.words is not None and are_words(message.words)
        return message if believed else replace(message, words=None)
    if type(answer) is not dict or answer.keys() != {"error"} or type(answer["error"]) is not str:
        raise ShapeError("no answer")
    log.warning("a mail of %d bytes could not be read: %s", len(raw), answer["error"])
    return unreadable(raw, place, Reason("unreadable", {"detail": answer["error"]}))


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
