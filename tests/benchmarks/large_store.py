"""Fills an SQLite store with many tasks, for measuring reads: ``fill(path, tasks)``.

Three comments a task, 500 active tasks, words drawn as they are in mail (a few very often, most
hardly ever), four accounts, one tag on a hundredth and one on a tenth of all tasks. Most contacts
have about five tasks, the contact ``BUSY`` one of 200; both this one and ``QUIET`` have access to
their pages. The same number of tasks always gives the same store.
"""

import itertools
import random
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from pfinbox.domain.text.words import document
from pfinbox.store import schema
from pfinbox.store.search.entries import place
from pfinbox.store.uow import Store

END = datetime(2026, 11, 1, tzinfo=UTC)
ACTIVE = 500
COMMENTS = 3
LONG = 5_000
BUSY, QUIET = 1, 2
# A fixed few at the top of the distribution, then invented ones.
FREQUENT = ("order", "the", "please", "заказ", "thanks", "delivery", "invoice", "payment", "refund")
NAMES = ("lopez", "kim", "nowak", "ivanova", "smith", "maria", "chen", "okafor", "larsen", "petrov")
_WORDS = (*FREQUENT, *(f"w{n}" for n in range(40_000)))
_WEIGHTS = list(itertools.accumulate(1 / (rank + 3) for rank in range(len(_WORDS))))
_STEP = 5_000


async def fill(path: Path, tasks: int) -> None:
    """Make the store at ``path`` and write ``tasks`` tasks into it."""
    store = Store(f"sqlite+aiosqlite:///{path}")
    await schema.create_missing(store)
    await store.close()
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA synchronous = OFF")
    connection.execute("BEGIN")
    _people(connection, tasks)
    for start in range(0, tasks, _STEP):
        _tasks(connection, range(start + 1, min(start + _STEP, tasks) + 1), tasks)
        connection.execute("COMMIT")
        connection.execute("BEGIN")
    _long_task(connection, tasks + 1)
    connection.execute("insert into search_fts(search_fts) values ('rebuild')")
    connection.execute("COMMIT")
    connection.close()


def _insert(connection: sqlite3.Connection, table: str, rows: Iterator[dict[str, Any]]) -> None:
    first = next(rows, None)
    if first is None:
        return
    names = ", ".join(first)
    marks = ", ".join(f":{name}" for name in first)
    connection.executemany(
        f"INSERT INTO {table} ({names}) VALUES ({marks})",
        itertools.chain([first], rows),
    )


def _people(connection: sqlite3.Connection, tasks: int) -> None:
    at = _text(END)
    agents = ("anna", "boris", "clara")
    _insert(
        connection,
        "agent",
        ({"login": a, "name": a.title(), "created_at": at, "read_baseline": 0} for a in agents),
    )
    accounts = (("support", "email"), ("sales", "email"), ("bot", "telegram"), ("anna", "email"))
    _insert(
        connection,
        "account",
        (
            {
                "name": name,
                "channel": channel,
                "label": name,
                "sign": "@",
                "channel_label": "E-mail",
                "addresses": "[]",
                "role": "personal" if name == "anna" else "shared",
                "owner_id": 1 if name == "anna" else None,
                "configured": 1,
                "new_task_after_close": "true",
                "capabilities": 0,
                "limits": "{}",
                "state": "ok",
                "send_state": "ok",
                "lent": "{}",
                "position": position,
            }
            for position, (name, channel) in enumerate(accounts)
        ),
    )
    _insert(
        connection,
        "contact",
        (
            {
                "id": n,
                "root_id": n,
                "name": _name(n),
                "notes": "",
                "created_at": at,
                "portal": n in (BUSY, QUIET),
            }
            for n in range(1, _contacts(tasks) + 1)
        ),
    )
    _insert(
        connection,
        "address",
        (
            {"contact_id": n, "channel": "email", "scope": 0, "value": f"c{n}@client.example"}
            for n in range(1, _contacts(tasks) + 1)
        ),
    )


def _contacts(tasks: int) -> int:
    return max(tasks // 5, 50)


def _name(number: int) -> str:
    return f"{NAMES[number % len(NAMES)].title()} Client{number // len(NAMES)}"


def _text(at: datetime) -> str:
    return at.strftime("%Y-%m-%d %H:%M:%S.%f")


def _said(rand: random.Random) -> str:
    return " ".join(rand.choices(_WORDS, cum_weights=_WEIGHTS, k=20))


def _tasks(connection: sqlite3.Connection, numbers: range, total: int) -> None:
    rand = random.Random(numbers.start)
    facts = {n: _fact(n, total, rand) for n in numbers}
    _insert(connection, "task", (_task(n, fact) for n, fact in facts.items()))
    _insert(
        connection,
        "tag",
        (
            {"task_id": n, "name": name}
            for n in numbers
            for name, every in (("vip", 100), ("billing", 10))
            if n % every == 0
        ),
    )
    _insert(connection, "chat", (_chat(n, fact) for n, fact in facts.items()))
    _insert(
        connection,
        "binding",
        (
            {"task_id": n, "chat_id": n, "current": 1, "created_at": _text(fact["at"])}
            for n, fact in facts.items()
        ),
    )
    comments = [_comment(n, k, fact, rand) for n, fact in facts.items() for k in range(COMMENTS)]
    _insert(connection, "comment", iter(comments))
    answers = [one for one in comments if one["direction"] == "outgoing"]
    _insert(
        connection,
        "notify",
        (
            {"comment_id": one["id"], "contact_id": facts[one["task_id"]]["contact"]}
            for one in answers
        ),
    )
    _insert(connection, "delivery", (_delivery(one, facts[one["task_id"]]) for one in answers))
    _insert(connection, "search_text", _index(facts, comments))
    connection.execute(
        "INSERT INTO search_tag SELECT tag.name, search_text.id FROM search_text"
        " JOIN tag USING (task_id) WHERE comment_id IS NOT NULL AND task_id BETWEEN ? AND ?",
        (numbers.start, numbers.stop - 1),
    )


def _fact(number: int, total: int, rand: random.Random) -> dict[str, Any]:
    at = END - timedelta(minutes=(total - number) * 5)
    return {
        "at": at,
        # Most of what is open is new, some of it is old.
        "active": number > total - ACTIVE * 4 // 5 or number % (total * 5 // ACTIVE) == 0,
        "contact": BUSY if number % 200 == 0 else rand.randrange(2, _contacts(total) + 1),
        "account": rand.choices((1, 2, 3, 4), (50, 20, 29, 1))[0],
        "title": _said(rand)[:60],
        "outgoing": rand.random() < 0.7,
    }


def _task(number: int, fact: dict[str, Any]) -> dict[str, Any]:
    outgoing, active = fact["outgoing"], fact["active"]
    return {
        "id": number,
        "root_id": number,
        "title": fact["title"],
        "status": "open" if active else "done",
        "active": active,
        "contact_id": fact["contact"],
        "account_id": fact["account"],
        "assignee_agent_id": number % 4 or None,
        "reply_via": "own",
        "private_to_id": 1 if fact["account"] == 4 else None,
        "last_direction": "outgoing" if outgoing else "incoming",
        "last_line": fact["title"],
        "last_notable_id": 0,
        "waiting_since": _text(fact["at"]) if active and not outgoing else None,
        "closed_at": None if active else _text(fact["at"]),
        "created_at": _text(fact["at"]),
        "last_activity_at": _text(fact["at"]),
    }


def _chat(number: int, fact: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": number,
        "account_id": fact["account"],
        "key": f"k{number}",
        "contact_id": fact["contact"],
        "subject": fact["title"],
        "created_at": _text(fact["at"]),
    }


def _comment(number: int, k: int, fact: dict[str, Any], rand: random.Random) -> dict[str, Any]:
    outgoing = k == 1
    return {
        "id": (number - 1) * COMMENTS + k + 1,
        "task_id": number,
        "direction": "outgoing" if outgoing else "incoming",
        "contact_id": None if outgoing else fact["contact"],
        "agent_id": number % 3 + 1 if outgoing else None,
        "text": _said(rand) + (" needle" if number % 5_000 == 7 and not k else ""),
        "created_at": _text(fact["at"] + timedelta(minutes=k - COMMENTS)),
        "account_id": None if outgoing else fact["account"],
        "chat_id": None if outgoing else number,
        "source_id": f"<{number}.{k}@client.example>",
        "digest": "",
    }


def _delivery(comment: dict[str, Any], fact: dict[str, Any]) -> dict[str, Any]:
    return {
        "comment_id": comment["id"],
        "contact_id": fact["contact"],
        "account_id": fact["account"],
        "chat_id": comment["task_id"],
        "address": f"c{fact['contact']}@client.example",
        "state": "sent",
        "attempts": 1,
        "due_at": comment["created_at"],
        "sent_at": comment["created_at"],
        "position": 0,
    }


def _index(
    facts: dict[int, dict[str, Any]], comments: list[dict[str, Any]]
) -> Iterator[dict[str, Any]]:
    for number, fact in facts.items():
        name = _name(fact["contact"])
        yield {
            "id": -number,
            "task_id": number,
            "comment_id": None,
            "folded": document([fact["title"], name]),
        }
    for one in comments:
        fact = facts[one["task_id"]]
        name = _name(fact["contact"])
        address = f"c{fact['contact']}@client.example"
        incoming = one["direction"] == "incoming"
        at = datetime.fromisoformat(one["created_at"]).replace(tzinfo=UTC)
        yield {
            "id": place(at, one["id"]),
            "task_id": one["task_id"],
            "comment_id": one["id"],
            "folded": document(
                [fact["title"], name],
                one["text"],
                authors=[name, address] if incoming else [],
                recipients=[] if incoming else [name, address],
                author_agent=one["agent_id"],
            ),
        }


def _long_task(connection: sqlite3.Connection, number: int) -> None:
    """A conversation of ``LONG`` comments."""
    rand = random.Random(number)
    fact = _fact(number, number, rand) | {"at": END, "active": True, "account": 1}
    _insert(connection, "task", iter([_task(number, fact)]))
    first = number * COMMENTS
    rows = []
    for k in range(LONG):
        row = _comment(number, 0, fact, rand)
        at = _text(END - timedelta(minutes=LONG - k))
        rows.append(row | {"id": first + k, "chat_id": None, "created_at": at, "source_id": None})
    _insert(connection, "comment", iter(rows))
