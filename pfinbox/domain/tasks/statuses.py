"""Which of the configured statuses a task gets: by name, in their order, with which are active."""

from collections.abc import Mapping


def first(statuses: Mapping[str, bool]) -> str:
    """The status of a new task: the first active one."""
    return next(name for name, active in statuses.items() if active)


def reopened(statuses: Mapping[str, bool]) -> str:
    """The status of a task that became active again: ``open``, else the first active one."""
    return "open" if statuses.get("open") else first(statuses)


def finished(statuses: Mapping[str, bool]) -> str:
    """The status of closing by one key: the first inactive one."""
    return next((name for name, active in statuses.items() if not active), first(statuses))
