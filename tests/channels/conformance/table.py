"""What became of each case of the suite on each channel, as a table."""

import re
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

import pytest

from tests.channels.conformance.suite import Conformance

ROOT = Path(__file__).parents[3]
CONTRIBUTING = ROOT / ".github" / "CONTRIBUTING.md"
_PLACE = re.compile(r"(<!-- conformance -->\n).*?(<!-- /conformance -->)", re.DOTALL)
# It holds; the service has nothing like it; it does not hold.
_SIGNS = {"passed": "✓", "skipped": "–", "failed": "**✗**"}
_WORST = ("failed", "passed", "skipped")


def modules() -> list[str]:
    """The modules in which our channels meet the suite."""
    return sorted(str(file.relative_to(ROOT)) for file in ROOT.glob("tests/**/test_conformance.py"))


def cases() -> dict[str, str]:
    """The cases of the suite, in its order, by their functions' names: rule and sentence."""
    return {name: _sentence(name) for name in vars(Conformance) if name.startswith("test_")}


def channels() -> list[str]:
    """The channels that have a class of their own in one of the modules."""
    found = []
    for module in modules():
        text = (ROOT / module).read_text(encoding="utf-8")
        found += re.findall(r"^class Test(\w+)\(Conformance\)", text, re.MULTILINE)
    return sorted(found, key=str.casefold)


def _sentence(name: str) -> str:
    words = name.removeprefix("test_")
    rule = re.match(r"r(\d+)_", words)
    sentence = words[rule.end() :] if rule else words
    return sentence.replace("_", " ") + (f" (R{rule[1]})" if rule else "")


class Outcomes:
    """A plug-in of pytest that remembers, by case and channel, what became of it."""

    def __init__(self) -> None:
        self.by_case: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when != "call" and report.outcome == "passed":
            return
        _file, _colons, rest = report.nodeid.partition("::")
        of, _colons, name = rest.partition("::")
        self.by_case[name.partition("[")[0]][of.removeprefix("Test")].add(report.outcome)


def table(outcomes: Outcomes) -> str:
    """In Markdown: a line for each case, a column for each channel that was run."""
    ran = {channel for row in outcomes.by_case.values() for channel in row}
    columns = sorted(ran, key=str.casefold)
    lines = [_line(["case", *columns]), _line(["---", *(":-:" for _one in columns)])]
    for name, sentence in cases().items():
        row = outcomes.by_case.get(name, {})
        lines.append(_line([sentence, *(_sign(row.get(channel, set())) for channel in columns)]))
    return "\n".join(lines)


def _sign(found: set[str]) -> str:
    worst = next((one for one in _WORST if one in found), None)
    return _SIGNS[worst] if worst is not None else ""


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def shown() -> str:
    """The table as CONTRIBUTING has it."""
    found = _PLACE.search(CONTRIBUTING.read_text(encoding="utf-8"))
    return found.group(0) if found is not None else ""


def written(new: str) -> str:
    """CONTRIBUTING with this table."""
    return _PLACE.sub(lambda m: f"{m[1]}{new}\n{m[2]}", CONTRIBUTING.read_text(encoding="utf-8"))
