"""Frames between the daemon and a process that reads mails: a length, JSON, and bytes beside it.

No pickles: whoever takes that process over with a mail must not get into the daemon by its answer.
"""

import json
import re
import struct
from collections.abc import Callable, Sequence
from typing import Any

# Of the whole rest; of the JSON in it.
LENGTH = struct.Struct("!Q")
_JSON = struct.Struct("!I")
# An empty list is two bytes of JSON and fifty in memory: of longer JSON all are counted first.
_SHORT = 4 << 20
_MOST_CONTAINERS = 200_000
_STRING = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"', re.DOTALL)


class FrameError(ValueError):
    """No frame of ours."""


def pack(value: Any, blobs: Sequence[bytes] = ()) -> bytes:
    """A JSON value and the bytes that it refers to by their number, in one frame."""
    told = [value, [len(blob) for blob in blobs]]
    text = json.dumps(told, ensure_ascii=False, separators=(",", ":"))
    data = text.encode("utf-8", "surrogatepass")
    size = _JSON.size + len(data) + sum(map(len, blobs))
    return b"".join((LENGTH.pack(size), _JSON.pack(len(data)), data, *blobs))


def unpack(data: bytes) -> tuple[Any, list[bytes]]:
    """What :func:`pack` was given, without the length in front; FrameError for anything else."""
    try:
        (size,) = _JSON.unpack_from(data)
        at = _JSON.size + size
        value, lengths = _value(data[_JSON.size : at])
        blobs = []
        for length in lengths:
            if type(length) is not int or length < 0:
                raise FrameError("no length")
            blobs.append(data[at : at + length])
            at += length
    except (struct.error, ValueError, TypeError, RecursionError) as error:
        raise FrameError(str(error)) from error
    if at != len(data):
        raise FrameError("of another length")
    return value, blobs


def _value(text: bytes) -> Any:
    if len(text) > _SHORT:
        rest = _STRING.sub(b"", text)
        if rest.count(b"[") + rest.count(b"{") > _MOST_CONTAINERS:
            raise FrameError("too much in it")
    return json.loads(text)


def receive(exactly: Callable[[int], bytes]) -> tuple[Any, list[bytes]]:
    """The next frame; ``exactly`` gives so many bytes."""
    return unpack(receive_packed(exactly))


def receive_packed(exactly: Callable[[int], bytes], most: int | None = None) -> bytes:
    """The next frame as :func:`unpack` takes it; ``most`` is the longest frame taken."""
    (size,) = LENGTH.unpack(exactly(LENGTH.size))
    if most is not None and size > most:
        raise FrameError("too long")
    return exactly(size)
