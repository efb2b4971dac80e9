"""The chain of a contact's earlier tasks (R8): after a merge it must not run in circles."""

from collections.abc import Mapping

from pfinbox.record import record


@record
class Link:
    """A task, the task it was merged into (itself, mostly), and the one before it, as stored."""

    id: int
    root_id: int
    previous_id: int | None


def straighten(links: Mapping[int, Link], start: int) -> dict[int, int | None]:
    """New ``previous`` values, by task, so that the chain from the root ``start`` has an end.

    A merge makes an early and a late task one, and whatever lay between leads back to it. That
    link is led past the joined task, to what came before the task that it named.
    """
    changed: dict[int, int | None] = {}
    seen = {start}
    here = start
    while True:
        named = links[here].previous_id
        raw = named
        passed: set[int] = set()
        while raw is not None and links[raw].root_id in seen and raw not in passed:
            passed.add(raw)
            raw = links[raw].previous_id
        if raw is not None and raw in passed:
            raw = None
        if raw != named:
            changed[here] = raw
        if raw is None:
            return changed
        here = links[raw].root_id
        seen.add(here)
