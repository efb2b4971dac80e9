"""The process that reads mails: standard input is a socket, answers go back by it.

Started by ``worker.py``, which kills it when it takes too long; ends when the socket closes.
"""

import pickle
import resource
import socket
import struct
import sys

from pfinbox.channels.mail.mime import Place, Reader, read_mail
from pfinbox.domain.envelope import Message

LENGTH = struct.Struct("!Q")
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


def _answer(raw: bytes, reader: Reader, place: Place) -> Message | str:
    try:
        return read_mail(raw, reader, place)
    except Exception as error:  # the outermost loop: one bad mail must not end the process
        return type(error).__name__


def serve(peer: socket.socket) -> None:
    peer.sendall(READY)
    while True:
        try:
            (size,) = LENGTH.unpack(receive_exactly(peer, LENGTH.size))
            raw, reader, place = pickle.loads(receive_exactly(peer, size))  # noqa: S301 - our parent
            answer = pickle.dumps(_answer(raw, reader, place), pickle.HIGHEST_PROTOCOL)
            peer.sendall(LENGTH.pack(len(answer)) + answer)
        except (EOFError, ConnectionError):
            return


def main() -> None:
    # A mail that eats memory gets a MemoryError here instead of the daemon's neighbours.
    if sys.platform != "darwin":
        resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    serve(socket.socket(fileno=0))


if __name__ == "__main__":
    main()
