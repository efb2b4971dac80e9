"""A daemon that a screen starts for itself."""

import asyncio
import subprocess
from collections.abc import Sequence

from pfinbox import confining


class OwnDaemon:
    """A daemon that lives as long as this program: it ends with its stdin, drained and clean."""

    def __init__(self, arguments: Sequence[str]) -> None:
        self._process = subprocess.Popen(
            confining.python("pfinbox", *arguments, "daemon", "--attended"),
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            # ctrl+c in the terminal is the app's, not the daemon's.
            start_new_session=True,
        )

    def keep(self) -> None:
        """Leave it running behind us."""
        if self._process.stdin is not None:
            self._process.stdin.write(b"keep\n")
            self._process.stdin.flush()

    async def end(self) -> None:
        """Let it drain and go; it needs at most some ten seconds."""
        if self._process.stdin is not None:
            self._process.stdin.close()
        await asyncio.to_thread(self._process.wait, 20)
