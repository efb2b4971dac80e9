"""A stranger's file is read by a process of its own, which it can neither hang nor take along."""

import asyncio
import contextlib
import resource
import sys

# Seconds to wait, bytes of memory, seconds of CPU.
SECONDS, MEMORY, CPU = 15.0, 1 << 30, 15
# How a reader ends whose library is not installed.
WITHOUT = 3


async def read_sandboxed(reader: str, content: bytes, *arguments: str) -> tuple[int, bytes]:
    """What ``python -m READER ARGUMENTS`` makes of the bytes, with its exit code.

    Raises TimeoutError.
    """
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", reader, *arguments),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        async with asyncio.timeout(SECONDS):
            out, _err = await process.communicate(content)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    return process.returncode or 0, out


def confine() -> None:
    """Called by a reader: no more memory and CPU than any honest file needs."""
    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        resource.setrlimit(resource.RLIMIT_CPU, (CPU, CPU))
