"""Where this daemon runs."""

import contextlib
import hashlib
import os
import socket
from pathlib import Path

from pfinbox.domain.leasing import Process
from pfinbox.domain.outbound.restoring import Machine


def this_process() -> Process:
    return Process(socket.gethostname(), os.getpid())


def this_machine() -> Machine:
    """This machine, named alike after a restart; a copy on another host has another name."""
    host = socket.gethostname()
    name = host
    with contextlib.suppress(OSError):
        # machine-id(5) is confidential, so only a hash of it is kept.
        name = Path("/etc/machine-id").read_text().strip() or host
    return Machine(hashlib.sha256(f"pfinbox {name}".encode()).hexdigest()[:32], host)
