"""The first page of the inbox, out of an SQLite file whose store is not open yet.

SQLAlchemy takes longer to import than the screen to be there. Its statements for this one page
stand in ``statements.sql`` as text, made of the ones in ``store.read`` by
``python -m tests.first_page``. Whatever is not as on most days (another schema, an agent who is
not there, a database that is busy) is left to the store: then there is no first page.
"""

import json
import sqlite3
from collections.abc import Callable, Iterable, Mapping
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import quote

from pfinbox.record import record
from pfinbox.store.rows.of_tasks import reply_limits, row_of_task
from pfinbox.store.rows.tasks import TaskPage
from pfinbox.store.sqlite.header import APPLICATION_ID, HEAD

STATEMENTS = Path(__file__).with_name("statements.sql")
_SQLITE = "sqlite+aiosqlite:///"
# Seconds that a lock may last; the store has more patience.
_PATIENCE = 0.1


@record
class FirstPage:
    """What the screen shows at first, and for whom.

    ``look``: as ``services.people.preferences``; ``channels``: what channels are called; ``page``
    is None where the store is to be asked for it.
    """

    agent_id: int
    agent_name: str
    look: dict[str, Any]
    channels: dict[str, str]
    page: TaskPage | None


def look(url: str, login: str, now: datetime, limit: int) -> FirstPage | None:
    """The first ``limit`` tasks to answer, as ``read.tasks`` gives them; None: ask the store."""
    path = url.removeprefix(_SQLITE)
    if path == url or "?" in path or not Path(path).is_file():
        return None
    try:
        address = f"file:{quote(path)}?mode=ro"
        with closing(
            sqlite3.connect(address, _PATIENCE, isolation_level=None, uri=True)
        ) as database:
            return _read(database, login, now, limit)
    except sqlite3.Error:
        return None


def _read(database: sqlite3.Connection, login: str, now: datetime, limit: int) -> FirstPage | None:
    if database.execute("pragma application_id").fetchone()[0] != APPLICATION_ID:
        return None
    # One state of the database, however many statements look at it.
    database.execute("begin")
    if database.execute("select version_num from alembic_version").fetchone() != (HEAD,):
        return None
    ask = _Asking(database)
    agent = next(iter(ask("agent", login=login)), None)
    if agent is None or not agent.active:
        return None
    viewer = ask("viewer", agent_id=agent.id)
    me = {
        "agent_id": agent.id,
        "closed": json.dumps([row.id for row in viewer if row.id is not None and row.closed]),
    }
    keys = ask("page", now=_utc(now), most=limit + 1, **me)
    ids = [row.id for row in keys[:limit]]
    rows = {row.id: row for row in ask.of("rows", ids, agent_id=agent.id)}
    states = {row.root_id: row for row in ask.of("states", ids)}
    limited = [one for one, row in rows.items() if reply_limits(row) is not None]
    heard = {row.root_id: row for row in ask.of("heard", limited)}
    before = {row.previous_root_id for row in rows.values()} - {None}
    # A task behind one that this agent may not see is looked for by the store (R8, R46).
    if before - {row.id for row in ask.of("visible", before, **me)}:
        return None
    looks = ask("look", name=f"look:{agent.id}")
    last = keys[limit - 1] if len(keys) > limit else None
    shown = [
        row_of_task(
            rows[one],
            viewer[0].read_baseline,
            states.get(one),
            rows[one].previous_root_id,
            heard.get(one),
        )
        for one in ids
    ]
    return FirstPage(
        agent.id,
        agent.name,
        dict(looks[0].value) if looks and isinstance(looks[0].value, dict) else {},
        {row.channel: row.channel_label for row in ask("channels")},
        TaskPage(tuple(shown), (last.key, last.id) if last is not None else None),
    )


class _Asking:
    """Carries out the statements by their names; rows have their columns as attributes."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self._database = database
        self._statements: dict[str, tuple[str, Mapping[str, str]]] = {}
        for part in STATEMENTS.read_text().split("-- statement ")[1:]:
            head, _newline, text = part.partition("\n")
            name, *typed = head.split()
            kinds = dict(one.split(":") for one in typed)
            self._statements[name] = text, kinds

    def __call__(self, name: str, /, **values: Any) -> list[SimpleNamespace]:
        text, kinds = self._statements[name]
        cursor = self._database.execute(text, values)
        columns = [column[0] for column in cursor.description]
        made = [_MADE.get(kinds.get(column, ""), _as_it_is) for column in columns]
        return [
            SimpleNamespace(
                **{
                    column: make(value) if value is not None else None
                    for column, make, value in zip(columns, made, row, strict=True)
                }
            )
            for row in cursor
        ]

    def of(self, name: str, ids: Iterable[int], /, **values: Any) -> list[SimpleNamespace]:
        """The same about these ids; nothing is asked about none."""
        listed = list(ids)
        return self(name, ids=json.dumps(listed), **values) if listed else []


def _as_it_is(value: Any) -> Any:
    return value


def _time(value: str) -> datetime:
    return datetime.fromisoformat(value).replace(tzinfo=UTC)


def _utc(at: datetime) -> str:
    """A moment as SQLAlchemy writes it for SQLite."""
    return at.astimezone(UTC).replace(tzinfo=None).isoformat(" ", "microseconds")


# How a column's value is made of SQLite's, by the kind that stands behind its statement's name.
_MADE: Mapping[str, Callable[[Any], Any]] = {"time": _time, "flag": bool, "json": json.loads}
