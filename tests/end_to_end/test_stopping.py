"""A daemon that is told to stop ends in time, whatever it waits for."""

import asyncio
import os
import signal
import sqlite3
import sys
import time
from pathlib import Path

import pytest


@pytest.fixture
def kind() -> str:
    return "sqlite"


async def test_sigterm_ends_it_within_fifteen_seconds_whatever_waits(tmp_path: Path) -> None:
    """At once: a server that says nothing, a secret's command that hangs, a locked database."""
    asked = asyncio.Event()

    async def say_nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.set()
        await reader.read()
        writer.close()

    server = await asyncio.start_server(say_nothing, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    fifo, path = tmp_path / "fifo", tmp_path / "config.toml"
    os.mkfifo(fifo)
    path.write_text(
        f"""
[database]
url = "sqlite:///{tmp_path}/inbox.sqlite"
[accounts.support]
channel = "email"
address = "support@ours.example"
imap = {{ host = "127.0.0.1", port = {port}, tls = "none", username = "x", password = "x" }}
smtp = {{ host = "127.0.0.1", port = {port}, tls = "none" }}
[accounts.bot]
channel = "telegram"
token = {{ command = "sh -c 'echo $$ > {fifo}; exec sleep 600'" }}
"""
    )
    path.chmod(0o600)
    daemon = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "pfinbox", "--config", str(path), "daemon"
    )
    command = int(await asyncio.to_thread(fifo.read_text))
    locked = sqlite3.connect(tmp_path / "inbox.sqlite", isolation_level=None)
    try:
        await asked.wait()
        locked.execute("begin immediate")
        began = time.monotonic()
        daemon.terminate()
        assert await daemon.wait() == 0
        assert time.monotonic() - began < 15
    finally:
        locked.close()
        os.kill(command, signal.SIGKILL)
        server.close()
