"""Importing what a command needs, and no more: half of a small command's time is that.

Mercurial starts in the same way (its ``demandimport``), with the loader of the standard library.
"""

import gc
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.machinery import ModuleSpec, PathFinder
from importlib.util import LazyLoader
from types import ModuleType

# Rooms whose modules are imported as modules (``tasks.change``): each loads when it is first used.
_LATER = ("pfinbox.services.", "pfinbox.store.", "pfinbox.tui.")


class OnDemand:
    """Finds modules of those rooms, and puts off what is in them until something looks inside."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if not fullname.startswith(_LATER):
            return None
        spec = PathFinder.find_spec(fullname, path, target)
        if spec is not None and spec.loader is not None:
            spec.loader = LazyLoader(spec.loader)
        return spec


def on_demand() -> None:
    """From now on, in this process."""
    sys.meta_path.insert(0, OnDemand())


@contextmanager
def kept() -> Iterator[None]:
    """What is imported within stays until the program ends: the collector need not look at it."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()
