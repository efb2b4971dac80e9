"""The threads of a screen's database share one heap."""

import subprocess
import sys

_COUNT = """
import ctypes, tempfile, threading
from pfinbox.bootstrap.terminal import heap
heap.share()
held = []
threads = [threading.Thread(target=lambda: held.append(bytes(5000))) for _ in range(8)]
for one in threads: one.start()
for one in threads: one.join()
libc = ctypes.CDLL(None)
libc.fopen.restype = ctypes.c_void_p
with tempfile.NamedTemporaryFile() as told:
    file = ctypes.c_void_p(libc.fopen(told.name.encode(), b"w"))
    libc.malloc_info(0, file)
    libc.fclose(file)
    print(told.read().count(b"<heap nr="))
"""


def test_threads_have_no_heap_of_their_own() -> None:
    done = subprocess.run([sys.executable, "-c", _COUNT], capture_output=True, check=True)
    assert int(done.stdout) == 1
