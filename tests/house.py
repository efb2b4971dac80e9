"""The house measured: ``python -m tests.house`` shows circles of files, and how full rooms are."""

import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import grimp

PACKAGE = Path(__file__).parent.parent / "pfinbox"
# A room of about fifteen files can be held in the head.
FULL = 17
# A file that is longer has more than one idea in it.
LONG = 300


def circles() -> list[list[str]]:
    """Files that import each other, directly or by way of others; each circle once."""
    graph = grimp.build_graph("pfinbox")
    order: dict[str, int] = {}
    lowest: dict[str, int] = {}
    path: list[str] = []
    found: list[list[str]] = []

    def visit(module: str) -> None:
        order[module] = lowest[module] = len(order)
        path.append(module)
        for other in graph.find_modules_directly_imported_by(module):
            if other not in order:
                visit(other)
            if other in path:
                lowest[module] = min(lowest[module], lowest[other])
        if lowest[module] == order[module]:
            at = path.index(module)
            if len(path) - at > 1:
                found.append(sorted(path[at:]))
            del path[at:]

    for module in sorted(graph.modules):
        if module not in order:
            visit(module)
    return found


def rooms() -> Counter[str]:
    """How many files each folder of the package has, without the empty one that makes it one."""
    return Counter(_rooms())


def _rooms() -> Iterator[str]:
    for file in PACKAGE.rglob("*.py"):
        if file.name != "__init__.py":
            yield str(file.parent.relative_to(PACKAGE.parent))


def long_files() -> list[str]:
    """Files with more lines than one idea takes."""
    files = {str(one.relative_to(PACKAGE)): one for one in PACKAGE.rglob("*.py")}
    return [name for name, one in files.items() if len(one.read_bytes().splitlines()) > LONG]


def main() -> int:
    for circle in circles():
        sys.stdout.write(f"circle: {', '.join(circle)}\n")
    for room, files in rooms().most_common():
        sys.stdout.write(f"{files:4d} files{' (too full)' if files > FULL else ''}  {room}\n")
    return 1 if circles() else 0


if __name__ == "__main__":
    sys.exit(main())
