"""The admin's commands on real servers: ``daemon``, ``daemon --once``, ``doctor``.

A process costs seconds (aiogram's import), so only what is killed has one of its own.
"""

import asyncio
import contextlib
import io
import json
import logging
import re
import signal
import sqlite3
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from pfinbox.cli import entry
from tests.end_to_end.house import write_config
from tests.end_to_end.test_mail import a_mail
from tests.servers.bot_api import TOKEN, BotApi
from tests.servers.dovecot import PASSWORD, Mailbox
from tests.servers.smtp import SmtpServer


@pytest.fixture
def path(tmp_path: Path, mailbox: Mailbox, smtp_server: SmtpServer, bot_api: BotApi) -> Path:
    url = f"sqlite:///{tmp_path / 'inbox.sqlite'}"
    return write_config(tmp_path, url, mailbox, smtp_server, bot_api)


async def start(path: Path, *arguments: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "pfinbox",
        "--config",
        str(path),
        "--agent",
        "anna",
        *arguments,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )


async def run(path: Path, *arguments: str) -> tuple[int, str, str]:
    """Exit code, stdout, stderr of a command in this process."""
    words = ["--config", str(path), "--agent", "anna", *arguments]
    with (
        contextlib.redirect_stdout(io.StringIO()) as out,
        contextlib.redirect_stderr(io.StringIO()) as err,
    ):
        # The servers of the test live on this loop.
        code = await asyncio.to_thread(entry.run, words)
    return code, out.getvalue(), err.getvalue()


@pytest.fixture(autouse=True)
def logging_as_before() -> Iterator[None]:
    """A daemon in this process sets up its own."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)


async def test_r1_r13_once_receives_and_sends(
    path: Path, mailbox: Mailbox, smtp_server: SmtpServer, bot_api: BotApi
) -> None:
    """A script's whole day: receive, list, comment, send."""
    config = path.read_text().replace('address = "', 'first_sync = "all"\naddress = "', 1)
    path.write_text(config)
    mailbox.deliver(a_mail(mailbox, "Where is my order?"))
    bot_api.clients.says(text="Hello from the chat")
    assert (await run(path, "daemon", "--once"))[0] == 0
    code, out, _err = await run(path, "task", "list", "--all", "--json")
    tasks = {task["channel"]: task for task in json.loads(out)}
    assert (code, set(tasks)) == (0, {"email", "telegram"})
    for task in tasks.values():
        code, _out, err = await run(
            path, "task", "comment", str(task["id"]), "--text", "Soon", "--notify", "client"
        )
        assert code == 0, err
    assert smtp_server.taken == []
    assert (await run(path, "daemon", "--once"))[0] == 0
    assert [mail.recipients for mail in smtp_server.taken] == [("maria@client.example",)]
    assert [message["text"] for message in bot_api.sent] == ["Soon"]
    await compared(path, mailbox, tasks["email"]["id"])


async def compared(path: Path, mailbox: Mailbox, task_id: int) -> None:
    """What is at one side only is named, in both directions; nothing changes by looking."""
    assert (await run(path, "account", "check", "support"))[:2] == (
        0,
        "all that the server has is here\n",
    )
    mailbox.deliver(a_mail(mailbox, "One more", Message_ID="<late@client.example>"))
    mailbox.server.doveadm("expunge", "-u", mailbox.username, "mailbox", "INBOX", "uid", "1")
    for _ in range(2):
        code, out, _err = await run(path, "account", "check", "support", "--json")
        found = json.loads(out)
        assert code == 1
        assert [one["source_id"] for one in found["missing"]] == ["<late@client.example>"]
        assert [one["task_id"] for one in found["extra"]] == [task_id]
        keys = [one["key"].rpartition(":") for one in (*found["missing"], *found["extra"])]
        assert [(folder.split(":")[0], uid) for folder, _c, uid in keys] == [
            ("INBOX", "2"),
            ("INBOX", "1"),
        ]
    code, out, _err = await run(path, "account", "check", "support")
    assert "only here: " in out
    code, _out, err = await run(path, "account", "check", "bot")
    assert (code, "keeps no history" in err) == (6, True)
    assert (await run(path, "account", "check", "nobody"))[0] == 5


async def said(daemon: asyncio.subprocess.Process, words: str) -> None:
    """Until the daemon says these words."""
    assert daemon.stderr is not None
    async with asyncio.timeout(60):
        while words not in (line := (await daemon.stderr.readline()).decode()):
            assert line, "the daemon ended"


async def test_a_second_daemon_stands_by_and_takes_over_when_the_first_is_killed(
    path: Path,
) -> None:
    # By mail alone: aiogram's import is all that the other account would add here.
    path.write_text(path.read_text().partition("[accounts.bot]")[0])
    first = await start(path, "daemon")
    await said(first, "support: ok")
    code, _out, err = await run(path, "daemon", "--once")
    assert code == 1
    assert f"pid {first.pid}" in err
    second = await start(path, "daemon")
    await said(second, "standing by")
    first.send_signal(signal.SIGKILL)
    await first.wait()
    await said(second, "support: ok")
    second.terminate()
    async with asyncio.timeout(20):
        assert await second.wait() == 0


WRONG = {
    "sign-in": (
        [(PASSWORD, "wrong"), ('token = "', 'token = "1')],
        ["support: IMAP", "bot", "refused the sign-in"],
    ),
    "host and TLS": (
        [
            ('smtp = { host = "127.0.0.1"', 'smtp = { host = "127.0.0.2"'),
            ('tls = "none", username', 'tls = "ssl", username'),
        ],
        ["127.0.0.2", "cannot be reached", "there is no TLS"],
    ),
    "key": ([('address = "', 'adress = "')], ["did you mean address"]),
    "secret": (
        [(f'password = "{PASSWORD}"', 'password = { env = "NOT_SET_ANYWHERE" }')],
        ["NOT_SET_ANYWHERE"],
    ),
}


@pytest.mark.parametrize("case", list(WRONG))
async def test_doctor_says_in_words_what_is_wrong(path: Path, case: str) -> None:
    changes, told = WRONG[case]
    text = path.read_text()
    for before, after in changes:
        assert before in text
        text = text.replace(before, after, 1)
    path.write_text(text)
    code, out, err = await run(path, "doctor")
    assert code == 1
    for words in told:
        assert words in out + err
    # Neither of the real ones, whole, is ever shown.
    assert TOKEN not in out + err


async def test_doctor_finds_nothing_where_nothing_is_wrong_but_the_missing_daemon(
    path: Path,
) -> None:
    _code, out, err = await run(path, "doctor")
    assert "no daemon is running" in out + err
    assert "refused" not in out + err
    # Each step of a server has its time.
    assert re.search(r"^ok  support: IMAP \S+, connection  \(\d+\.\d\d s\)$", out, re.M)


async def test_a_newer_schema_and_a_file_that_is_no_database_are_told_and_left_alone(
    path: Path, tmp_path: Path
) -> None:
    assert (await run(path, "task", "list"))[0] == 0
    with sqlite3.connect(tmp_path / "inbox.sqlite") as database:
        database.execute("update alembic_version set version_num = '9999'")
    for arguments, expected in ((("task", "list"), 4), (("doctor",), 1), (("daemon", "--once"), 4)):
        code, out, err = await run(path, *arguments)
        assert (code, "9999" in out + err) == (expected, True)
    (tmp_path / "inbox.sqlite").write_bytes(b"this is not a database at all" * 100)
    code, _out, err = await run(path, "task", "list")
    assert code == 4
    assert "Traceback" not in err
