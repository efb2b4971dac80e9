"""What is not here and cannot be had any more: messages that a service lost, or did not keep."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Self

from pfinbox.domain.contract.reason import Reason
from pfinbox.record import record


@record(kw_only=True)
class Gap:
    """Between two moments there may be messages that the other side does not give us.

    ``since`` None: nobody knows from when on. ``chat_key``: of this chat alone.
    """

    reason: Reason
    since: datetime | None
    until: datetime
    chat_key: str | None = None

    def joined(self, earlier: "Gap | None") -> "Gap":
        """The two as one, as long as nobody has taken note of the earlier one."""
        if earlier is None:
            return self
        begins = [one.since for one in (earlier, self) if one.since is not None]
        return Gap(
            reason=self.reason,
            since=min(begins, default=None),
            until=max(earlier.until, self.until),
        )

    def as_json(self) -> dict[str, Any]:
        """As it is stored, and as scripts see it."""
        return {
            "reason": self.reason.as_json(),
            "since": _text(self.since),
            "until": _text(self.until),
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        since = stored["since"]
        return cls(
            reason=Reason.from_json(stored["reason"]),
            since=datetime.fromisoformat(since) if since else None,
            until=datetime.fromisoformat(stored["until"]),
        )


def _text(at: datetime | None) -> str | None:
    """ISO 8601 in UTC, to the second."""
    if at is None:
        return None
    return at.astimezone(UTC).replace(tzinfo=None, microsecond=0).isoformat() + "Z"
