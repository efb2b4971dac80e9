"""Faults that are put in on purpose are found: else a history that passes would say little."""

from collections.abc import Iterator

import pytest

from tests.faults.simulation import campaign
from tests.faults.simulation.template import Template

# In what kind of trouble each of them shows in one of the first histories, whatever the program's
# awaits are; for all of them: ``python -m tests.faults.simulation --planted``.
TROUBLE: dict[str, tuple[str, ...]] = {
    "pid reuse": ("kill",),
    "swapped leases": ("slow",),
    "stuck transmitting": ("kill",),
    "confirm before commit": ("slow",),
    "cursor ahead": ("broken disk",),
    "lost wake up": ("slow",),
    "repeats are new": ("lossy",),
    "every send fails": ("slow",),
    "comment not queued": ("slow",),
    "screen crashes": ("slow",),
}
_HISTORIES = 20


@pytest.fixture(scope="module")
def made() -> Iterator[Template]:
    with campaign.template() as made:
        yield made


@pytest.mark.parametrize("bug", TROUBLE)
def test_a_planted_fault_is_found(made: Template, bug: str) -> None:
    seeds = range(1, 1 + _HISTORIES)
    assert campaign.until_found(made, bug, seeds, TROUBLE[bug]) is not None
