"""What contacts with access see, page by page, and what a change would show them (R37-R39, R49)."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace

from pfinbox.domain.contract.reason import Reason
from pfinbox.domain.visibility import DEFAULT, Entry, Reader, visible, whose_tasks, within
from pfinbox.record import record


@record
class Look:
    """One comment with whether the contact sees it, and the reason."""

    contact_id: int
    task_id: int
    comment_id: int
    shown: bool
    reason: Reason
    # The text that the contact would read.
    text: str = ""


@record
class Page:
    """A living task as far as its contacts may see it; contacts by their root."""

    task_id: int
    # Client and participants.
    contacts: frozenset[int]
    # Participants whom no agent has added.
    by_themselves: frozenset[int]
    # Id, text and what the rule looks at, oldest first.
    entries: tuple[tuple[int, str, Entry], ...]


def looks(pages: Iterable[Page], reader: Reader, general: str) -> list[Look]:
    """Every comment of the reader's among these pages with whether the reader sees it."""
    found = []
    theirs = whose_tasks(reader, general)
    for page in pages:
        if not page.contacts & theirs:
            continue
        here = within(reader, page.by_themselves)
        for comment_id, text, entry in page.entries:
            seen = visible(entry, here, general, page.contacts)
            found.append(Look(reader.id, page.task_id, comment_id, seen.shown, seen.reason, text))
    return found


def shown(
    pages: Collection[Page], readers: Iterable[Reader], general: str, *, everyone: bool
) -> list[Look]:
    """What these contacts see. Who has no access has what they got (``everyone``)."""
    found = []
    for reader in readers:
        if reader.portal or everyone:
            own = reader if reader.portal else replace(reader, override=DEFAULT)
            found += [look for look in looks(pages, own, general) if look.shown]
    return found


def revealed(
    before: Iterable[Look],
    after: Iterable[Look],
    merged_before: Mapping[int, int],
    merged_after: Mapping[int, int],
) -> list[Look]:
    """What a change shows contacts who neither wrote nor got it; ``merged``: cards by their root.

    Contacts keep what they saw on each card that is or was theirs.
    """
    saw: dict[int, set[int]] = defaultdict(set)
    for look in before:
        saw[look.contact_id].add(look.comment_id)

    def had(reader: int) -> set[int]:
        cards = {card for card, root in merged_after.items() if root == reader}
        return set().union(*(saw[one] for one in {merged_before.get(reader, reader), *cards}))

    return [
        look
        for look in after
        if look.comment_id not in had(look.contact_id)
        and look.reason.kind not in ("own_message", "was_notified")
    ]
