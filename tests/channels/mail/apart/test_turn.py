"""New mail is read before old mail that came to its turn earlier (history yields to live mail)."""

import threading
from collections import deque

from pfinbox.channels.mail.apart.turn import Turn


def test_who_is_in_a_hurry_comes_before_all_who_wait_patiently() -> None:
    turn, order = Turn(), deque[str]()

    def take(name: str, *, patient: bool) -> None:
        with turn.taken(patient=patient):
            order.append(name)

    assert turn.take_if_free()
    assert not turn.take_if_free()
    threads = []
    for name, patient in (("old", True), ("older", True), ("new", False)):
        threads.append(threading.Thread(target=take, args=(name,), kwargs={"patient": patient}))
        threads[-1].start()
        # Each waits before the next one comes.
        while len(turn._changed._waiters) < len(threads):  # type: ignore[attr-defined]
            threads[-1].join(0.001)
    turn.give_back()
    for thread in threads:
        thread.join()
    assert order.popleft() == "new"
    assert sorted(order) == ["old", "older"]
    assert turn.take_if_free()
