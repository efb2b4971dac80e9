"""Starting the process that reads mails, which takes as long as all that a daemon imports.

A daemon begins one before it imports anything else; the first account that is read takes it.
"""

import socket
import subprocess

from pfinbox import confining
from pfinbox.record import record

MAIN = "pfinbox.channels.mail.apart.worker_main"


@record
class Launched:
    """A process that tells by ``control`` when it can read."""

    process: "subprocess.Popen[bytes]"
    control: socket.socket


_spare: list[Launched] = []


def begin() -> None:
    """Have one at hand, and wait for nothing."""
    if not _spare:
        _spare.append(_launch(MAIN))


def launch(main: str = MAIN) -> Launched:
    """The one at hand, or a new one; ``main``: the module that it runs."""
    return _spare.pop() if _spare and main == MAIN else _launch(main)


def _launch(main: str) -> Launched:
    ours, theirs = socket.socketpair()
    with theirs:
        process = subprocess.Popen(
            confining.python(main),
            stdin=theirs.fileno(),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=confining.bare_environment(),
            # Ctrl+C in a terminal is for the daemon, which closes us in order.
            start_new_session=True,
        )
    return Launched(process, ours)
