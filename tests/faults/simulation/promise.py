"""The promise, held against both sides when a history is over: nothing lost, nothing twice."""

import json
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.faults.simulation.agents import Decisions
from tests.faults.simulation.otherside import OtherSide, Taken
from tests.faults.simulation.witness import StoreWitness

_BLOCKING = {"pending", "sending", "transmitting"}
_FINAL = {"sent", "failed", "unknown", "withdrawn", "held"}


@dataclass
class _Life:
    """The states of one delivery, by their positions in the log."""

    positions: list[int] = field(default_factory=list)
    states: list[str] = field(default_factory=list)

    def at(self, position: int) -> str | None:
        i = bisect_right(self.positions, position)
        return self.states[i - 1] if i else None

    def entered(self, state: str, before: int) -> list[int]:
        """Where the state was entered, at this position or before it."""
        entries = zip(self.positions, self.states, strict=True)
        return [p for p, s in entries if s == state and p <= before]

    def between(self, after: int, until: int) -> set[str]:
        """All the states that it had from one position to another, both included."""
        within = {s for p, s in zip(self.positions, self.states, strict=True) if after < p <= until}
        here = self.at(after)
        return within | ({here} if here else set())


class Promise:
    """What is true at the end of every history."""

    def __init__(
        self,
        witness: StoreWitness,
        sides: Mapping[str, OtherSide],
        decisions: Decisions,
        *,
        refuses: bool,
    ) -> None:
        """``refuses``: the other sides turned some messages away."""
        self._witness = witness
        self._sides = sides
        self._decisions = decisions
        self._refuses = refuses
        self._lives: dict[int, _Life] = defaultdict(_Life)
        for row in witness.rows("SELECT id, delivery_id, state FROM simulated_log ORDER BY id"):
            life = self._lives[row["delivery_id"]]
            life.positions.append(row["id"])
            life.states.append(row["state"])

    def hold(self) -> None:
        self._received()
        self._asked()
        self._queued()
        self._sent()

    def _violated(self, sentence: str) -> None:
        self._witness.violated(sentence)

    # --- what came in -------------------------------------------------------------------------

    def _received(self) -> None:
        """R11, R12: every message of every client is shown once, whole, in its chat."""
        rows = self._witness.rows(
            "SELECT comment.source_id, comment.text, comment.deleted_at, account.name, chat.key,"
            " comment.contact_id FROM comment JOIN account ON account.id = comment.account_id"
            " LEFT JOIN chat ON chat.id = comment.chat_id WHERE direction = 'incoming'"
        )
        shown: dict[tuple[str, str], list[Any]] = defaultdict(list)
        for row in rows:
            shown[row["name"], row["source_id"]].append(row)
        for side in self._sides.values():
            for given in side.given:
                found = shown.pop((side.account, given.source_id), [])
                name = f"{side.account} {given.source_id} ({given.texts[0]})"
                if len(found) != 1:
                    what = "lost" if not found else f"shown {len(found)} times"
                    self._violated(f"{name} is {what}")
                    continue
                self._is_whole(side, given, found[0], name)
        if shown:
            self._violated(f"shown, but nobody wrote it: {sorted(shown)}")

    def _is_whole(self, side: OtherSide, given: Any, row: Any, name: str) -> None:
        if row["text"] != given.texts[-1]:
            self._violated(f"{name} is {row['text']!r} instead of {given.texts[-1]!r}")
        if not side.mail and row["key"] != given.chat:
            self._violated(f"{name} is in the chat {row['key']}")
        if given.deleted and row["deleted_at"] is None:
            self._violated(f"{name} was deleted, and is not marked")

    # --- what agents wanted -------------------------------------------------------------------

    def _asked(self) -> None:
        """A comment that was saved is there once; one that was pressed twice, too."""
        rows = self._witness.rows("SELECT id, client_key FROM comment WHERE agent_id IS NOT NULL")
        by_key = Counter(row["client_key"] for row in rows if row["client_key"])
        ids = {row["id"] for row in rows}
        for asked in self._decisions.asked:
            if asked.saved is not None and asked.saved not in ids:
                self._violated(f"the comment {asked.text[:6]} was saved and is lost")
            if by_key[asked.text.split()[0]] > 1:
                self._violated(f"the comment {asked.text[:6]} is there twice")

    def _queued(self) -> None:
        """R13, R15: a comment has a delivery for each contact that it was written to."""
        for row in self._witness.rows(
            "SELECT notify.comment_id, notify.contact_id FROM notify"
            " JOIN comment ON comment.id = notify.comment_id"
            " WHERE notify.contact_id IS NOT NULL AND comment.agent_id IS NOT NULL"
            " AND NOT EXISTS (SELECT 1 FROM delivery WHERE comment_id = notify.comment_id"
            "  AND contact_id = notify.contact_id)"
        ):
            self._violated(f"comment {row[0]} has no delivery for contact {row[1]}")

    # --- what went out ------------------------------------------------------------------------

    def _sent(self) -> None:
        """R24: each delivery's state says what the other side has."""
        taken: dict[tuple[str, str], list[Taken]] = defaultdict(list)
        nonces = {row["nonce"] for row in self._witness.rows("SELECT nonce FROM part")}
        for side in self._sides.values():
            for one in side.taken:
                if one.nonce not in nonces:
                    self._violated(f"{one.text[:6]!r} left, and nobody knows of it")
                for address in one.addresses:
                    taken[one.nonce, address].append(one)
        parts: dict[int, list[Any]] = defaultdict(list)
        for row in self._witness.rows(
            "SELECT delivery_id, part.nonce, part.state, part.content, part.position,"
            " EXISTS (SELECT 1 FROM amendment WHERE part_id = part.id) AS amended"
            " FROM delivery_part JOIN part ON part.id = delivery_part.part_id"
            " ORDER BY delivery_id, part.position"
        ):
            parts[row["delivery_id"]].append(row)
        arrivals: dict[int, list[Taken]] = {}
        deliveries = self._witness.rows(
            "SELECT delivery.*, account.name, chat.key, comment.deleted_at AS gone FROM delivery"
            " JOIN account ON account.id = delivery.account_id"
            " LEFT JOIN chat ON chat.id = delivery.chat_id"
            " JOIN comment ON comment.id = delivery.comment_id"
        )
        for row in deliveries:
            arrivals[row["id"]] = []
            for part in parts[row["id"]]:
                found = taken[part["nonce"], row["address"]]
                arrivals[row["id"]] += found
                self._part(row, part, found)
            self._delivery(row)
        self._in_order(deliveries, arrivals)

    def _part(self, row: Any, part: Any, found: list[Taken]) -> None:
        side, life = self._sides[row["name"]], self._lives[row["id"]]
        name = f"delivery {row['id']} ({row['state']}, {row['name']})"
        doubted = "unknown" in life.states
        allowed = 1 + (self._decisions.retried[row["id"]] if doubted else 0)
        if len(found) > allowed:
            self._violated(f"{name} arrived {len(found)} times")
        by_hand = row["id"] in self._decisions.marked_sent
        if row["state"] == "sent" and not found and not by_hand:
            self._violated(f"{name} never arrived")
        says_not = row["state"] in _FINAL - {"sent", "unknown"} and part["state"] != "sent"
        if found and says_not and not doubted:
            self._violated(f"{name} has arrived, and says otherwise")
        for one in found:
            if not side.mail and one.chat_key != row["key"]:
                self._violated(f"{name} arrived in the chat {one.chat_key}")
            # What a notice says is made when it leaves.
            own = one.text if row["notice"] else json.loads(part["content"])["text"]
            if own != one.text and not part["amended"]:
                self._violated(f"{name} arrived as {one.text[:20]!r}")
            self._was_handed_over(name, life, one)

    def _was_handed_over(self, name: str, life: _Life, one: Taken) -> None:
        """It leaves while it is transmitting; later only if its fate was taken for unknown."""
        handed_over = life.entered("transmitting", one.position)
        if not handed_over:
            self._violated(f"{name} left without a hand-over")
            return
        # Where a repeat is recognised, an unknown fate means that it waits for the next attempt.
        doubted = "pending" if self._sides[one.account].idempotent else "unknown"
        # A daemon that stood still may come with its own after the agent's next attempt arrived.
        states = life.between(handed_over[0], one.position)
        if life.at(one.position) != "transmitting" and not states & {"unknown", doubted}:
            self._violated(f"{name} left while it was {life.at(one.position)}")

    def _delivery(self, row: Any) -> None:
        name = f"delivery {row['id']} ({row['state']}, {row['name']})"
        if row["state"] in ("sending", "transmitting"):
            self._violated(f"{name} is under way for ever")
        if row["state"] in ("failed", "unknown") and row["error"] is None:
            self._violated(f"{name} does not say why")
        if row["state"] == "failed" and not self._refuses:
            self._violated(f"{name} failed, and nobody turned it away")
        # A colleague may have been told of it while it waited for the client's account.
        stopped = row["state"] == "withdrawn" or row["notice"]
        if row["comment_id"] in self._decisions.taken_back and not stopped:
            self._violated(f"{name} was taken back")

    def _in_order(self, deliveries: list[Any], arrivals: Mapping[int, list[Taken]]) -> None:
        """In one chat nothing overtakes what waits before it."""
        by_chat: dict[Any, list[Any]] = defaultdict(list)
        for row in deliveries:
            if row["chat_id"] is not None:
                by_chat[row["chat_id"], row["address"]].append(row)
        for rows in by_chat.values():
            for i, later in enumerate(rows):
                for one in arrivals[later["id"]]:
                    self._overtakes(later, one, rows[:i])

    def _overtakes(self, later: Any, one: Taken, earlier: list[Any]) -> None:
        life = self._lives[later["id"]]
        claims = life.entered("sending", one.position)
        if not claims:
            return
        for row in earlier:
            if row["comment_id"] == later["comment_id"]:
                continue
            # Blocking at the claim and ever since, but not claimed with it and gone.
            states = self._lives[row["id"]].between(claims[-1] - 1, one.position)
            if states and states <= _BLOCKING:
                self._violated(f"delivery {later['id']} overtook delivery {row['id']} in one chat")


def not_sent(witness: StoreWitness, comment_id: int) -> list[str]:
    """Deliveries of this comment that are not sent, but those that wait for an earlier one."""
    rows = witness.rows(
        "SELECT state, state != 'sent' AND NOT EXISTS ("
        "  SELECT 1 FROM delivery AS first WHERE first.chat_id = delivery.chat_id"
        "  AND first.id < delivery.id AND first.state = 'pending') AS late"
        " FROM delivery WHERE comment_id = ?",
        comment_id,
    )
    return [row["state"] for row in rows if row["late"]] if rows else ["no delivery"]


def unfinished(witness: StoreWitness, sides: Mapping[str, OtherSide], now: str) -> list[str]:
    """What should have been done by now (``now`` as the store writes it), and is not."""
    waiting = []
    stored = Counter(
        row["name"]
        for row in witness.rows(
            "SELECT account.name FROM comment JOIN account ON account.id = comment.account_id"
            " WHERE direction = 'incoming'"
        )
    )
    waiting += [
        f"messages of {s.account}" for s in sides.values() if stored[s.account] < len(s.given)
    ]
    waiting += [
        f"delivery {row['id']} ({row['state']})"
        for row in witness.rows(
            "SELECT id, state FROM delivery WHERE state IN ('sending', 'transmitting')"
            " OR (state IN ('pending', 'scheduled') AND due_at <= ? AND NOT EXISTS ("
            "  SELECT 1 FROM delivery AS first WHERE first.chat_id = delivery.chat_id"
            "  AND first.id < delivery.id AND first.state = 'pending' AND first.due_at > ?))",
            now,
            now,
        )
    ]
    waiting += [
        f"{row['name']} ({row['state']})"
        for row in witness.rows("SELECT name, state FROM account WHERE state != 'ok'")
    ]
    waiting += [
        f"amendment {row['id']}"
        for row in witness.rows(
            "SELECT id FROM amendment WHERE state = 'pending' AND due_at <= ?", now
        )
    ]
    return waiting
