"""Which of its chats' messages a task takes when an agent opens it: one open task a chat (R4)."""

from collections.abc import Mapping

from pfinbox.domain.model import Task
from pfinbox.record import record


@record
class Taking:
    """The chats whose messages the task takes, and the open task that keeps one of them."""

    chat_ids: tuple[int, ...]
    rival_id: int | None = None


def taking(root_id: int, chats: Mapping[int, bool], open_tasks: Mapping[int, int]) -> Taking:
    """What becomes of the chats of a root task that is about to be open.

    ``chats``: the task's chats, with whether it only answered by them once (``aside``); such a
    chat stays with another open task. ``open_tasks``: the open root that takes a chat's messages
    now, by chat.
    """
    chat_ids = []
    rivals = []
    for chat_id, aside in chats.items():
        other = open_tasks.get(chat_id)
        if other is None or other == root_id:
            chat_ids.append(chat_id)
        elif not aside:
            rivals.append(other)
    return Taking(tuple(chat_ids), next(iter(rivals), None))


def aside_chats(task: Task) -> dict[int, bool]:
    """The task's chats, with whether it only answered by them once."""
    return {chat.id: chat.aside for chat in task.chats}


def rival(task: Task) -> int | None:
    """Another open task that has one of the task's chats: the two cannot both be open."""
    now = {chat.id: chat.open_task_id for chat in task.chats if chat.open_task_id is not None}
    return taking(task.id, aside_chats(task), now).rival_id
