"""One heap for all threads of this process.

glibc gives each thread a heap of its own, so that threads do not wait for each other. Those of a
screen, its terminal and its database are ten and take turns: what each had kept free for itself
would be 4 MB.
"""

import contextlib
import ctypes

# <malloc.h>: how many heaps there may be (mallopt(3)).
_M_ARENA_MAX = -8


def share() -> None:
    """Threads that begin from now on take what they need from the heaps that there are.

    Another C library has no such switch, and needs none.
    """
    with contextlib.suppress(AttributeError, OSError):
        ctypes.CDLL(None).mallopt(_M_ARENA_MAX, 1)
