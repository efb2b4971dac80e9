"""Where this daemon runs, and whether another one on this machine is still alive."""

import contextlib
import hashlib
import os
import socket
from pathlib import Path

from pfinbox.domain.restoring import Machine
from pfinbox.services.leases import Process


def this_process() -> Process:
    return Process(socket.gethostname(), _boot_id(), os.getpid())


def alive(process: Process) -> bool | None:
    """False for a dead process of this machine; None for another machine's."""
    if process.host != socket.gethostname():
        return None
    if process.boot_id != _boot_id():
        return False
    try:
        os.kill(process.pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def this_machine() -> Machine:
    """The same after a restart, another one for a copy on another host."""
    host = socket.gethostname()
    name = host
    with contextlib.suppress(OSError):
        # machine-id(5): it is to be shown to nobody, so only a hash of it is kept.
        name = Path("/etc/machine-id").read_text().strip() or host
    return Machine(hashlib.sha256(f"pfinbox {name}".encode()).hexdigest()[:32], host)


def _boot_id() -> str:
    """Changes with every start of the machine, so that an old pid proves nothing."""
    with contextlib.suppress(OSError):
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    with contextlib.suppress(OSError):
        # Elsewhere the time of the kernel's start, as its first process shows it.
        return str(int(Path("/dev").stat().st_ctime))
    return ""
