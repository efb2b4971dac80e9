"""Faults that are put in on purpose are found: else a history that passes would say little."""

from collections.abc import Iterator

import pytest

from tests.faults.simulation import campaign
from tests.faults.simulation.template import Template

# In what kind of trouble each of them shows soon, and from which seed on as the program is now.
# The others take a longer search: ``python -m tests.faults.simulation --planted``.
TROUBLE: dict[str, tuple[tuple[str, ...], int]] = {
    "stale daemon": (("pause",), 9),
    "pid reuse": (("kill",), 1),
    "swapped leases": (("slow",), 1),
    "stuck transmitting": (("kill",), 1),
    "confirm before commit": (("slow",), 1),
    "cursor ahead": (("broken disk",), 1),
    "resend of unknown": (("lossy",), 3),
    "claim without lease": (("pause",), 9),
    "lost wake up": (("slow",), 1),
    "undo after the claim": (("slow",), 2),
    "outcome forgotten": (("broken disk", "cut"), 2),
    "repeats are new": (("lossy",), 1),
}
_FURTHER = 30


@pytest.fixture(scope="module")
def made() -> Iterator[Template]:
    with campaign.template() as made:
        yield made


@pytest.mark.parametrize("bug", TROUBLE)
def test_a_planted_fault_is_found(made: Template, bug: str) -> None:
    kinds, first = TROUBLE[bug]
    assert campaign.until_found(made, bug, range(first, first + _FURTHER), kinds) is not None
