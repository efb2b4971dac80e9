"""How far the seller's chats were looked through."""

import json

from pfinbox.record import record

# Clocks differ, and what is read twice is known by its id.
_OVERLAP = 120


@record
class Position:
    """Unix seconds: nothing before ``began`` is ours, and all until ``newest`` was looked at."""

    began: int
    newest: int

    @classmethod
    def load(cls, cursor: str | None) -> "Position | None":
        try:
            data = json.loads(cursor or "")
            return cls(int(data["began"]), int(data["newest"]))
        except (ValueError, KeyError, TypeError):
            return None

    def dump(self) -> str:
        return json.dumps({"began": self.began, "newest": self.newest})

    @property
    def since(self) -> int:
        return max(self.began, self.newest - _OVERLAP)
