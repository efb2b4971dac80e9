"""Importing what a command needs, and no more: half of a small command's time is that.

Mercurial starts in the same way (its ``demandimport``). The loader of the standard library is not
enough: two threads that look into a module at the same moment break it before Python 3.12.
"""

import gc
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.abc import Loader
from importlib.machinery import ModuleSpec, PathFinder
from threading import RLock
from types import ModuleType
from typing import Any

# Rooms whose modules are imported as modules (``tasks.change``): each loads when it is first used.
_LATER = tuple(
    f"pfinbox.{room}." for room in ("bootstrap", "services", "store", "tui", "domain", "wording")
)
# What imports themselves look at, which loads nothing.
_KNOWN = frozenset({"__spec__", "__class__", "__dict__"})


class LaterModule(ModuleType):
    """A module that loads when something looks inside; another thread waits until it has."""

    def __getattribute__(self, name: str) -> Any:
        if name not in _KNOWN:
            loader = object.__getattribute__(self, "__spec__").loader
            with loader.lock:
                if not loader.begun:
                    loader.begun = True
                    loader.load(self)
        return ModuleType.__getattribute__(self, name)


class LaterLoader(Loader):
    """Puts off what the ``loader`` of a module would do."""

    def __init__(self, loader: Loader) -> None:
        self._loader = loader
        # No two files import each other in a circle: nobody waits here for whoever waits for them.
        self.lock = RLock()
        self.begun = False

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        return self._loader.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        module.__class__ = LaterModule

    def load(self, module: ModuleType) -> None:
        self._loader.exec_module(module)
        module.__class__ = ModuleType


class OnDemand:
    """Finds modules of those rooms, and puts off what is in them until something looks inside."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if not fullname.startswith(_LATER):
            return None
        spec = PathFinder.find_spec(fullname, path, target)
        if spec is not None and spec.loader is not None:
            spec.loader = LaterLoader(spec.loader)
        return spec


def on_demand() -> None:
    """From now on, in this process."""
    sys.meta_path.insert(0, OnDemand())


def load(*modules: ModuleType) -> None:
    """Load these now, and what they look into while they do."""
    for module in modules:
        module.__name__  # noqa: B018


@contextmanager
def kept() -> Iterator[None]:
    """What is imported within stays until the program ends: the collector need not look at it."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()
