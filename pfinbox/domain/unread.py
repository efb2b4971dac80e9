"""What is unread (R35, R41): new for every agent of the account, or by a notice for one of them.

The same as SQL: ``store.read.lists.unread``; a property test keeps the two together.
"""

from collections.abc import Collection

from pfinbox.record import record


@record
class Reading:
    """One task and one agent; comments by their ids, 0 where there is none."""

    # The task's newest comment that is new for every agent.
    last_notable_id: int = 0
    # The agent's notices in the task.
    notices: Collection[int] = ()
    # The agent's read mark: all up to it has been read.
    read_id: int = 0
    # The highest comment when the agent was added: older ones are news by a notice only.
    baseline: int = 0


def unread(reading: Reading) -> set[int]:
    """The comments that make the task unread for the agent."""
    found = {one for one in reading.notices if one > reading.read_id}
    if reading.last_notable_id > max(reading.read_id, reading.baseline):
        found.add(reading.last_notable_id)
    return found
