"""A stranger's file is read by a process of its own, which it can neither hang nor take along."""

import asyncio
import contextlib

from pfinbox import confining

# Seconds to wait, bytes of memory, seconds of CPU.
SECONDS, MEMORY, CPU = 15.0, 1 << 30, 15
# How a reader ends whose library is not installed.
WITHOUT = 3
_FAILED = 1


async def read_sandboxed(
    reader: str, content: bytes, *arguments: str, most: int
) -> tuple[int, bytes]:
    """What the module ``reader`` makes of the bytes, with its exit code.

    One that answers with more than ``most`` bytes has failed: it may be the file that answers.
    Raises TimeoutError.
    """
    process = await asyncio.create_subprocess_exec(
        *confining.python(reader, *arguments),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        env=confining.bare_environment(),
    )
    try:
        async with asyncio.timeout(SECONDS):
            _fed, out = await asyncio.gather(_feed(process, content), _read(process, most))
            code = await process.wait() if len(out) <= most else _FAILED
    finally:
        if process.returncode is None:
            process.kill()
            await _ended(process)
    return code, out


async def _feed(process: asyncio.subprocess.Process, content: bytes) -> None:
    if process.stdin is not None:
        with contextlib.suppress(ConnectionError):
            process.stdin.write(content)
            await process.stdin.drain()
        process.stdin.close()


async def _read(process: asyncio.subprocess.Process, most: int) -> bytes:
    """All that it writes, or a little more than ``most``; then it is not listened to any more."""
    data = bytearray()
    while process.stdout is not None and len(data) <= most:
        chunk = await process.stdout.read(most + 1 - len(data))
        if not chunk:
            break
        data += chunk
    if len(data) > most:
        process.kill()
    return bytes(data)


async def _ended(process: asyncio.subprocess.Process) -> None:
    """Wait for the end of a killed process.

    asyncio does not see that end while the pipe is full and nobody reads: what stands in it goes.
    """
    while process.stdout is not None and await process.stdout.read(1 << 16):
        pass
    await process.wait()
