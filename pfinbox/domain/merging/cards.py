"""Joining the cards of one person, and taking one out again (R26, R33)."""

from collections.abc import Collection, Sequence

from pfinbox.domain.merging.tree import Change, Merge, Tree
from pfinbox.record import record


@record
class Card:
    """What a merge of cards looks at in one."""

    id: int
    root_id: int
    merged_into_id: int | None
    company: str | None
    notes: str
    selectable: bool


@record
class CardAddress:
    """An address on a card or on those merged into it."""

    id: int
    channel: str
    main: bool


def join_cards(
    survivor: Card, other: Card, own: Collection[CardAddress], others: Collection[CardAddress]
) -> list[Change]:
    """What merging ``other`` into ``survivor`` changes; with the addresses of each."""
    values = {
        "company": survivor.company or other.company,
        # A merged card is shown no more, so its notes go to the survivor.
        "notes": "\n\n".join(dict.fromkeys(filter(None, (survivor.notes, other.notes)))),
        "selectable": survivor.selectable or other.selectable,
    }
    changes = [
        Change("contact", survivor.id, column, getattr(survivor, column), now)
        for column, now in values.items()
        if getattr(survivor, column) != now
    ]
    # The main address is the survivor's, where it has one on that channel.
    kept = {one.channel for one in own if one.main}
    changes += [
        Change("address", one.id, "main", True, False)
        for one in others
        if one.main and one.channel in kept
    ]
    return changes


def main_again(
    addresses: Sequence[CardAddress], merge: Merge, before: Collection[int]
) -> list[Change]:
    """What gives a card that is alone again a main address on the channels where it has one.

    ``before``: the mains of the joined card just now; a person may have chosen another one since.
    """
    changes = []
    for channel in dict.fromkeys(one.channel for one in addresses):
        ids = [one.id for one in addresses if one.channel == channel]
        now = [one.id for one in addresses if one.channel == channel and one.main]
        if len(now) == 1:
            continue
        chosen = [i for i in now if i in before]
        known = [i for i in merge.mains if i in ids]
        main = (chosen or known or now or ids)[0]
        changes += [Change("address", i, "main", i in now, i == main) for i in ids]
    return [change for change in changes if change.was != change.now]


@record
class Share:
    """One contact's share of a comment, and the card whose chat it went by."""

    delivery_id: int
    comment_id: int
    chat_card_id: int | None


@record
class GivenBack:
    """A comment that went to the leaving card's person; ``keep``: the survivor's got it, too."""

    comment_id: int
    card_ids: tuple[int, ...]
    keep: bool


def give_back(
    shares: Sequence[Share], tree: Tree, leaving: int
) -> tuple[dict[int, int], list[GivenBack]]:
    """Comments written to the root while the cards were one, as they were delivered.

    By the leaving card's chats they went to that card's person: the card of each such delivery,
    and whom those comments notified.
    """
    below = tree.below(leaving)
    went: dict[int, int] = {}
    by_comment: dict[int, set[int]] = {}
    stayed = set()
    for one in shares:
        if one.chat_card_id is not None and one.chat_card_id in below:
            went[one.delivery_id] = one.chat_card_id
            by_comment.setdefault(one.comment_id, set()).add(one.chat_card_id)
        else:
            stayed.add(one.comment_id)
    return went, [
        GivenBack(i, tuple(sorted(cards)), keep=i in stayed) for i, cards in by_comment.items()
    ]
