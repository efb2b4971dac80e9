"""Garbage is collected while the agent rests: a whole collection keeps a key waiting for 40 ms.

Python collects when so many objects have been made, which is in the middle of some key. After
each pause in typing it begins to count anew here; what the program holds since its start is never
looked at again.
"""

import gc

# What one key makes is far from it, what a minute of typing without a pause makes is not.
_YOUNG = 10_000
# So many collections of younger objects come before one of all.
_SELDOM = 50


class Collector:
    """The collector of this process, from the first rest on."""

    def __init__(self) -> None:
        self._begun = False

    def rested(self) -> None:
        """The agent has not typed for a moment."""
        if not self._begun:
            self._begun = True
            gc.set_threshold(_YOUNG, 10, 2 * _SELDOM)
            gc.collect()
            gc.freeze()
        elif gc.get_count()[2] >= _SELDOM:
            gc.collect()
        else:
            gc.collect(1)
