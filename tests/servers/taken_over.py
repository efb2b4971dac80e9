"""A process that reads a stranger's file, taken over by it: it does all the harm that it can.

As a reader of mails it says in the message what it could do; as a reader of files
(``python -m tests.servers.taken_over``) it never stops answering.
"""

import json
import os
import resource
import sys
import tempfile
from dataclasses import replace
from typing import Any

from pfinbox.channels.mail.apart.worker_main import main
from pfinbox.channels.mail.reading.mime import Place, Reader, read_mail
from pfinbox.domain.contract.incoming import Message


def could() -> dict[str, Any]:
    """What the system let it do."""
    done: dict[str, Any] = {"environment": sorted(os.environ), "memory": True, "written": True}
    descriptors = []
    for number in range(3, 256):
        try:
            os.fstat(number)
            descriptors.append(number)
        except OSError:
            continue
    done["inherited"] = len(descriptors)
    try:
        bytearray(2 << 30)
    except MemoryError:
        done["memory"] = False
    try:
        with tempfile.TemporaryFile(buffering=0) as file:
            file.write(b"x")
    except OSError:
        done["written"] = False
    opened: list[int] = []
    try:
        while len(opened) < 1000:
            opened.append(os.open(os.devnull, os.O_RDONLY))
    except OSError:
        pass
    for one in opened:
        os.close(one)
    done["opened"] = len(opened)
    # Of root the system takes no notice of it.
    done["processes"] = resource.getrlimit(resource.RLIMIT_NPROC)
    done["core"] = resource.getrlimit(resource.RLIMIT_CORE)
    return done


def read(raw: bytes, reader: Reader, place: Place) -> Message:
    return replace(read_mail(raw, reader, place), text=json.dumps(could()))


if __name__ == "__main__":
    if sys.argv[1:]:
        while True:
            sys.stdout.buffer.write(b"x" * 65536)
    main(read)
