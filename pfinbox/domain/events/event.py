"""An event, and an event as the journal keeps it."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, ClassVar


@dataclass(frozen=True)
class Event:
    """Something that happened; a past participle."""

    activity: ClassVar[str]
    public: ClassVar[str]

    def __init_subclass__(cls, *, activity: str, public: str) -> None:
        cls.activity, cls.public = activity, public

    def args(self) -> dict[str, Any]:
        """The fields by name; those that were left at their default are left out."""
        values = {one.name: (getattr(self, one.name), one.default) for one in fields(self)}
        return {name: value for name, (value, default) in values.items() if value != default}


@dataclass(frozen=True, slots=True)
class Activity:
    """An event as the journal keeps it; ``agent_id``: who did it."""

    kind: str
    args: Mapping[str, Any]
    agent_id: int | None
    at: datetime

    def was(self, event: type[Event]) -> bool:
        return self.kind == event.activity
