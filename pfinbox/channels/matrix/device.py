"""The device that an account is at its homeserver, kept over restarts.

Each sign-in with a password would make a new device: clients are shown it, and its keys are new.
"""

import json
import os
from pathlib import Path

from pfinbox.record import record


@record
class Device:
    """``token`` is as good as the password; ``refresh`` gives another one where it runs out.

    ``begun``: a hash of the configured secret that it all came of.
    """

    user: str
    id: str
    token: str
    refresh: str = ""
    begun: str = ""


class Keeper:
    """Keeps the device in a file for this user alone; in no file where there is no folder.

    ``keys``: the file without which it is not the same device any more, where it has one.
    """

    def __init__(self, folder: Path | None, keys: str | None) -> None:
        self._path = folder / "device.json" if folder is not None else None
        self._keys = folder / keys if folder is not None and keys is not None else None

    @property
    def keeps(self) -> bool:
        return self._path is not None

    def load(self, user: str) -> Device | None:
        """The device of this user; None where there is none."""
        if self._keys is not None and not self._keys.exists():
            return None
        device = self._kept()
        return device if device is not None and device.user == user else None

    def renewed(self, begun: str) -> Device | None:
        """What became of the token that the configuration gives; None where that is as it was."""
        device = self._kept() if begun else None
        return device if device is not None and device.begun == begun else None

    def _kept(self) -> Device | None:
        if self._path is None:
            return None
        try:
            kept = json.loads(self._path.read_text("utf-8"))
            named = [str(kept[name]) for name in ("user", "device", "token", "refresh", "begun")]
        except (OSError, ValueError, KeyError, TypeError):
            return None
        return Device(*named)

    def keep(self, device: Device) -> None:
        if self._path is None:
            return
        self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        kept = {"user": device.user, "device": device.id, "token": device.token}
        kept |= {"refresh": device.refresh, "begun": device.begun}
        beside = self._path.with_suffix(".new")
        file = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(file, "w", encoding="utf-8") as opened:
            json.dump(kept, opened)
            opened.flush()
            os.fsync(opened.fileno())
        beside.replace(self._path)
