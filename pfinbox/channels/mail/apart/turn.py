"""A lock that whoever is in a hurry gets before all who are patient."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Condition


class Turn:
    """Held by one thread at a time."""

    def __init__(self) -> None:
        self._changed = Condition()
        self._held = False
        # How many wait who are in a hurry.
        self._hurried = 0

    @contextmanager
    def taken(self, *, patient: bool = False) -> Iterator[None]:
        """Wait for it; ``patient``: also for those who come later and are in a hurry."""
        with self._changed:
            self._hurried += not patient
            self._changed.wait_for(lambda: not self._held and not (patient and self._hurried))
            self._hurried -= not patient
            self._held = True
        try:
            yield
        finally:
            self.give_back()

    def take_if_free(self) -> bool:
        """Take it where nobody holds it, to be given back."""
        with self._changed:
            if self._held:
                return False
            self._held = True
            return True

    def give_back(self) -> None:
        with self._changed:
            self._held = False
            self._changed.notify_all()
