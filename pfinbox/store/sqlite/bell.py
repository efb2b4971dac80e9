"""A bell between processes on one machine: a datagram after each commit wakes every listener.

0.3 ms instead of a poll. It carries no data worth trusting: a listener that hears it looks into
the database. A lost datagram costs nothing but time, ``changes`` polls as well.
"""

import asyncio
import contextlib
import hashlib
import os
import socket
import tempfile
from collections.abc import Iterable
from pathlib import Path


class Bell:
    """The bell of one SQLite file."""

    def __init__(self, database: Path) -> None:
        name = hashlib.sha256(str(database.absolute()).encode()).hexdigest()[:16]
        # Not beside the database: the path of a unix socket may have 107 bytes at most.
        self.folder = Path(tempfile.gettempdir()) / f"pfinbox-{os.getuid()}" / name

    def ring(self, topics: Iterable[str]) -> None:
        """Wake every listener; never waits and never fails."""
        message = ",".join(sorted(topics)).encode()
        with contextlib.suppress(OSError):
            for path in self.folder.iterdir():
                with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
                    sender.setblocking(False)
                    try:
                        sender.sendto(message, str(path))
                    except ConnectionRefusedError:
                        path.unlink(missing_ok=True)  # its process is gone
                    except OSError:
                        continue  # a full queue: that listener has been woken already

    def listen(self, woken: asyncio.Event) -> "Listener":
        """Set ``woken`` at each ring until the listener is closed."""
        return Listener(self.folder, woken)


class Listener:
    """One listening socket in the bell's folder; a folder of somebody else's is not used."""

    def __init__(self, folder: Path, woken: asyncio.Event) -> None:
        self._socket: socket.socket | None = None
        self._path = folder / f"{os.getpid()}-{os.urandom(4).hex()}"
        self._woken = woken
        try:
            folder.parent.mkdir(mode=0o700, exist_ok=True)
            if folder.parent.stat().st_uid != os.getuid():
                return
            folder.mkdir(mode=0o700, exist_ok=True)
            self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
            self._socket.setblocking(False)
            self._socket.bind(str(self._path))
            asyncio.get_running_loop().add_reader(self._socket, self._heard)
        except OSError:
            self.close()

    def _heard(self) -> None:
        with contextlib.suppress(OSError):
            while self._socket is not None and self._socket.recv(256):
                pass
        self._woken.set()

    def close(self) -> None:
        if self._socket is not None:
            with contextlib.suppress(RuntimeError):
                asyncio.get_running_loop().remove_reader(self._socket)
            self._socket.close()
            self._socket = None
        self._path.unlink(missing_ok=True)
