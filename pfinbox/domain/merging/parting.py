"""Taking a merged task out again: what goes with it, and what was changed is put back (R33)."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from pfinbox.domain.merging.tree import Change, Merge, Tree
from pfinbox.domain.model import Binding, Task
from pfinbox.errors import Refused
from pfinbox.i18n import _
from pfinbox.record import record


@record
class Spoken:
    """One comment as far as taking a merge apart cares."""

    id: int
    task_id: int
    at: datetime
    outgoing: bool
    # Chats that it was delivered by, or found in if sent elsewhere; empty for an internal one.
    chats: frozenset[int] = frozenset()
    internal: bool = False
    # Its text in one line.
    line: str = ""


@record
class Parting:
    """What taking one task out means: both tasks as they will be, and what leaves."""

    survivor: Task
    leaving: Task
    merge: Merge
    # The leaving task with everything merged into it.
    below: frozenset[int]
    comments: tuple[Spoken, ...]
    # The comments that leave.
    going: frozenset[int]

    @property
    def moving(self) -> tuple[Spoken, ...]:
        """Comments written in another task of the merge that follow the chat of their delivery."""
        return tuple(
            said
            for said in self.comments
            if said.id in self.going and said.task_id not in self.below
        )


def part(
    survivor: Task,
    leaving: Task,
    tree: Tree,
    comments: Sequence[Spoken],
    bindings: Sequence[Binding],
) -> Parting:
    """What taking ``leaving`` out of ``survivor`` means; ``bindings`` are those of the tree.

    The task's own comments go. An agent's comment written in the merged task goes with the chat of
    its delivery; internal ones, and those delivered by chats of both, stay.
    """
    merge, below = tree.merge_of(leaving.id), tree.below(leaving.id)
    theirs = {one.chat_id for one in bindings if one.task_id in below}
    mine = {one.chat_id for one in bindings if one.task_id not in below}
    return Parting(
        replace(survivor, chats=tuple(chat for chat in survivor.chats if chat.id in mine)),
        replace(leaving, chats=tuple(chat for chat in survivor.chats if chat.id in theirs)),
        merge,
        below,
        tuple(comments),
        frozenset(said.id for said in comments if goes_with(said, tree, leaving.id, merge.chats)),
    )


def goes_with(said: Spoken, tree: Tree, leaving: int, chats: frozenset[int]) -> bool:
    """Whether a comment goes with the task that leaves, whose chats are ``chats``."""
    if said.task_id in tree.below(leaving):
        return True
    together = said.id > tree.together_since(said.task_id, leaving)
    return said.outgoing and together and bool(said.chats) and said.chats <= chats


def new_homes(parting: Parting, bindings: Sequence[Binding]) -> dict[int, int]:
    """The task below the leaving one that gets each comment which follows its chat."""
    owners = {
        one.chat_id: one.task_id
        for one in sorted(bindings, key=lambda one: (one.current, one.id))
        if one.task_id in parting.below
    }
    return {
        said.id: next((owners[i] for i in sorted(said.chats) if i in owners), parting.leaving.id)
        for said in parting.moving
    }


def open_elsewhere(parting: Parting) -> set[int]:
    """The other open tasks that have a chat of the leaving task now."""
    others = {chat.open_task_id for chat in parting.leaving.chats}
    return {i for i in others if i is not None and i != parting.survivor.id}


def must_leave_one_task_a_chat(parting: Parting) -> None:
    """Refused when taking the task out would give one chat two open tasks (R4)."""
    survivor, leaving = parting.survivor, parting.leaving
    if not leaving.open:
        return
    for chat in leaving.chats:
        other = chat.open_task_id if chat.open_task_id != survivor.id else None
        if survivor.open and chat.id in {mine.id for mine in survivor.chats}:
            other = survivor.id
        if other is not None:
            raise Refused(
                _(
                    "chat {chat} would have two open tasks, #{leaving} and #{other}; "
                    "close #{other} first"
                ).format(chat=chat.key, leaving=leaving.id, other=other)
            )


def take_back(
    changes: Sequence[Change],
    current: Mapping[tuple[str, int, str], Any],
    later: Sequence[Merge],
) -> tuple[list[Change], list[Merge]]:
    """What to set to put ``changes`` back, and those ``later`` merges whose record is another then.

    A value that somebody changed since stays. One that a later merge changed further is put back
    by undoing that merge: its record gets what was there before this one.
    """
    back: list[Change] = []
    rest = {merge.id: merge for merge in later}
    for change in changes:
        if current.get(change.place) == change.now:
            back.append(replace(change, was=change.now, now=change.was))
            continue
        for merge in rest.values():
            further = [one.place == change.place and one.was == change.now for one in merge.changes]
            if any(further):
                n = further.index(True)
                heir = replace(merge.changes[n], was=change.was)
                kept = (*merge.changes[:n], heir, *merge.changes[n + 1 :])
                rest[merge.id] = replace(merge, changes=kept)
                break
    # A chat is current on one task only, so the binding that ends is written first.
    back.sort(key=lambda one: one.now is True)
    return back, [rest[merge.id] for merge in later if rest[merge.id] != merge]


def active_at_without(merge: Merge, later: Sequence[Merge]) -> datetime | None:
    """When the survivor was active last without the task that leaves.

    As it was before this merge; but where others came in later, that is known only of the time
    before them all, and they must not remember what has left.
    """
    others = any(one.survivor_id == merge.survivor_id for one in later)
    return merge.own_active_at if others else merge.active_at


def without(parting: Parting, later: Sequence[Merge], notable: int) -> list[Merge]:
    """Those ``later`` merges of the tree that remember what left, as if it had never been there.

    ``notable``: the survivor's newest comment that is new for every agent, now.
    """
    found = []
    for merge in later:
        changed = merge
        if merge.survivor_id == parting.merge.survivor_id:
            changed = replace(changed, active_at=parting.merge.own_active_at)
        if merge.survivor_id == parting.survivor.id and merge.notable in parting.going:
            changed = replace(changed, notable=notable if notable <= merge.mark else 0)
        if changed != merge:
            found.append(changed)
    return found


def made_by_merges(merges: Collection[Merge]) -> dict[int, set[int]]:
    """Read marks that stood after a merge, by agent; another one was made by reading."""
    found: dict[int, set[int]] = {}
    for merge in merges:
        for agent_id, comment_id in merge.read.items():
            found.setdefault(agent_id, set()).add(comment_id)
    return found
