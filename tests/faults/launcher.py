"""Starts daemons as processes in a tenth of a second: what they import is here already.

Run by ``processes.py``. A line of JSON on stdin is a program to start; a line on stdout says its
pid, and another one, later, how it ended.
"""

import asyncio
import gc
import importlib
import json
import os
import signal
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import FrameType
from typing import Any

from pfinbox.domain.leasing import Process
from tests.faults.crashing import POINTS, Moment, hang_in

_IMPORTED = (
    "pfinbox.__main__",
    "pfinbox.bootstrap.doctor",
    "pfinbox.bootstrap.logs",
    "pfinbox.bootstrap.serve",
    "pfinbox.channels.mail.spec",
    "pfinbox.channels.telegram.spec",
    "pfinbox.cli.daemon",
    "pfinbox.cli.entry",
    "aiogram.client.session.aiohttp",
    "aiosqlite",
    "asyncpg",
    "sqlalchemy.dialects.postgresql.asyncpg",
    "sqlalchemy.dialects.sqlite.aiosqlite",
    *(module for module, _function, _side in POINTS.values()),
)


def main() -> None:
    for name in _IMPORTED:
        importlib.import_module(name)
    gc.collect()
    gc.freeze()
    signal.signal(signal.SIGCHLD, _ended)
    _say(ready=True)
    for line in sys.stdin:
        given = json.loads(line)
        # Held back until its pid has been said.
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGCHLD})
        pid = os.fork()
        if pid == 0:
            _run(given)
        _say(started=pid)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGCHLD})


def _say(**what: Any) -> None:
    os.write(1, json.dumps(what).encode() + b"\n")


def _ended(_number: int, _frame: FrameType | None) -> None:
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if pid == 0:
            return
        _say(ended=pid, code=os.waitstatus_to_exitcode(status))


def _run(given: dict[str, Any]) -> None:
    """The child: becomes the program, and never returns."""
    code = 1
    counting = None
    try:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGCHLD})
        log = os.open(given["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.dup2(log, 1)
        os.dup2(log, 2)
        os.environ.update(given["env"])
        sys.argv = ["pfinbox", *given["arguments"]]
        if given["silence"]:
            _hurry(given["silence"])
        if given["namesake"]:
            _rename()
        if given["clock"]:
            _shift(Path(given["clock"]))
        if given["moment"] or given["counts"]:
            counting = hang_in(Moment(**given["moment"]) if given["moment"] else None)
        importlib.import_module("pfinbox.__main__").main()
    except SystemExit as error:
        code = error.code if isinstance(error.code, int) else int(error.code is not None)
    finally:
        if counting is not None and given["counts"]:
            with open(given["counts"], "w") as file:
                json.dump(counting.counts, file)
        sys.stdout.flush()
        os._exit(code)


def _hurry(silence: float) -> None:
    """Daemons take a silent one for dead after so many seconds."""
    leases = importlib.import_module("pfinbox.daemon.leases")
    leases.Rhythm.__init__.__defaults__ = (silence / 4, silence, silence / 12)


def _rename() -> None:
    """As in a container: each has the same host name, and the first pid."""
    leases = importlib.import_module("pfinbox.daemon.leases")
    vars(leases)["this_process"] = lambda: Process("container", 1)


def _shift(file: Path) -> None:
    """The wall clock goes wrong by so many seconds as stand in the file, at each look anew."""

    def now() -> datetime:
        return datetime.now(UTC) + timedelta(seconds=float(file.read_text()))

    store = importlib.import_module("pfinbox.store.uow").Store
    store.__init__.__defaults__ = (now, *store.__init__.__defaults__[1:])


if __name__ == "__main__":
    # No loop may be there when it forks.
    asyncio.set_event_loop(None)
    main()
