"""Histories that no one thought of: nothing lost, nothing twice, nothing silent (R12, R24)."""

from collections.abc import Iterator

import pytest

from tests.faults.simulation import campaign
from tests.faults.simulation.template import Template

# What these once broke is mended: an account shown as retrying for ever after a lost commit, a
# cancelled task of a daemon that went on, and an account that rested by another clock.
SEEDS = (20057, 20025, 30010)


@pytest.fixture(scope="module")
def made() -> Iterator[Template]:
    with campaign.template() as made:
        yield made


@pytest.mark.parametrize("seed", SEEDS)
def test_r12_r24_what_was_mended_stays_so(made: Template, seed: int) -> None:
    assert campaign.live(made, seed).violations == []


def test_a_history_goes_the_same_way_again(made: Template) -> None:
    told = [campaign.live(made, 7).told for _time in range(2)]
    assert told[0] == told[1]
