"""An IMAP server that answers as a named provider does: its greeting, words and folder names.

Enough of the protocol for one session; what a provider says is in ``tests/channels/mail``.
"""

import asyncio
import re
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

Answer = str | None


@dataclass(slots=True)
class Kept:
    """A mail in a folder: its number, bytes, and what the provider adds to a FETCH answer."""

    uid: int
    raw: bytes
    more: str = ""
    # What Exchange estimates instead of counting.
    size: int | None = None


@dataclass
class ScriptedImap:
    """``says`` may answer a whole command line itself: "NO …", "BAD …", or "BYE …" and hang up."""

    greeting: str
    capabilities: str
    folders: list[str]
    mails: dict[str, list[Kept]] = field(default_factory=dict)
    # Data items after the literal instead of before it, as Exchange has them.
    literal_first: bool = False
    says: Callable[[str], Answer] = lambda _line: None
    port: int = 0
    seen: list[str] = field(default_factory=list)
    _open: str = ""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(f"* OK {self.greeting}\r\n".encode())
        while line := (await reader.readline()).decode().strip():
            tag, _space, command = line.partition(" ")
            self.seen.append(command)
            answer = self.says(command)
            if answer is not None and answer.startswith("BYE"):
                writer.write(f"* {answer}\r\n".encode())
                break
            if answer is None:
                answer = "OK done"
                if command == "IDLE":
                    writer.write(b"+ idling\r\n")
                    await reader.readline()
                else:
                    writer.write(self._data(command))
            writer.write(f"{tag} {answer}\r\n".encode())

    def _data(self, command: str) -> bytes:
        verb, _space, rest = command.removeprefix("UID ").partition(" ")
        if verb == "CAPABILITY":
            return f"* CAPABILITY {self.capabilities}\r\n".encode()
        if verb == "LIST":
            return "".join(f"* LIST {line}\r\n" for line in self.folders).encode()
        if verb in ("EXAMINE", "SELECT"):
            self._open = rest.strip('"')
            following = max((mail.uid for mail in self._mails()), default=0) + 1
            lines = f"* {len(self._mails())} EXISTS\r\n* OK [UIDVALIDITY 7] fine\r\n"
            return f"{lines}* OK [UIDNEXT {following}] fine\r\n".encode()
        if verb == "SEARCH":
            first = int(re.findall(r"\d+", rest)[0])
            found = [str(mail.uid) for mail in self._mails() if mail.uid >= first]
            # "n:*" always means the last one, too.
            last = [str(mail.uid) for mail in self._mails()[-1:]]
            return f"* SEARCH {' '.join(found or last)}\r\n".encode()
        if verb == "FETCH":
            runs = (run.split(":") for run in rest.partition(" ")[0].split(","))
            wanted = {uid for run in runs for uid in range(int(run[0]), int(run[-1]) + 1)}
            return b"".join(
                self._fetched(number, mail, rest)
                for number, mail in enumerate(self._mails(), 1)
                if mail.uid in wanted
            )
        return b""

    def _mails(self) -> list[Kept]:
        return self.mails.get(self._open, [])

    def _fetched(self, number: int, mail: Kept, asked: str) -> bytes:
        if "HEADER.FIELDS" in asked:
            found = re.search(rb"^message-id:.*?\r\n(?![ \t])", mail.raw, re.I | re.M | re.S)
            name, data = "BODY[HEADER.FIELDS (MESSAGE-ID)]", (found.group() if found else b"")
            data += b"\r\n"
        elif "HEADER]" in asked:
            name, data = "BODY[HEADER]", mail.raw.partition(b"\r\n\r\n")[0] + b"\r\n\r\n"
        else:
            name, data = "BODY[]", mail.raw
        size = len(mail.raw) if mail.size is None else mail.size
        rest = f'UID {mail.uid} RFC822.SIZE {size} INTERNALDATE "02-Nov-2026 10:00:00 +0300"'
        rest += mail.more if "RFC822.SIZE" in asked else ""
        literal = f"{name} {{{len(data)}}}\r\n".encode() + data
        parts = (literal, rest.encode()) if self.literal_first else (rest.encode(), literal)
        return f"* {number} FETCH (".encode() + b" ".join(parts) + b")\r\n"


Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Coroutine[Any, Any, None]]


@asynccontextmanager
async def listening(talk: Talk) -> AsyncIterator[int]:
    """``talk`` with whoever comes, at the port given; nobody is talked to any more afterwards."""
    talking: set[asyncio.Task[None]] = set()

    async def one(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        talking.add(task)
        try:
            await talk(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            return  # the other side has gone in the middle of a word
        finally:
            writer.close()
            talking.discard(task)

    server = await asyncio.start_server(one, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for task in talking:
            task.cancel()
        await asyncio.gather(*talking, return_exceptions=True)


@asynccontextmanager
async def scripted(server: ScriptedImap) -> AsyncIterator[ScriptedImap]:
    """``server`` on a free port of loopback."""
    async with listening(server.serve) as server.port:
        yield server
