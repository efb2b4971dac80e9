"""A bell between processes on one machine: a datagram after each commit wakes every listener.

0.3 ms instead of a poll. It carries no data worth trusting: a listener that hears it looks into
the database. A lost datagram costs nothing but time, ``changes`` polls as well.
"""

import asyncio
import contextlib
import hashlib
import os
import socket
import stat
import tempfile
from collections.abc import Iterable
from pathlib import Path


class Bell:
    """The bell of one SQLite file; it hangs in ``place``, else where temporary files are."""

    def __init__(self, database: Path, place: Path | None = None) -> None:
        name = hashlib.sha256(str(database.absolute()).encode()).hexdigest()[:16]
        # Not beside the database: the path of a unix socket may have 107 bytes at most.
        place = place or Path(tempfile.gettempdir())
        self.folder = place / f"pfinbox-{os.getuid()}" / name

    def ring(self, topics: Iterable[str]) -> None:
        """Wake every listener; never waits and never fails."""
        message = ",".join(sorted(topics)).encode()
        with contextlib.suppress(OSError):
            # Before every ring: a link may lie there that leads to anybody's files.
            if not _private(self.folder):
                return
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


def _private(folder: Path) -> bool:
    """Whether the folder and the one around it are this user's own, and no links.

    They lie where everybody writes: another user may have made them first.
    """
    for one in (folder.parent, folder):
        found = one.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid():
            return False
        if stat.S_IMODE(found.st_mode) & 0o022:
            return False
    return True


class Listener:
    """One listening socket in the bell's folder; a folder of somebody else's is not used."""

    def __init__(self, folder: Path, woken: asyncio.Event) -> None:
        self._socket: socket.socket | None = None
        self._path = folder / f"{os.getpid()}-{os.urandom(4).hex()}"
        self._woken = woken
        try:
            folder.parent.mkdir(mode=0o700, exist_ok=True)
            folder.mkdir(mode=0o700, exist_ok=True)
            if not _private(folder):
                return
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
