"""Processes that see strangers' bytes, or secrets: what they cannot do, whatever takes them over.

Linux and macOS differ in what can be limited (setrlimit(2)); what a system does not have is left.
"""

import contextlib
import os
import resource
import sys
from collections.abc import Sequence
from pathlib import Path

import pfinbox

_FILES = 32


def private() -> None:
    """For every program: whatever it makes is for this user alone, and its memory is in no file.

    Of a limit of 1 a program that the system has for core dumps gets nothing either (core(5)).
    Children inherit both.
    """
    os.umask(0o077)
    _limit(resource.RLIMIT_CORE, 1)


def confine(memory: int, seconds: int | None = None, *, alone: bool = True) -> None:
    """For a process that reads what strangers sent, once it has imported what it needs.

    No more ``memory`` in bytes and ``seconds`` of the processor than any honest file takes, no
    file written, few opened, and, if it is to be ``alone``, no other process begun.
    """
    _limit(resource.RLIMIT_CORE, 1)
    _limit(resource.RLIMIT_FSIZE, 0)
    _limit(resource.RLIMIT_NOFILE, _FILES)
    if seconds is not None:
        _limit(resource.RLIMIT_CPU, seconds)
    if alone:
        no_more_processes()
    # macOS counts what is only reserved, which is more than that from the start.
    if sys.platform != "darwin":
        _limit(resource.RLIMIT_AS, memory)


def no_more_processes() -> None:
    """Neither a program nor a thread can be started from now on."""
    _limit(resource.RLIMIT_NPROC, 0)


def python(module: str, *arguments: str) -> Sequence[str]:
    """The command that runs a module of ours; nothing is imported from the current folder.

    An agent may stand among files that strangers have named.
    """
    return [sys.executable, "-P", "-m", module, *arguments]


def bare_environment() -> dict[str, str]:
    """Nothing of our environment, which may hold passwords."""
    root = str(Path(pfinbox.__file__).parent.parent)
    return {"PYTHONPATH": root, "PATH": os.environ.get("PATH", ""), "LC_ALL": "C.UTF-8"}


def _limit(kind: int, most: int) -> None:
    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(kind, (most, most))
