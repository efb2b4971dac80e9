"""Copies of what a service sent, each with something in it that the service would never send."""

import json
from collections.abc import Iterator
from typing import Any

_ODD: tuple[Any, ...] = (
    None, True, -1, 0, 10**30, 1e300, float("inf"), "", "x", "\ud800\x00\x1b[2J", "9" * 30,
    [], {}, [None], [[]], {"x": 1}, "0001-01-01T00:00:00+14:00",
)  # fmt: skip

# Where what is no JSON is damaged.
_PLACES = 64


def odd_copies(raw: bytes) -> Iterator[bytes]:
    """Every value of the JSON in turn left out, or in place of it every odd one.

    What is no JSON, as a mail, is cut short, repeated from there on, or damaged, at many places.
    """
    try:
        whole = json.loads(raw)
    except ValueError:
        yield from _damaged(raw)
        return
    for place in _places(whole):
        yield _copy(whole, place, ...)
        for odd in _ODD:
            yield _copy(whole, place, odd)


def _damaged(raw: bytes) -> Iterator[bytes]:
    for at in range(0, len(raw), max(1, len(raw) // _PLACES)):
        yield raw[:at]
        yield raw + raw[at:]
        yield raw[:at] + bytes([raw[at] ^ 0x80]) + raw[at + 1 :]


def _places(value: Any, above: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value)
    for key, one in list(inner):
        yield (*above, key)
        if isinstance(one, dict | list):
            yield from _places(one, (*above, key))


def _copy(whole: Any, place: tuple[Any, ...], odd: Any) -> bytes:
    copied = json.loads(json.dumps(whole))
    *above, last = place
    at = copied
    for key in above:
        at = at[key]
    if odd is ...:
        del at[last]
    else:
        at[last] = odd
    return json.dumps(copied).encode()
