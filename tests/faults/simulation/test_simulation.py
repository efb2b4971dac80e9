"""Histories that no one thought of: nothing lost, nothing twice, nothing silent (R12, R24)."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from tests.faults.simulation import campaign
from tests.faults.simulation.template import Template
from tests.faults.simulation.trouble import Plan

# Any two: whatever the program awaits makes other histories of them. CI lives through new ones.
SEEDS = (20025, 30010)


def _short(seed: int) -> Plan:
    return replace(Plan.drawn(seed), seconds=12.0)


@pytest.fixture(scope="module")
def made() -> Iterator[Template]:
    with campaign.template() as made:
        yield made


@pytest.mark.parametrize("seed", SEEDS)
def test_r12_r24_nothing_is_lost_twice_or_silent(made: Template, seed: int) -> None:
    assert campaign.live(made, seed, plan=_short(seed)).violations == []


def test_a_history_goes_the_same_way_again(made: Template) -> None:
    told = [campaign.live(made, 7, plan=_short(7)).told for _time in range(2)]
    assert told[0] == told[1]
