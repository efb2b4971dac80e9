"""Every line of the fault matrix is held by something that is there (R12, R24)."""

import re
from pathlib import Path

from tests.faults.__main__ import all_rows
from tests.faults.matrix import MATRIX

ROOT = Path(__file__).parent.parent.parent


def test_r12_r24_no_line_of_the_matrix_is_missing() -> None:
    assert [line.number for line in MATRIX][:42] == [str(n) for n in range(1, 43)]
    there = {row.number for row in all_rows()}
    assert {number for line in MATRIX for number in line.rows} == there
    for line in MATRIX:
        assert line.rows or line.tests, line
        for file, name in (one.split("::") for one in line.tests):
            text = (ROOT / file).read_text(encoding="utf-8")
            assert re.search(rf"def {name}\(", text), (file, name)
