"""What simulated clients send and look like: real PNGs, drawn here, and a list of parts."""

import math
import struct
import zlib
from functools import cache
from hashlib import sha256

from pfinbox.domain.contract.files import File

_SIZE = 160
_PAPER, _RUBBER, _STEEL, _RUST = (236, 232, 222), (40, 42, 46), (128, 134, 142), (188, 64, 40)


@cache
def bent_wheel() -> File:
    """A wheel whose rim has met a kerb."""
    rows = b"".join(
        b"\0" + bytes(value for x in range(_SIZE) for value in _wheel(x, y)) for y in range(_SIZE)
    )
    return File("kolo.png", "image/png", _png(_SIZE, _SIZE, rows))


@cache
def wholesale_order() -> File:
    """A spreadsheet as wholesale customers send it."""
    lines = (
        "артикул;наименование;количество",
        "KMC-X11;цепь KMC X11, 118 звеньев;40",
        "SH-B01S;колодки Shimano B01S;120",
        "CST-700;покрышка 700x28C;60",
        "DT-265;спица DT Swiss 265 мм;1500",
    )
    return File("заказ-ноябрь.csv", "text/csv", "\r\n".join(lines).encode() + b"\r\n")


@cache
def disguised_picture() -> File:
    """Its name would read "prize-exe.png" where direction overrides are obeyed."""
    return File("prize-\u202egnp.exe", "application/octet-stream", b"This is only a text.\r\n")


@cache
def face(client: str) -> bytes:
    """What a client looks like: squares in one colour, the left half as the right one."""
    told = sha256(client.encode()).digest()
    colour = (told[0] // 2 + 60, told[1] // 2 + 60, told[2] // 2 + 60)
    cell = _SIZE // 5

    def pixel(x: int, y: int) -> tuple[int, int, int]:
        column, row = min(x // cell, 4 - x // cell), y // cell
        return colour if told[3 + 3 * row + column] % 2 else _PAPER

    rows = b"".join(
        b"\0" + bytes(value for x in range(_SIZE) for value in pixel(x, y)) for y in range(_SIZE)
    )
    return _png(_SIZE, _SIZE, rows)


def _wheel(x: int, y: int) -> tuple[int, int, int]:
    dx, dy = x - _SIZE / 2, y - _SIZE / 2
    angle = math.atan2(dy, dx)
    # The dent: the rim comes in by some pixels around one direction.
    radius = 66 - 11 * math.exp(-(((angle - 0.7) / 0.22) ** 2))
    distance = math.hypot(dx, dy)
    if abs(distance - radius) < 5:
        return _RUBBER
    if abs(distance - radius + 8) < 2.5:
        return _RUST if abs(angle - 0.7) < 0.35 else _STEEL
    if distance < 8:
        return _RUBBER
    spoke = abs(math.sin(angle * 9)) * distance
    return _STEEL if distance < radius - 8 and spoke < 7 else _PAPER


def _png(width: int, height: int, rows: bytes) -> bytes:
    """PNG (RFC 2083): eight bits a colour, no alpha."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        body = kind + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(rows, 9))
        + chunk(b"IEND", b"")
    )
