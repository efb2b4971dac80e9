"""The stamp outside the database: a database that is older than it was restored from a backup."""

import asyncio
import fcntl
import json
import os

from platformdirs import user_state_path

from pfinbox.domain.contract.channel import TemporaryFailure
from pfinbox.domain.contract.reason import Reason
from pfinbox.domain.outbound.restoring import Stamp
from pfinbox.errors import StoreError
from pfinbox.i18n import _
from pfinbox.services.outbound import restore_guard
from pfinbox.store.uow import Store

# A fixed size within one sector: writing it anew is all or nothing and costs one flush.
_SIZE = 256
_flush = getattr(os, "fdatasync", os.fsync)  # macOS has no fdatasync


class NotHandedOver(TemporaryFailure):
    """A hand-over that this machine could not write down; it says nothing of the account."""


class StampFile:
    """The stamp's file: beside the SQLite file; for PostgreSQL in this user's state folder."""

    def __init__(self, store: Store, store_id: str) -> None:
        self._store_id = store_id
        if store.path is not None:
            self.path = store.path.with_name(store.path.name + ".stamp")
        else:
            self.path = user_state_path("pfinbox", appauthor=False) / f"{store_id}.stamp"

    def read(self) -> Stamp | None:
        """The stamp as it was written; None when there is none that can be read."""
        try:
            return _parsed(self.path.read_bytes())
        except FileNotFoundError:
            return None

    def write(self, handed_over: int) -> None:
        """Raise the stamp, durably; several daemons share the file, and it never goes back."""
        self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        file = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(file, fcntl.LOCK_EX)
            known = _parsed(os.pread(file, _SIZE, 0))
            if (
                known is not None
                and known.store_id == self._store_id
                and known.handed_over >= handed_over
            ):
                return
            text = json.dumps({"store": self._store_id, "handed_over": handed_over})
            os.pwrite(file, text.ljust(_SIZE - 1).encode() + b"\n", 0)
            _flush(file)
            if known is None:
                self._keep_name()
        finally:
            os.close(file)

    def _keep_name(self) -> None:
        """A new file survives a crash only when its folder is flushed, too."""
        folder = os.open(self.path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def _parsed(raw: bytes) -> Stamp | None:
    try:
        value = json.loads(raw)
        return Stamp(str(value["store"]), int(value["handed_over"]))
    except (ValueError, KeyError, TypeError):
        return None


class Stamps:
    """The stamp as a daemon uses it; its file is looked up when it is first needed."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._file: StampFile | None = None

    async def read(self) -> Stamp | None:
        """Read the stamp, before the transaction that compares the database with it."""
        file = await self._known()
        try:
            return await asyncio.to_thread(file.read)
        except OSError as error:
            raise StoreError(_unusable(file, error)) from error

    async def write(self, number: int) -> None:
        """Write the stamp before the hand-over that it counts."""
        file = await self._known()
        try:
            await asyncio.to_thread(file.write, number)
        except OSError as error:
            reason = Reason("internal_error", {"detail": _unusable(file, error)})
            raise NotHandedOver(reason) from error

    async def _known(self) -> StampFile:
        if self._file is None:
            async with self._store.read() as uow:
                self._file = StampFile(self._store, await restore_guard.store_id(uow))
        return self._file


def _unusable(file: StampFile, error: OSError) -> str:
    return _("{path} cannot be used: {detail}").format(path=file.path, detail=error.strerror)
