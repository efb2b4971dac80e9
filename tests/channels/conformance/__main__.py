"""``python -m tests.channels.conformance [FILE...]``: every channel meets the suite; the table.

FILE: the test modules of other channels, a third party's too; without one, all of ours. The exit
code is pytest's. ``--write`` puts the table into CONTRIBUTING.
"""

import sys

import pytest

from tests.channels.conformance.table import CONTRIBUTING, Outcomes, modules, table, written


def main(arguments: list[str]) -> int:
    files = [one for one in arguments if not one.startswith("--")] or modules()
    outcomes = Outcomes()
    quiet = ["-q", "-n", "0", "-p", "no:cacheprovider", "--no-header", "--no-summary"]
    code = pytest.main([*quiet, *files], plugins=[outcomes])
    shown = table(outcomes)
    sys.stdout.write(f"{shown}\n")
    if "--write" in arguments:
        CONTRIBUTING.write_text(written(shown), encoding="utf-8")
    return int(code)


sys.exit(main(sys.argv[1:]))
