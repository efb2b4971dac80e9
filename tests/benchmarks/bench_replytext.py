"""Which cut is right, and how long it takes: ours beside mail-parser-reply.

    python -m tests.benchmarks.bench_replytext

The other parser is no dependency; where it is not installed, only ours is measured. For a fair
look it gets every language that it knows of ours, and a time limit of its own.
"""

import importlib
import multiprocessing
import sys
import time
from collections.abc import Callable

from pfinbox.channels.mail.reading.replytext import new_text
from tests.channels.mail.replies import replies

_SECONDS = 20
# Those of ours that mail-parser-reply 1.36 knows.
_LANGUAGES = ["en", "de", "es", "fr", "it", "pl"]
_HOSTILE = {
    "10 KB of newlines": "\n" * 10_000,
    "10 KB of On": "On " * 3_400,
    "10 KB of tab and newline": "\t\n" * 5_000,
    "one line of 10 KB": "x" * 10_000,
    "20,000 lines of text": "Some words of a client in a line.\n" * 20_000,
    "20,000 attributions": "On 2 Nov 2026, A wrote:\n" * 20_000,
    "20,000 dated lines": "On 2026 wrote\n" * 20_000,
    "20,000 From:": "From: a\n" * 20_000,
    "20,000 quoted lines": "> On 2 Nov 2026, A wrote:\n" * 20_000,
}


def ours(text: str) -> str:
    return new_text(text) or text


def theirs() -> Callable[[str], str] | None:
    try:
        module = importlib.import_module("mailparser_reply")
    except ImportError:
        return None
    parser = module.EmailReplyParser(languages=_LANGUAGES)
    return lambda text: parser.read(text=text).latest_reply or ""


def right(cut: Callable[[str], str]) -> tuple[int, list[str], list[str]]:
    """How many are right; those with words of the client lost, those with the quotation left in."""
    good, lost, left = 0, [], []
    for reply in replies():
        found, wanted = cut(reply.text).split(), reply.new.split()
        if found == wanted:
            good += 1
        elif len(found) < len(wanted):
            lost.append(reply.name)
        else:
            left.append(reply.name)
    return good, lost, left


def _seconds(name: str, text: str) -> float | None:
    """How long one cut took; None: longer than it may."""
    process = multiprocessing.get_context("fork").Process(
        target=(ours if name == "ours" else theirs() or ours), args=(text,)
    )
    started = time.perf_counter()
    process.start()
    process.join(_SECONDS)
    if process.is_alive():
        process.kill()
        process.join()
        return None
    return time.perf_counter() - started


def main() -> None:
    tools: dict[str, Callable[[str], str]] = {"ours": ours}
    if (other := theirs()) is not None:
        tools["mail-parser-reply"] = other
    for name, cut in tools.items():
        good, lost, left = right(cut)
        total = len(replies())
        sys.stdout.write(f"{name}: {good} of {total} right\n")
        sys.stdout.write(f"  words lost: {', '.join(lost) or 'none'}\n")
        sys.stdout.write(f"  quotation left: {', '.join(left) or 'none'}\n")
    for what, text in _HOSTILE.items():
        row = [f"{what:28}"]
        for name in tools:
            took = _seconds(name, text)
            row.append(f"{name} {took:7.3f} s" if took is not None else f"{name} > {_SECONDS} s")
        sys.stdout.write("  ".join(row) + "\n")


if __name__ == "__main__":
    main()
