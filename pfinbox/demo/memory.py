"""What a simulated account remembers, as the cursor keeps it: how far the story is, who owes what.

It changes only by making a new one, so that a batch which was not stored leaves no trace.
"""

import json
from collections.abc import Mapping
from dataclasses import field, replace
from datetime import datetime
from typing import Any

from pfinbox.record import record

# Of what a client read, so much is quoted in the answer.
_KEPT = 500


@record
class Heard:
    """A message of ours that a client has read and will answer."""

    at: datetime
    source_id: str
    text: str
    subject: str | None = None
    token: str | None = None


@record
class Memory:
    """``told`` lines of the account's story, the last one at ``at``; answers by client id."""

    told: int = 0
    at: datetime | None = None
    given: Mapping[str, int] = field(default_factory=dict)
    owed: Mapping[str, Heard] = field(default_factory=dict)

    @classmethod
    def load(cls, cursor: str | None) -> "Memory":
        """From a stored cursor. One that cannot be read starts again: what is known is dropped."""
        if cursor is None:
            return cls()
        try:
            data = json.loads(cursor)
            return cls(
                int(data["told"]),
                datetime.fromisoformat(data["at"]) if data["at"] else None,
                {client: int(n) for client, n in data["given"].items()},
                {client: _heard(value) for client, value in data["owed"].items()},
            )
        except (ValueError, KeyError, TypeError, AttributeError):
            return cls()

    def dump(self) -> str:
        owed = {
            client: {
                "at": heard.at.isoformat(),
                "source_id": heard.source_id,
                "text": heard.text[:_KEPT],
                "subject": heard.subject,
                "token": heard.token,
            }
            for client, heard in self.owed.items()
        }
        at = self.at.isoformat() if self.at else None
        data = {"told": self.told, "at": at, "given": dict(self.given), "owed": owed}
        return json.dumps(data, ensure_ascii=False)

    def tell(self, told: int, now: datetime) -> "Memory":
        """The lines before ``told`` are told."""
        return replace(self, told=told, at=now)

    def hear(self, news: Mapping[str, Heard]) -> "Memory":
        """These clients have read something; of two messages the later one is answered."""
        return replace(self, owed={**self.owed, **news})

    def answer(self, client: str) -> "Memory":
        """The client has given the answer that it owed."""
        given = {**self.given, client: self.given.get(client, 0) + 1}
        owed = {other: heard for other, heard in self.owed.items() if other != client}
        return replace(self, given=given, owed=owed)


def _heard(value: Mapping[str, Any]) -> Heard:
    return Heard(
        datetime.fromisoformat(value["at"]),
        str(value["source_id"]),
        str(value["text"]),
        value["subject"],
        value["token"],
    )
