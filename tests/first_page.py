"""The statements of the first page as text: python -m tests.first_page writes them anew.

They are SQLAlchemy's own, compiled for SQLite, with a JSON list where it would put as many
parameters as there are values.
"""

import re
from typing import Any

from sqlalchemy import Boolean, Select, bindparam, select
from sqlalchemy.dialects import sqlite

from pfinbox.store import tables as t
from pfinbox.store.first_page.reading import STATEMENTS
from pfinbox.store.read.lists import pages, taskrows
from pfinbox.store.read.visibility import Viewer, _viewer, _visible_ids
from pfinbox.store.tables.base import Json, Utc

# Who asks, while a statement is put together.
AGENT, CLOSED = -1, -2
_ASKER = Viewer(AGENT, admin=False, baseline=0, closed_accounts=(CLOSED,), foreign_accounts=())
_KINDS: dict[type, str] = {Utc: "time", Boolean: "flag", Json: "json"}


def made() -> str:
    """What the file has to say."""
    agent, setting, account = t.agent.c, t.setting.c, t.account.c
    of_login = agent.login == bindparam("login")
    statements: dict[str, Select[Any]] = {
        "agent": select(agent.id, agent.name, agent.active).where(of_login),
        "look": select(setting.value).where(setting.name == bindparam("name")),
        "channels": select(account.channel, account.channel_label).where(account.configured),
        "viewer": _viewer(),
        "page": pages._page(_ASKER, "to_answer", from_end=False, goes_on=False),
        "rows": taskrows._rows(),
        "states": taskrows._states(),
        "heard": taskrows._heard(),
        "visible": _visible_ids(_ASKER),
    }
    head = "-- Made by python -m tests.first_page; do not change by hand.\n"
    return head + "".join(_text(name, one) for name, one in statements.items())


def _text(name: str, statement: Select[Any]) -> str:
    compiled = statement.compile(dialect=sqlite.dialect(paramstyle="named"))
    text = str(compiled)
    for parameter, value in compiled.params.items():
        listed = _values(parameter, value)
        text = text.replace(f"__[POSTCOMPILE_{parameter}]", listed)
        if value is not None:
            text = re.sub(rf":{parameter}\b", listed, text)
    kinds = [
        f"{column.name}:{_KINDS[type(column.type)]}"
        for column in statement.selected_columns
        if type(column.type) in _KINDS
    ]
    lines = "\n".join(line.rstrip() for line in text.splitlines())
    return f"\n-- statement {' '.join((name, *kinds))}\n{lines}\n"


def _values(parameter: str, value: Any) -> str:
    if value is None:
        return f"SELECT value FROM json_each(:{parameter})"
    if value == [CLOSED]:
        return "SELECT value FROM json_each(:closed)"
    values = value if isinstance(value, list) else [value]
    return ", ".join(":agent_id" if one == AGENT else _literal(one) for one in values)


def _literal(value: Any) -> str:
    return f"'{value}'" if isinstance(value, str) else str(int(value))


if __name__ == "__main__":
    STATEMENTS.write_text(made())
