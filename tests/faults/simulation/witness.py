"""Looks into the store from outside, in no virtual time, while a history runs."""

import sqlite3
from collections.abc import Iterable
from pathlib import Path
from typing import Any

# Every change of a delivery's state, in the order of the commits.
LOG = """
CREATE TABLE simulated_log (
    id INTEGER PRIMARY KEY AUTOINCREMENT, delivery_id INTEGER NOT NULL, state TEXT NOT NULL
);
CREATE TRIGGER simulated_added AFTER INSERT ON delivery BEGIN
    INSERT INTO simulated_log (delivery_id, state) VALUES (new.id, new.state);
END;
CREATE TRIGGER simulated_moved AFTER UPDATE OF state ON delivery WHEN new.state != old.state BEGIN
    INSERT INTO simulated_log (delivery_id, state) VALUES (new.id, new.state);
END;
"""


class StoreWitness:
    """The checker's own connection, and what it has found wrong."""

    def __init__(self, path: Path) -> None:
        self._raw = sqlite3.connect(path, isolation_level=None, timeout=0)
        self._raw.row_factory = sqlite3.Row
        self.violations: list[str] = []

    def violated(self, sentence: str) -> None:
        self.violations.append(sentence)

    def rows(self, query: str, *values: Any) -> list[Any]:
        return self._raw.execute(query, values).fetchall()

    def ids(self, query: str, *values: Any) -> list[int]:
        return [row[0] for row in self.rows(query, *values)]

    def position(self) -> int:
        return int(self.rows("SELECT coalesce(max(id), 0) FROM simulated_log")[0][0])

    def leaves(self, nonce: str) -> None:
        """R24: a part leaves in the moment in which nobody else can have given it up."""
        states = {
            row["state"]
            for row in self.rows(
                "SELECT delivery.state FROM part JOIN delivery_part ON part_id = part.id"
                " JOIN delivery ON delivery.id = delivery_id WHERE part.nonce = ?",
                nonce,
            )
        }
        if "transmitting" not in states:
            self.violated(f"the part {nonce} leaves while it is {', '.join(sorted(states))}")

    def comments_of(self, nonce: str) -> list[int]:
        """The comment of which this part is, if an agent wrote it."""
        return self.ids(
            "SELECT DISTINCT comment.id FROM part JOIN delivery_part ON part_id = part.id"
            " JOIN delivery ON delivery.id = delivery_id"
            " JOIN comment ON comment.id = delivery.comment_id"
            " WHERE part.nonce = ? AND comment.agent_id IS NOT NULL",
            nonce,
        )

    def confirmed(self, account: str, keys: Iterable[str]) -> None:
        """R12: nothing is confirmed to the other side before it is stored, or kept for that."""
        wanted = list(keys)
        marks = ", ".join("?" * len(wanted))
        stored = self.rows(
            "SELECT key FROM (SELECT account_id, key FROM receipt"
            " UNION ALL SELECT account_id, key FROM kept_request) AS one"
            " JOIN account ON account.id = one.account_id"
            f" WHERE account.name = ? AND key IN ({marks})",
            account,
            *wanted,
        )
        missing = set(wanted) - {row[0] for row in stored}
        if missing:
            self.violated(f"{account}: confirmed before it was stored: {sorted(missing)}")

    def close(self) -> None:
        self._raw.close()
