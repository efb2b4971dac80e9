"""Read marks through merges (R41): what was unread stays unread.

An agent's mark is one comment id; two conversations read to different points need a mark below
whatever is still new in either.
"""

from collections.abc import Collection, Mapping
from dataclasses import field

from pfinbox.domain.merging.tree import Change
from pfinbox.domain.unread import Reading, unread
from pfinbox.record import record


@record
class Reader:
    """An agent who has a read mark in one of two tasks; by task."""

    id: int
    baseline: int
    marks: Mapping[int, int] = field(default_factory=dict)
    notices: Mapping[int, Collection[int]] = field(default_factory=dict)


def joined(
    readers: Collection[Reader], survivor_id: int, notable: Mapping[int, int]
) -> tuple[list[Change], dict[int, int]]:
    """The marks that the survivor needs once the other task is merged in.

    ``notable``: the newest comment of each task that is new for every agent. The changes, and
    every agent's mark as it is then.
    """
    changes = []
    after = {}
    for reader in readers:
        new: set[int] = set()
        for task_id, newest in notable.items():
            told = reader.notices.get(task_id, ())
            new |= unread(Reading(newest, told, reader.marks.get(task_id, 0), reader.baseline))
        now = max(reader.marks.values(), default=0)
        if new:
            now = min(now, min(new) - 1)
        after[reader.id] = now
        was = reader.marks.get(survivor_id)
        if now != (was or 0):
            changes.append(Change("read_mark", reader.id, str(survivor_id), was, now))
    return changes, after


def parted(
    readers: Collection[Reader],
    survivor_id: int,
    leaving_id: int,
    made_by_merges: Mapping[int, Collection[int]],
) -> dict[int, int]:
    """Marks that the leaving task gets: what an agent read in the merged task counts for it, too.

    ``made_by_merges``: marks that stood after a merge, by agent: another one was made by reading.
    """
    return {
        reader.id: reader.marks[survivor_id]
        for reader in readers
        if survivor_id in reader.marks
        and reader.marks[survivor_id] not in made_by_merges.get(reader.id, ())
        and reader.marks[survivor_id] > reader.marks.get(leaving_id, 0)
    }
