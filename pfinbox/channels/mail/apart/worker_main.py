"""The process that reads mails, and forks itself for that: to start anew takes half a second.

Started by ``worker.py``. Standard input is a socket by which the sockets of its children come: a
child answers by the newest one until the next comes, the child before it is killed, and how that
one had ended is answered. Ends, with its child, when the socket closes.
"""

import os
import signal
import socket
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

from pfinbox import confining
from pfinbox.channels.mail.apart import frames
from pfinbox.channels.mail.apart.shapes import Taker, Writer
from pfinbox.channels.mail.reading.mime import Place, Reader, read_mail
from pfinbox.domain.contract.incoming import Message
from pfinbox.domain.text.words import words_of

Read = Callable[[bytes, Reader, Place], Message]
READY = b"R"
_MEMORY = 1 << 30


def receive_exactly(peer: socket.socket, size: int) -> bytes:
    """``size`` bytes, or EOFError where the other side has gone."""
    data = bytearray()
    while len(data) < size:
        chunk = peer.recv(min(size - len(data), 1 << 20))
        if not chunk:
            raise EOFError
        data += chunk
    return bytes(data)


def _answer(read: Read, raw: bytes, reader: Reader, place: Place, writer: Writer) -> Any:
    """The message with its words, or the name of what reading it raised."""
    try:
        message = read(raw, reader, place)
        return {"message": writer.value(replace(message, words=words_of(message.text)))}
    except Exception as error:  # the outermost loop: one bad mail must not end the process
        return {"error": type(error).__name__}


def serve(peer: socket.socket, read: Read) -> None:
    """Read mails; one that takes more of the processor than it may ends the process."""
    while True:
        try:
            (told, places, seconds), blobs = frames.receive(partial(receive_exactly, peer))
        except (EOFError, ConnectionError):
            return
        key, *mails = blobs
        taker, writer = Taker([key]), Writer()
        reader = taker.take(Reader, told)
        answers = []
        for raw, place in zip(mails, places, strict=True):
            signal.setitimer(signal.ITIMER_PROF, seconds)
            answers.append(_answer(read, raw, reader, taker.take(Place, place), writer))
        signal.setitimer(signal.ITIMER_PROF, 0)
        try:
            peer.sendall(frames.pack(answers, writer.blobs))
        except ConnectionError:
            return


def keep(control: socket.socket, read: Read) -> None:
    """Have one child read at a time."""
    child = 0
    control.sendall(READY)
    while True:
        try:
            message, sockets, _flags, _address = socket.recv_fds(control, 1, 1)
        except ConnectionError:
            message = b""
        ended = _end(child) if child else 0
        if not message:
            return
        child = os.fork()
        if not child:
            control.close()
            confining.no_more_processes()
            serve(socket.socket(fileno=sockets[0]), read)
            os._exit(0)
        os.close(sockets[0])
        control.sendall(bytes([ended]))


def _end(child: int) -> int:
    """Kill it; the signal that had ended it before, else this one's."""
    os.kill(child, signal.SIGKILL)
    _child, status = os.waitpid(child, 0)
    return os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0


def main(read: Read = read_mail) -> None:
    # A mail that eats memory gets a MemoryError here instead of the daemon's neighbours; what it
    # takes of the processor, the daemon says.
    confining.confine(_MEMORY, alone=False)
    # However the daemon was started: it ends what takes too long.
    signal.signal(signal.SIGPROF, signal.SIG_DFL)
    keep(socket.socket(fileno=0), read)


if __name__ == "__main__":
    main()
