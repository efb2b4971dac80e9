"""Frozen dataclasses to JSON values and back; back, only what has the very shape is taken.

The shape is that of the dataclass itself: its fields with their types. What a process that reads
strangers' mail answers is as trustworthy as that mail, so nothing in it names a class or is run.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import MISSING, dataclass, field, fields, is_dataclass
from datetime import UTC, datetime
from enum import StrEnum
from functools import cache
from types import NoneType, UnionType
from typing import Any, TypeVar, Union, cast, get_args, get_origin, get_type_hints

from pfinbox.domain.contract.files import File, Slice
from pfinbox.record import record

T = TypeVar("T")
_LARGEST = 1 << 63


class ShapeError(ValueError):
    """It is not what it should be."""


@dataclass(slots=True)
class Writer:
    """Turns objects into JSON values, and gathers their bytes in ``blobs``."""

    blobs: list[bytes] = field(default_factory=list)
    _known: dict[int, int] = field(default_factory=dict)

    def value(self, thing: Any) -> Any:
        """``thing`` as a JSON value; fields that have their default are left out."""
        if thing is None or isinstance(thing, bool | int | str):
            return thing
        if isinstance(thing, bytes):
            return self._blob(thing)
        if isinstance(thing, datetime):
            return thing.isoformat()
        if isinstance(thing, Mapping):
            return dict(thing)
        if isinstance(thing, tuple | list | frozenset):
            return [self.value(one) for one in thing]
        if isinstance(thing, File) and thing.slice is not None:
            # The other side has the bytes that they are cut from.
            thing = _CutFile(thing.name, thing.media_type, thing.slice, thing.content_id)
        return {
            name: self.value(value)
            for name, default in _defaults(cast(Any, type(thing)))
            if (value := getattr(thing, name)) is not default and value != default
        }

    def _blob(self, data: bytes) -> int:
        number = self._known.setdefault(id(data), len(self.blobs))
        if number == len(self.blobs):
            self.blobs.append(data)
        return number


@record
class _CutFile:
    """A file whose bytes are found in the raw mail."""

    name: str
    media_type: str
    slice: Slice
    content_id: str | None = None


class Taker:
    """Turns JSON values into objects of known shape.

    ``blobs``: the bytes that came with them; ``raw``: what slices are cut from.
    """

    def __init__(self, blobs: Sequence[bytes] = (), raw: bytes = b"") -> None:
        self._blobs = blobs
        self._raw = raw
        self._cut: dict[Slice, bytes] = {}

    def take(self, shape: type[T], value: Any) -> T:
        """Raises ShapeError."""
        try:
            return cast(T, _taker(cast(Any, shape))(value, self))
        except (ValueError, OverflowError, RecursionError) as error:
            raise ShapeError(str(error)) from error

    def blob(self, number: int) -> bytes:
        if not 0 <= number < len(self._blobs):
            raise ShapeError("no such blob")
        return self._blobs[number]

    def cut(self, where: Slice) -> bytes:
        if where not in self._cut:
            # Parts of a mail do not overlap: what is cut is never more than there is.
            if sum(one.length for one in self._cut) + where.length > len(self._raw):
                raise ShapeError("more than there is")
            self._cut[where] = where.of(self._raw)
        return self._cut[where]


_Take = Callable[[Any, Taker], Any]


@cache
def _defaults(shape: Any) -> tuple[tuple[str, Any], ...]:
    return tuple((one.name, one.default) for one in fields(shape))


@cache
def _taker(hint: Any) -> _Take:
    if hint is int:
        return _number
    if hint in (str, bool):
        return _plain(hint)
    if hint is bytes:
        return lambda value, taker: taker.blob(_number(value, taker))
    if hint is datetime:
        return _moment
    if hint is File:
        return _file
    if isinstance(hint, type) and is_dataclass(hint):
        return _dataclass(hint)
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        return lambda value, taker: hint(_plain(str)(value, taker))
    origin, args = get_origin(hint), get_args(hint)
    if origin in (Union, UnionType):
        (inner,) = (_taker(one) for one in args if one is not NoneType)
        return lambda value, taker: None if value is None else inner(value, taker)
    if origin in (tuple, frozenset):
        return _several(origin, _taker(args[0]))
    return _mapping


def _plain(kind: type) -> _Take:
    def take(value: Any, _taker: Taker) -> Any:
        if type(value) is not kind:
            raise ShapeError(f"no {kind.__name__}")
        return value

    return take


def _number(value: Any, taker: Taker) -> int:
    found: int = _plain(int)(value, taker)
    # No database keeps more, and no mail has more of anything.
    if not -_LARGEST <= found < _LARGEST:
        raise ShapeError("too large a number")
    return found


def _moment(value: Any, taker: Taker) -> datetime:
    found = datetime.fromisoformat(_plain(str)(value, taker))
    if found.tzinfo is None:
        raise ShapeError("a moment without a zone")
    # Raises OverflowError where it cannot be said in UTC.
    found.astimezone(UTC)
    return found


def _file(value: Any, taker: Taker) -> File:
    if type(value) is dict and "slice" in value:
        found = _dataclass(_CutFile)(value, taker)
        content = taker.cut(found.slice)
        return File(found.name, found.media_type, content, found.content_id, found.slice)
    file: File = _dataclass(File)(value, taker)
    return file


def _several(kind: type, inner: _Take) -> _Take:
    def take(value: Any, taker: Taker) -> Any:
        if type(value) is not list:
            raise ShapeError("no list")
        return kind(inner(one, taker) for one in value)

    return take


def _mapping(value: Any, _taker: Taker) -> dict[str, Any]:
    if type(value) is not dict:
        raise ShapeError("no object")
    return value


@cache
def _dataclass(shape: type) -> _Take:
    hints = get_type_hints(shape)
    takers = {one.name: _taker(hints[one.name]) for one in fields(shape)}
    needed = {
        one.name
        for one in fields(shape)
        if one.default is MISSING and one.default_factory is MISSING
    }

    def take(value: Any, taker: Taker) -> Any:
        if type(value) is not dict or not needed <= value.keys():
            raise ShapeError(f"no {shape.__name__}")
        if not value.keys() <= takers.keys():
            raise ShapeError(f"more than a {shape.__name__}")
        return shape(**{name: takers[name](one, taker) for name, one in value.items()})

    return take
