"""The reading position of an account: what has been handed over, folder by folder, as JSON.

``{"v": 1, "folders": {"INBOX": {"uidvalidity": 7, "last": 41, "old": 12, "base": 0,
"waits": 5, "again": 0, "start": "2026-11-01T09:00:00+00:00", "floor": null}}}``
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
    # First contact with this folder, and the highest UID that it had then.
    start: str
    old: int = 0
    # Up to this UID nothing was ever wanted, or everything was matched after a re-index.
    base: int = 0
    waits: int = 0
    # After a re-index: up to this UID a mail may be one that was handed over under another key.
    again: int = 0
    # After a re-index, mails received before this moment were never wanted (None: all were).
    floor: str | None = None

    def is_history(self, uid: int, received_at: datetime | None) -> bool:
        """Whether the mail was there before the account's first contact."""
        if uid <= self.old:
            return True
        # UIDs say nothing across a re-index: only the server's dates are left.
        return (
            uid <= self.again
            and received_at is not None
            and received_at < datetime.fromisoformat(self.start) - _CLOCKS_DIFFER
        )

    def is_unwanted(self, uid: int, received_at: datetime | None) -> bool:
        """Whether a re-index brought up a mail from before what was to be read at all."""
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
    folders: dict[str, Position] = field(default_factory=dict)

    def dump(self) -> str:
        folders = {name: asdict(position) for name, position in self.folders.items()}
        return json.dumps({"v": 1, "folders": folders}, ensure_ascii=False)

    @classmethod
    def load(cls, text: str | None) -> "Cursor":
        if not text:
            return cls()
        folders = json.loads(text)["folders"]
        return cls({name: Position(**position) for name, position in folders.items()})
