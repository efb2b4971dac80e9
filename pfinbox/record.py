"""``record``: the frozen dataclass of this program."""

from collections.abc import Callable
from dataclasses import Field, dataclass, field, fields
from operator import attrgetter
from typing import Any, TypeVar, dataclass_transform, overload

T = TypeVar("T")


@overload
def record(cls: type[T], /) -> type[T]: ...
@overload
def record(*, kw_only: bool = False, slots: bool = True) -> Callable[[type[T]], type[T]]: ...


@dataclass_transform(frozen_default=True, field_specifiers=(field, Field))
def record(cls: type[Any] | None = None, /, *, kw_only: bool = False, slots: bool = True) -> Any:
    """A dataclass with slots that is compared and hashed by its fields, and never changed.

    That nothing sets a field is checked by mypy, not while the program runs: ``frozen=True`` of
    the standard library takes four times as long to make a class, of which there are hundreds,
    and twice as long to make an object.
    """

    def make(of: type[Any]) -> Any:
        own = vars(of)
        # Where there is none, the standard library makes one of the signature, which takes long.
        if own.get("__doc__") is None:
            of.__doc__ = of.__name__
        made: Any = dataclass(slots=slots, repr=False, eq=False, kw_only=kw_only)(of)
        compared = [one.name for one in fields(made) if one.compare]
        made._compared = staticmethod(_values(compared))
        for method in (__eq__, __hash__, __repr__):
            if method.__name__ not in own:
                setattr(made, method.__name__, method)
        return made

    return make if cls is None else make(cls)


def _values(names: list[str]) -> Callable[[Any], Any]:
    if not names:
        return lambda _self: ()
    return attrgetter(*names)


def __eq__(self: Any, other: Any) -> Any:  # noqa: N807
    if other.__class__ is not self.__class__:
        return NotImplemented
    return self._compared(self) == self._compared(other)


def __hash__(self: Any) -> int:  # noqa: N807
    return hash(self._compared(self))


def __repr__(self: Any) -> str:  # noqa: N807
    shown = ", ".join(f"{one.name}={getattr(self, one.name)!r}" for one in fields(self) if one.repr)
    return f"{type(self).__qualname__}({shown})"
