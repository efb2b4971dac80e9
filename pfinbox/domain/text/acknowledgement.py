"""The text of an acknowledgement, as the configuration gives it: checked and filled in (R10)."""

import re

LONGEST = 4000

_PLACE = re.compile(r"\{([^{}]*)\}")


def problem(template: str) -> str | None:
    """The first placeholder that means nothing, "" for a bad length; None: it is a template."""
    if not template.strip() or len(template) > LONGEST:
        return ""
    return next((name for name in _PLACE.findall(template) if name != "task"), None)


def render(template: str, task_id: int) -> str:
    """``{task}`` becomes the task's number (``#128``)."""
    return _PLACE.sub(lambda place: f"#{task_id}" if place[1] == "task" else place[0], template)
