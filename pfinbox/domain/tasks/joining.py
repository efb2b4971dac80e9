"""Whether somebody who writes in a task, or comes into it, is its client or takes part in it."""

from enum import Enum, auto

from pfinbox.domain.model import Task


class Place(Enum):
    """What a contact becomes in a task."""

    CLIENT = auto()
    PARTICIPANT = auto()


def place(task: Task, contact_id: int) -> Place | None:
    """What a root card becomes in the task, so that it can be answered there; None: it is there."""
    if task.contact_id is None:
        return Place.CLIENT
    here = {task.contact_id, *(who.id for who in task.participants if who.kind == "contact")}
    return None if contact_id in here else Place.PARTICIPANT
