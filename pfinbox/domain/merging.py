"""Joining tasks and taking them apart (R32, R33): a merge is a redirect, nothing is moved.

The survivor takes from the others only what it lacks (a contact, an account); every such change
is written down with what was there before, so that it can be undone in any order.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from pfinbox.domain.model import Account, Chat, Contact, Task
from pfinbox.errors import Refused
from pfinbox.i18n import _


@dataclass(frozen=True, slots=True)
class Terms:
    """What a task is under: whose it is, which account's rules and eyes it has."""

    contact_id: int | None
    account_id: int | None
    private_to_id: int | None


def adopt(survivor: Terms, other: Terms) -> Terms:
    """The survivor's terms once ``other`` is merged in: its own, else the other's.

    Who sees either sees both.
    """
    alike = survivor.private_to_id == other.private_to_id
    return Terms(
        survivor.contact_id or other.contact_id,
        survivor.account_id or other.account_id,
        survivor.private_to_id if alike else None,
    )


def join(
    survivor: Task,
    others: Sequence[Task],
    contacts: Mapping[int, Contact],
    accounts: Mapping[int, Account],
    *,
    reply_via: str | None = None,
    force: bool = False,
) -> str:
    """Whether ``others`` may be merged into ``survivor``; its reply channel afterwards (R16).

    All are roots and living. ``contacts`` and ``accounts`` are those of the tasks, by id.
    Refused says what to do instead.
    """
    if not force:
        _one_contact(survivor, others, contacts)
        _one_audience(survivor, others)
    return _reply_channel(survivor, others, accounts, reply_via)


def _one_contact(survivor: Task, others: Sequence[Task], contacts: Mapping[int, Contact]) -> None:
    """Refuse to join tasks of different contacts without ``force``."""
    known = [task for task in (survivor, *others) if task.contact_id is not None]
    first = known[0] if known else survivor
    for task in known:
        if task.contact_id != first.contact_id and first.contact_id and task.contact_id:
            raise Refused(
                _(
                    "tasks #{first} ({mine}) and #{other} ({theirs}) are of different contacts; "
                    "merged, a comment to the client would go to {mine}: force it if you mean that"
                ).format(
                    first=first.id,
                    mine=contacts[first.contact_id].name,
                    other=task.id,
                    theirs=contacts[task.contact_id].name,
                )
            )


def _one_audience(survivor: Task, others: Sequence[Task]) -> None:
    """Refuse to show a personal account's task to colleagues without ``force`` (R10)."""
    for task in others:
        if task.private_to_id != survivor.private_to_id:
            hidden = task if task.private_to_id is not None else survivor
            raise Refused(
                _(
                    "task #{id} is seen by its owner only; merged, colleagues would see it: "
                    "force it if you mean that"
                ).format(id=hidden.id)
            )


def ways(*tasks: Task) -> list[Chat]:
    """The chats by which these tasks, made one, could answer their client."""
    # A side conversation is no way to the client, nor is a chat that only agents have used.
    return [chat for task in tasks for chat in task.chats if not (chat.outside or chat.aside)]


def _reply_channel(
    survivor: Task,
    others: Sequence[Task],
    accounts: Mapping[int, Account],
    reply_via: str | None,
) -> str:
    """The survivor's own channel, else the only one that comes with the others, else a choice."""
    choices = sorted({accounts[chat.account_id].name for chat in ways(survivor, *others)})
    if reply_via is not None:
        if reply_via not in choices:
            raise Refused(
                _("{via} is no channel of these tasks; choose one of: {choices}").format(
                    via=reply_via, choices=", ".join(choices) or "-"
                )
            )
        return reply_via
    has_own = any(chat.own and not chat.outside for chat in survivor.chats)
    if not has_own and survivor.reply_via == "own" and len(choices) > 1:
        raise Refused(
            _("task #{id} has no channel of its own; choose one to answer by: {choices}").format(
                id=survivor.id, choices=", ".join(choices)
            )
        )
    return survivor.reply_via


@dataclass(frozen=True, slots=True)
class Edge:
    """One merge that stands. ``mark`` is the highest comment id at that moment."""

    other_id: int
    survivor_id: int
    at: datetime
    mark: int


class Tree:
    """A root with everything merged into it, by the merges that stand."""

    def __init__(self, root_id: int, edges: Iterable[Edge]) -> None:
        self.root_id = root_id
        self._up = {edge.other_id: edge for edge in edges}

    @property
    def ids(self) -> frozenset[int]:
        return frozenset((self.root_id, *self._up))

    def way_up(self, node: int) -> list[Edge]:
        """The merges from ``node`` to the root, its own first."""
        found = []
        while node in self._up:
            found.append(self._up[node])
            node = self._up[node].survivor_id
        return found

    def below(self, node: int) -> frozenset[int]:
        """``node`` with everything merged into it."""
        return frozenset(
            one
            for one in self.ids
            if one == node or node in {edge.survivor_id for edge in self.way_up(one)}
        )

    def together_since(self, one: int, other: int) -> int:
        """The comment id after which two of its members were one conversation."""
        mine, theirs = self.way_up(one), self.way_up(other)
        apart = [edge for edge in mine if edge not in theirs]
        apart += [edge for edge in theirs if edge not in mine]
        return max((edge.mark for edge in apart), default=0)


@dataclass(frozen=True, slots=True)
class Spoken:
    """One comment as far as taking a merge apart cares."""

    id: int
    task_id: int
    outgoing: bool
    # Chats that it was delivered by; empty for an internal one.
    chats: frozenset[int] = frozenset()


def goes_with(said: Spoken, tree: Tree, leaving: int, chats: frozenset[int]) -> bool:
    """Whether a comment goes with the task that leaves, whose chats are ``chats`` (R33).

    The task's own comments go. An agent's comment written in the merged task goes with the chat of
    its delivery; internal ones, and those delivered by chats of both, stay.
    """
    if said.task_id in tree.below(leaving):
        return True
    together = said.id > tree.together_since(said.task_id, leaving)
    return said.outgoing and together and bool(said.chats) and said.chats <= chats


def one_task_a_chat(
    survivor: Task, leaving: Task, elsewhere: Mapping[int, int], keys: Mapping[int, str]
) -> None:
    """Refused when taking ``leaving`` out would give one chat two open tasks (R4).

    ``elsewhere``: the other open task that takes a chat's messages now, by chat.
    """
    if not leaving.open:
        return
    for chat in leaving.chats:
        other = elsewhere.get(chat.id)
        if survivor.open and chat.id in {mine.id for mine in survivor.chats}:
            other = survivor.id
        if other is not None:
            raise Refused(
                _(
                    "chat {chat} would have two open tasks, #{leaving} and #{other}; "
                    "close #{other} first"
                ).format(chat=keys[chat.id], leaving=leaving.id, other=other)
            )


@dataclass(frozen=True, slots=True)
class Change:
    """One value that a merge changed: which row and column, what was there, what it set."""

    table: str
    row: int
    column: str
    was: Any
    now: Any

    @property
    def place(self) -> tuple[str, int, str]:
        return (self.table, self.row, self.column)


def take_back(
    changes: Sequence[Change],
    current: Mapping[tuple[str, int, str], Any],
    later: Sequence[Sequence[Change]],
) -> tuple[list[Change], list[list[Change]]]:
    """What to set to put ``changes`` back, and the ``later`` merges' records as they are then.

    A value that somebody changed since stays. One that a later merge changed further is put back
    by undoing that merge: its record gets what was there before this one.
    """
    back: list[Change] = []
    rest = [list(record) for record in later]
    for change in changes:
        if current.get(change.place) == change.now:
            back.append(replace(change, was=change.now, now=change.was))
            continue
        for record in rest:
            found = [
                n
                for n, one in enumerate(record)
                if one.place == change.place and one.was == change.now
            ]
            if found:
                record[found[0]] = replace(record[found[0]], was=change.was)
                break
    return back, rest
