"""Which of its chats' messages a task takes when an agent opens it: one open task a chat (R4)."""

from collections.abc import Mapping
from dataclasses import dataclass

from pfinbox.domain.model import Task


@dataclass(frozen=True, slots=True)
class Taking:
    """The chats whose messages the task takes, and the open task that keeps one of them."""

    chat_ids: tuple[int, ...]
    rival_id: int | None = None


def taking(task: Task, open_tasks: Mapping[int, int]) -> Taking:
    """What becomes of the chats of ``task``, which is about to be open.

    ``open_tasks``: the open root that takes a chat's messages now, by chat. A chat that the task
    only answered by once stays with that other task.
    """
    chat_ids = []
    rivals = []
    for chat in task.chats:
        other = open_tasks.get(chat.id)
        if other is None or other == task.id:
            chat_ids.append(chat.id)
        elif not chat.aside:
            rivals.append(other)
    return Taking(tuple(chat_ids), next(iter(rivals), None))


def rival(task: Task) -> int | None:
    """Another open task that has one of the task's chats: the two cannot both be open."""
    now = {chat.id: chat.open_task_id for chat in task.chats if chat.open_task_id is not None}
    return taking(task, now).rival_id
