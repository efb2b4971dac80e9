"""Numbers of other tasks in activities and reasons: not everyone may see those tasks (R46).

Activities and reasons carry kinds and arguments; these arguments are numbers of tasks.
"""

from collections.abc import Mapping
from typing import Any

from pfinbox.domain.contract.reason import Reason

_IN_ACTIVITIES: dict[str, tuple[str, ...]] = {
    "merged": ("other",),
    "merged_into": ("survivor",),
    "unmerged": ("other",),
    "unmerged_from": ("survivor",),
    "comment_moved": ("to",),
    "comment_received": ("source",),
    "invitation_conflict": ("other", "survivor", "joining"),
    "chat_moved_conflict": ("other",),
}
_IN_REASONS: dict[str, tuple[str, ...]] = {
    "moved": ("from",),
    "subject_number": ("task",),
    "perhaps_belongs": ("task",),
    "goes_on_in": ("task",),
}


def tasks_of_activity(kind: str, args: Mapping[str, Any]) -> set[int]:
    """The tasks that an activity's arguments name."""
    return _numbers(args, _IN_ACTIVITIES.get(kind, ()))


def tasks_of_reason(reason: Reason) -> set[int]:
    """The tasks that a reason's arguments name."""
    return _numbers(reason.args, _IN_REASONS.get(reason.kind, ()))


def without_tasks(reason: Reason) -> Reason:
    """The reason without those numbers; its sentence must do without them."""
    if reason.kind == "goes_on_in":
        return Reason("with_a_colleague", {"name": "…"})
    hidden = _IN_REASONS.get(reason.kind, ())
    return Reason(reason.kind, {k: v for k, v in reason.args.items() if k not in hidden})


def _numbers(args: Mapping[str, Any], names: tuple[str, ...]) -> set[int]:
    # Some are kept as text.
    return {int(args[name]) for name in names if str(args.get(name, "")).isdigit()}
