"""The accounting: what the world gave and took, against what the store says of it."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from statistics import median

from sqlalchemy import func, select

from pfinbox.domain.contract.reason import Reason
from pfinbox.store import tables as t
from pfinbox.store.uow import Store

# States in which a program has done what it could.
FINAL = frozenset({"sent", "failed", "unknown", "held", "withdrawn"})
_NAME = re.compile(r"\b(?:in|out)-\d{5}\b")


@dataclass(frozen=True, slots=True)
class Entry:
    """A message that a client gave to an account, or a comment that an agent wrote to a client."""

    name: str
    account: str
    at: datetime
    # Of a comment.
    task_id: int = 0


@dataclass(frozen=True, slots=True)
class Shown:
    """What the store says: when each message of a client stands there, the state of a delivery."""

    received: dict[str, list[datetime]]
    delivered: dict[str, tuple[str, Reason | None, datetime | None]]


@dataclass(slots=True)
class Balance:
    """What is wrong, by the names of messages, and what is not known for certain."""

    given: int = 0
    written: int = 0
    lost: list[str] = field(default_factory=list)
    twice: list[str] = field(default_factory=list)
    silent: list[str] = field(default_factory=list)
    # Comments that came after a later one of their task.
    disordered: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    # Of the unknown ones, those that the world took all the same.
    arrived: int = 0


class Ledger:
    """Gives each message a name of its own and remembers it."""

    def __init__(self) -> None:
        self.given: dict[str, Entry] = {}
        self.written: dict[str, Entry] = {}
        self._count = 0

    def name(self, kind: str) -> str:
        """The next name: ``in-00001`` for a client's message, ``out-00002`` for a comment."""
        self._count += 1
        return f"{kind}-{self._count:05}"

    def names_in(self, texts: Iterable[str]) -> list[str]:
        """The names in these texts, in their order."""
        return [name for text in texts for name in _NAME.findall(text)]

    def account_of(self, name: str) -> str:
        return (self.given.get(name) or self.written[name]).account

    async def shown(self, store: Store) -> Shown:
        """What stands in the store now."""
        received: dict[str, list[datetime]] = {}
        delivered: dict[str, tuple[str, Reason | None, datetime | None]] = {}
        came = (
            # Of a repeat, the first receipt.
            select(t.comment.c.text, func.min(t.receipt.c.received_at).label("received_at"))
            .join(t.receipt, t.receipt.c.comment_id == t.comment.c.id)
            .where(t.comment.c.direction == "incoming", t.comment.c.deleted_at.is_(None))
            .group_by(t.comment.c.id, t.comment.c.text)
        )
        went = (
            select(t.comment.c.text, t.delivery.c.state, t.delivery.c.error, t.delivery.c.sent_at)
            .join(t.delivery, t.delivery.c.comment_id == t.comment.c.id)
            .where(t.delivery.c.contact_id.is_not(None))
        )
        async with store.read() as uow:
            for text, received_at in await uow.connection.execute(came):
                for name in _NAME.findall(text):
                    received.setdefault(name, []).append(received_at)
            for text, state, error, sent_at in await uow.connection.execute(went):
                why = Reason.from_json(error) if error else None
                for name in _NAME.findall(text):
                    delivered[name] = (state, why, sent_at)
        return Shown(received, delivered)

    def unsettled(self, shown: Shown) -> list[str]:
        """Messages that are not stored yet, deliveries that may still change."""
        states = shown.delivered
        waiting = [name for name in self.given if name not in shown.received]
        under_way = [
            name for name in self.written if name not in states or states[name][0] not in FINAL
        ]
        return waiting + under_way

    def balance(self, shown: Shown, taken: Sequence[str]) -> Balance:
        """``taken``: what clients got, in the order in which they got it."""
        found, took = Balance(len(self.given), len(self.written)), Counter(taken)
        last: dict[int, str] = {}
        for name in taken:
            if name in self.written:
                task_id = self.written[name].task_id
                if name < last.get(task_id, ""):
                    found.disordered.append(name)
                last[task_id] = name
        for name in self.given:
            times = len(shown.received.get(name, ()))
            if times == 0:
                found.lost.append(name)
            elif times > 1:
                found.twice.append(name)
        for name in self.written:
            state, why, _sent_at = shown.delivered.get(name, ("missing", None, None))
            if took[name] > 1:
                found.twice.append(name)
            if state == "sent":
                if not took[name]:
                    found.lost.append(name)
            elif state == "unknown":
                found.unknown.append(name)
                found.arrived += bool(took[name])
            elif state in ("failed", "held"):
                found.failed.append(name)
                if took[name]:
                    found.lost.append(name)
            else:
                found.lost.append(name)
            if state in ("failed", "held", "unknown") and why is None:
                found.silent.append(name)
        return found

    def slowed(self, shown: Shown, account: str, since: datetime) -> float:
        """By how many seconds the slowest message of this account took longer than most do.

        ``since``: the first fault; what came before it was slow for another reason.
        """
        ends = {name: times[0] for name, times in shown.received.items()}
        ends |= {name: at for name, (_state, _why, at) in shown.delivered.items() if at is not None}
        waits = [
            (ends[name] - entry.at).total_seconds()
            for name, entry in (self.given | self.written).items()
            if entry.account == account and entry.at >= since and name in ends
        ]
        return max(waits) - median(waits) if waits else 0.0
