"""The lock file that tells whether a daemon's process is there, on this machine."""

import contextlib
import fcntl
import logging
import os
from pathlib import Path

from platformdirs import user_state_path

log = logging.getLogger(__name__)


class Locks:
    """The lock files of this machine's daemons, by the names of their instances."""

    def take(self, instance: str) -> "LockFile":
        lock = LockFile(instance)
        lock.take()
        return lock

    def locked(self, instance: str) -> bool | None:
        return locked(instance)

    def remove(self, instance: str) -> None:
        """Remove the file of a daemon that has ended."""
        with contextlib.suppress(OSError):
            lock_path(instance).unlink()


class LockFile:
    """A file that a daemon's process locks for as long as it lives, whatever ends it."""

    def __init__(self, instance: str) -> None:
        self.path = lock_path(instance)
        self._file: int | None = None

    def take(self) -> None:
        """Lock the file; without a lock (full disk, no home) other daemons wait for silence."""
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._file = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            log.warning("%s cannot be locked: %s", self.path, error.strerror)

    def drop(self, *, released: bool) -> None:
        """Free the lock; by its file a lease that could not be released is taken over at once."""
        if self._file is not None:
            if released:
                with contextlib.suppress(OSError):
                    self.path.unlink()
            os.close(self._file)
            self._file = None


def locked(instance: str) -> bool | None:
    """Whether the daemon's process is there; None: a file that is missing proves nothing."""
    try:
        file = os.open(lock_path(instance), os.O_RDWR | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return None
    finally:
        os.close(file)
    return False


def lock_path(instance: str) -> Path:
    return user_state_path("pfinbox", appauthor=False) / f"daemon-{instance}.lock"
