"""The rules of merging on their own: R8, R33."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from pfinbox.domain.merging.chain import Link, straighten
from pfinbox.domain.merging.joining import Terms, adopt, join
from pfinbox.domain.merging.parting import Spoken, goes_with, take_back
from pfinbox.domain.merging.tree import Change, Merge, Tree
from pfinbox.domain.model import Account, Chat, Task
from pfinbox.errors import Refused

AT = datetime(2026, 11, 2, tzinfo=UTC)
# Three was merged into two after comment 5, two into one after comment 10, four into one after 20.
TREE = Tree(1, [Merge(1, 3, 2, AT, 5), Merge(2, 2, 1, AT, 10), Merge(3, 4, 1, AT, 20)])


def test_a_tree_knows_what_hangs_on_what() -> None:
    assert TREE.below(2) == {2, 3}
    assert TREE.below(1) == {1, 2, 3, 4}
    assert [edge.survivor_id for edge in TREE.way_up(3)] == [2, 1]


@pytest.mark.parametrize(
    ("one", "other", "mark"), [(1, 1, 0), (1, 3, 10), (2, 3, 5), (3, 4, 20), (4, 2, 20)]
)
def test_r33_two_are_together_since_the_latest_merge_between_them(
    one: int, other: int, mark: int
) -> None:
    assert TREE.together_since(one, other) == mark


@pytest.mark.parametrize(
    ("said", "goes"),
    [
        (Spoken(1, 3, AT, outgoing=False), True),  # its own
        (Spoken(1, 4, AT, outgoing=False), False),  # another client's words
        (Spoken(11, 1, AT, outgoing=True, chats=frozenset({7})), True),  # by its chat
        (Spoken(11, 1, AT, outgoing=True, chats=frozenset({7, 8})), False),  # by both
        (Spoken(11, 1, AT, outgoing=True), False),  # internal
        (Spoken(9, 1, AT, outgoing=True, chats=frozenset({7})), False),  # before they were one
        (Spoken(15, 4, AT, outgoing=True, chats=frozenset({7})), False),  # likewise
        (Spoken(6, 2, AT, outgoing=True, chats=frozenset({7})), True),
    ],
)
def test_r33_what_goes_with_the_task_that_leaves(said: Spoken, goes: bool) -> None:
    assert goes_with(said, TREE, 3, frozenset({7})) is goes


def test_r45_r32_a_thread_with_somebody_outside_is_no_channel_of_a_task() -> None:
    accounts = {
        i: Account(i, name, "any") for i, name in ((1, "support"), (2, "bot"), (3, "sales"))
    }
    outside = Chat(7, 1, "o", 9, outside=True)
    survivor = Task(1, "", "open", True, 5, None, chats=(outside,))
    by_bot = Task(2, "", "open", True, 5, 2, chats=(Chat(8, 2, "b", 5), replace(outside, id=6)))
    by_sales = Task(3, "", "open", True, 5, 3, chats=(Chat(9, 3, "s", 5),))
    assert join(survivor, [by_bot], {}, accounts) == "own"
    with pytest.raises(Refused, match=r"by: bot, sales$"):
        join(survivor, [by_bot, by_sales], {}, accounts)
    with pytest.raises(Refused, match="support is no channel"):
        join(survivor, [by_bot], {}, accounts, reply_via="support")


def test_r32_the_survivor_takes_only_what_it_lacks() -> None:
    assert adopt(Terms(None, 1, None), Terms(5, 2, None)) == Terms(5, 1, None)
    assert adopt(Terms(4, None, 9), Terms(5, 2, None)) == Terms(4, 2, None)
    assert adopt(Terms(4, None, 9), Terms(5, 2, 9)) == Terms(4, 2, 9)


def test_r33_a_value_is_put_back_in_whatever_order_merges_are_undone() -> None:
    first = [Change("task", 1, "contact_id", None, 5)]
    second = Merge(2, 3, 1, AT, 9, changes=(Change("task", 1, "contact_id", 5, 6),))
    place = first[0].place
    back, rest = take_back(first, {place: 6}, [second])
    assert back == []
    assert [one.changes for one in rest] == [(Change("task", 1, "contact_id", None, 6),)]
    back, _rest = take_back(rest[0].changes, {place: 6}, [])
    assert [one.now for one in back] == [None]
    # Somebody chose another one since: that stays.
    assert take_back(first, {place: 7}, []) == ([], [])


@pytest.mark.parametrize(
    ("links", "changed"),
    [
        ([(3, 3, 2), (2, 2, 1), (1, 1, None)], {}),
        ([(3, 3, 2), (2, 2, 1), (1, 3, None)], {2: None}),
        ([(3, 3, 2), (2, 2, 1), (1, 3, 0), (0, 0, None)], {2: 0}),
        ([(3, 3, 2), (2, 3, 1), (1, 1, None)], {3: 1}),
        ([(3, 3, 2), (2, 3, 1), (1, 3, None)], {3: None}),
        ([(1, 1, None), (2, 1, 1)], {}),
    ],
)
def test_r8_the_chain_is_led_past_the_joined_task(
    links: list[tuple[int, int, int | None]], changed: dict[int, int | None]
) -> None:
    known = {one[0]: Link(*one) for one in links}
    assert straighten(known, links[0][0]) == changed
