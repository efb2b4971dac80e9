"""Outcomes in files: one for each part of a row, and what the parts come to together."""

import json
from collections.abc import Sequence
from dataclasses import asdict, fields
from pathlib import Path

from tests.faults.ledger import Balance
from tests.faults.row import Outcome, Row


def write(outcome: Outcome, path: Path) -> None:
    """All of it or nothing: a file that is there is whole."""
    values = {one.name: getattr(outcome, one.name) for one in fields(outcome)}
    values["row"], values["balance"] = outcome.row.number, asdict(outcome.balance)
    new = path.with_suffix(".new")
    new.write_text(json.dumps(values, indent=1) + "\n")
    new.replace(path)


def read(path: Path, row: Row) -> Outcome:
    values = json.loads(path.read_text())
    return Outcome(**{**values, "row": row, "balance": Balance(**values["balance"])})


def joined(outcomes: Sequence[Outcome]) -> Outcome:
    """What the parts of a row come to: numbers are added up, times are the worst of them."""
    first = outcomes[0]
    balance = Balance()
    for one in fields(Balance):
        values = [getattr(each.balance, one.name) for each in outcomes]
        start: list[str] | int = [] if isinstance(values[0], list) else 0
        setattr(balance, one.name, sum(values, start))
    return Outcome(
        first.row,
        first.kind,
        first.seed,
        sum(one.faults for one in outcomes),
        balance,
        max(one.recovered for one in outcomes),
        max(one.slowed for one in outcomes),
        list(dict.fromkeys(words for one in outcomes for words in one.told)),
        _joined([one.error for one in outcomes]),
        max(one.waiting for one in outcomes),
        _joined([one.late for one in outcomes]),
    )


def _joined(sentences: Sequence[str]) -> str:
    return ", ".join(dict.fromkeys(one for one in sentences if one))
