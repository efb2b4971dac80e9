"""The reading position of an account: what has been handed over, folder by folder, as JSON.

``{"v": 1, "start": "2026-11-01T09:00:00+00:00", "folders": {"INBOX": {"uidvalidity": 7,
"last": 41, "old": 12, "base": 0, "waits": 5, "again": 0, "start": ..., "floor": null}}}``
"""

import json
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta

# Between the server's clock and ours; a mail too many is better than one that is not shown.
_CLOCKS_DIFFER = timedelta(hours=1)


@dataclass(slots=True)
class Position:
    """One folder. Mails with a UID above ``last`` have not been handed over yet.

    Nor have those from ``base`` up to ``waits``: history, newest first, until nothing new waits.
    """

    uidvalidity: int
    last: int
    # The account's first contact, where history ends, and the highest UID of what was there then.
    start: str
    old: int = 0
    # Up to this UID nothing was ever wanted, or everything was matched after a re-index.
    base: int = 0
    waits: int = 0
    # After a re-index, and in a folder that appeared later than the account: up to this UID a mail
    # may be one that was handed over under another key, and only its date says how old it is.
    again: int = 0
    # Mails received before this moment were never wanted (None: all were).
    floor: str | None = None

    def is_history(self, uid: int, received_at: datetime | None) -> bool:
        """Whether the mail was there before the account's first contact."""
        if uid <= self.old:
            return True
        # UIDs say nothing of the time before this folder was known under them: only the server's
        # dates are left, and a mail that is moved keeps its own.
        return (
            uid <= self.again
            and received_at is not None
            and received_at < datetime.fromisoformat(self.start) - _CLOCKS_DIFFER
        )

    def is_unwanted(self, uid: int, received_at: datetime | None) -> bool:
        """Whether it is from before what was to be read at all."""
        return (
            uid <= self.again
            and self.floor is not None
            and received_at is not None
            and received_at < datetime.fromisoformat(self.floor) - _CLOCKS_DIFFER
        )

    def reindexed(self, uidvalidity: int, highest: int) -> "Position":
        """The position after UIDVALIDITY changed: everything is read again and matched."""
        return Position(uidvalidity, 0, self.start, base=highest, again=highest, floor=self.floor)

    @property
    def history_left(self) -> bool:
        """Whether there is history that has not been handed over."""
        return self.waits > self.base

    def is_handed_over(self, uid: int) -> bool:
        """Whether a mail that is at the server must be here as well."""
        return max(self.base, self.waits) < uid <= self.last


@dataclass(slots=True)
class Cursor:
    """``start``: the account's first contact; None before it."""

    folders: dict[str, Position] = field(default_factory=dict)
    start: str | None = None

    def dump(self) -> str:
        folders = {name: asdict(position) for name, position in self.folders.items()}
        known = {"v": 1, "start": self.start, "folders": folders}
        return json.dumps(known, ensure_ascii=False)

    @classmethod
    def load(cls, text: str | None) -> "Cursor":
        if not text:
            return cls()
        known = json.loads(text)
        folders = {name: Position(**position) for name, position in known["folders"].items()}
        earliest = min((position.start for position in folders.values()), default=None)
        return cls(folders, known.get("start") or earliest)
