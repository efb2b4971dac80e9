"""An event, and an event as the journal keeps it."""

from collections.abc import Mapping
from dataclasses import fields, replace
from datetime import datetime
from typing import Any, ClassVar, Self

from pfinbox.record import record


@record(slots=False)
class Event:
    """Something that happened; a past participle.

    ``activity`` None: the journal does not keep it, as the comment or the delivery says it.
    """

    activity: ClassVar[str | None]
    public: ClassVar[str]

    def __init_subclass__(cls, *, public: str, activity: str | None = None) -> None:
        cls.activity, cls.public = activity, public

    def args(self) -> dict[str, Any]:
        """The fields by name; those that were left at their default are left out."""
        values = {one.name: (getattr(self, one.name), one.default) for one in fields(self)}
        return {name: value for name, (value, default) in values.items() if value != default}

    def stored(self, ids: Mapping[int, int]) -> Self:
        """The event with the ids of the store in place of those that a batch gave its rows."""
        local = {
            one.name: ids[value]
            for one in fields(self)
            if isinstance(value := getattr(self, one.name), int) and value in ids
        }
        return replace(self, **local) if local else self


@record
class Activity:
    """An event as the journal keeps it; ``agent_id``: who did it."""

    kind: str
    args: Mapping[str, Any]
    agent_id: int | None
    at: datetime

    def was(self, event: type[Event]) -> bool:
        return self.kind == event.activity
