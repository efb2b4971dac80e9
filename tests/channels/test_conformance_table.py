"""CONTRIBUTING's table of channels and cases is that of the suite."""

from tests.channels.conformance.table import cases, channels, shown


def test_every_channel_and_every_case_is_in_the_table() -> None:
    head, _rule, *rows = [line for line in shown().splitlines() if line.startswith("|")]
    assert [one.strip() for one in head.strip("|").split("|")][1:] == channels()
    assert [row.strip("| ").split(" | ")[0] for row in rows] == list(cases().values())
