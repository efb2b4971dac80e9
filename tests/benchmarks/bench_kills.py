"""A daemon is killed while it hands a mail over: how often nobody knows whether it arrived (R24).

Each round one comment is due; a daemon connects to the SMTP server over a line with a real one's
delays, and gets SIGKILL at a random moment between its first byte and the end of the hand-over.
The next daemon takes over and sends what may be sent again. Counted: unknown, lost, twice.

Run: python -m tests.benchmarks.bench_kills [kills] [seed]
"""

import asyncio
import contextlib
import json
import os
import random
import signal
import socket
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from sqlalchemy import select

from pfinbox.store import tables as t
from tests.builders import Inbox, client
from tests.servers.smtp import SmtpServer, run_smtp

# One way, in seconds; and bytes a second up to the server.
_DELAY = 0.02
_RATE = 2_000_000
_TEXT = "words and more words\n" * 5000
_FINAL = {"sent", "unknown", "failed"}


class Line:
    """Between daemon and server: every piece takes its time, both ways."""

    def __init__(self, server: SmtpServer) -> None:
        self._server = server
        self.begun = asyncio.Event()

    async def open(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.begun.set()
        there, back = await asyncio.open_connection(self._server.host, self._server.port)
        up = asyncio.create_task(self._carry(reader, back, _RATE))
        down = asyncio.create_task(self._carry(there, writer, 0))
        await asyncio.wait({up, down}, return_when=asyncio.FIRST_COMPLETED)
        up.cancel()
        down.cancel()
        back.close()
        writer.close()

    async def _carry(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, rate: int
    ) -> None:
        with contextlib.suppress(OSError):
            while piece := await reader.read(16_384):
                await asyncio.sleep(_DELAY + (len(piece) / rate if rate else 0))
                writer.write(piece)
                await writer.drain()


def _narrow() -> socket.socket:
    """What the line has not taken yet waits at the daemon's end, as on a real one."""
    listening = socket.socket()
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    listening.bind(("127.0.0.1", 0))
    return listening


class House:
    """One store, and a daemon as a process of its own."""

    def __init__(self, folder: Path, inbox: Inbox, port: int) -> None:
        self.inbox = inbox
        self.config = folder / "config.toml"
        self.config.write_text(
            f"[database]\nurl = {json.dumps(inbox.store.url)}\n"
            '[accounts.support]\nchannel = "email"\naddress = "support@ours.example"\n'
            f'smtp = {{ host = "127.0.0.1", port = {port}, tls = "none" }}\n'
        )
        self.config.chmod(0o600)
        self._env = os.environ | {"XDG_STATE_HOME": str(folder / "state")}

    async def daemon(self) -> asyncio.subprocess.Process:
        return await asyncio.create_subprocess_exec(
            sys.executable, "-m", "pfinbox", "--config", str(self.config), "daemon", env=self._env
        )

    async def state(self) -> str:
        """Of the newest delivery."""
        async with self.inbox.store.read() as uow:
            row = (
                await uow.connection.execute(
                    select(t.delivery.c.state).order_by(t.delivery.c.id.desc()).limit(1)
                )
            ).one()
        return str(row.state)

    async def until_final(self, seconds: float = 60.0) -> str:
        async with asyncio.timeout(seconds):
            # Another process writes it, and it may be killed before it can tell.
            while (state := await self.state()) not in _FINAL:  # noqa: ASYNC110
                await asyncio.sleep(0.02)
        return state


async def _end(process: asyncio.subprocess.Process, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        process.send_signal(number)
    await process.wait()


async def run(kills: int, seed: int) -> None:
    dice = random.Random(seed)
    with tempfile.TemporaryDirectory() as name, run_smtp() as server:
        folder = Path(name)
        line = Line(server)
        listening = await asyncio.start_server(line.open, sock=_narrow(), limit=8192)
        inbox = await Inbox.make(f"sqlite+aiosqlite:///{folder / 'x.sqlite'}")
        house = House(folder, inbox, listening.sockets[0].getsockname()[1])
        task = await inbox.mails()

        async def begun(number: int) -> asyncio.subprocess.Process:
            inbox.clock.advance(seconds=1)
            line.begun.clear()
            await inbox.comment(1, f"mail {number}\n{_TEXT}", to=[client(1)])
            process = await house.daemon()
            await line.begun.wait()
            return process

        # How long it takes undisturbed.
        process = await begun(0)
        started = time.monotonic()
        assert await house.until_final() == "sent"
        whole = time.monotonic() - started
        await _end(process, signal.SIGTERM)
        print(f"task {task}: a hand-over takes {whole:.2f} s")  # noqa: T201

        ends: Counter[str] = Counter()
        for number in range(1, kills + 1):
            process = await begun(number)
            await asyncio.sleep(dice.uniform(0, whole))
            await _end(process, signal.SIGKILL)
            process = await house.daemon()
            ends[await house.until_final()] += 1
            await _end(process, signal.SIGTERM)
        arrived = Counter(
            int(one.content.split(b"mail ", 1)[1].split(b"\r\n", 1)[0]) for one in server.taken
        )
        async with inbox.store.read() as uow:
            states = list(
                await uow.connection.scalars(select(t.delivery.c.state).order_by(t.delivery.c.id))
            )
        await inbox.store.close()
        listening.close()
    unknown = [n for n, state in enumerate(states) if state == "unknown"]
    lost = [n for n, state in enumerate(states) if state == "sent" and not arrived[n]]
    twice = [n for n, count in arrived.items() if count > 1]
    print(  # noqa: T201
        f"{kills} kills: {dict(ends)}; unknown {len(unknown) / kills:.2f} a kill "
        f"({sum(arrived[n] for n in unknown)} of them had arrived); "
        f"lost {len(lost)}, twice {len(twice)}"
    )


if __name__ == "__main__":
    given = [int(one) for one in sys.argv[1:]]
    asyncio.run(run(*(given + [40, 1][len(given) :])))
