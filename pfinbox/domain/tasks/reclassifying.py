"""A status that becomes active or inactive in the configuration changes its tasks, too (R4, R6)."""

from collections.abc import Collection, Iterable

from pfinbox.errors import ConfigError
from pfinbox.i18n import _
from pfinbox.record import record

# Pairs of tasks that are named at most; an agent merges them one by one.
_NAMED = 5


@record
class OpenTask:
    """That an open root task has a chat, and whether it takes the chat's messages."""

    chat_id: int
    root_id: int
    current: bool


def taking_back(statuses: Collection[str], tasks: Iterable[OpenTask]) -> list[int]:
    """The roots that take a chat's messages again, now that these statuses are active.

    ConfigError names the tasks to merge: one chat has at most one open task.
    """
    by_chat: dict[int, set[int]] = {}
    has_current: set[tuple[int, int]] = set()
    for one in tasks:
        by_chat.setdefault(one.chat_id, set()).add(one.root_id)
        if one.current:
            has_current.add((one.chat_id, one.root_id))
    pairs = {tuple(sorted(roots)) for roots in by_chat.values() if len(roots) > 1}
    if pairs:
        raise ConfigError(_refusal(statuses, sorted(pairs)))
    places = {(chat, root) for chat, roots in by_chat.items() for root in roots}
    return sorted({root for _chat, root in places - has_current})


def _refusal(statuses: Collection[str], pairs: list[tuple[int, ...]]) -> str:
    told = [" ".join(f"#{one}" for one in pair) for pair in pairs[:_NAMED]]
    more = len(pairs) - len(told)
    listed = ", ".join(told) + (_(" and {n} more").format(n=more) if more else "")
    return _(
        "[inbox] statuses: with {names} active these tasks of one chat would be open together: "
        "{tasks}; merge them first (pfinbox task merge), or leave the status inactive"
    ).format(names=", ".join(statuses), tasks=listed)
