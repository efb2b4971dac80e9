"""The house stays one that can be lived in."""

from tests.house import circles


def test_no_files_import_each_other_in_a_circle() -> None:
    assert circles() == []
