"""The piece of a text that shows why it was found."""

import re
from collections import deque
from collections.abc import Sequence
from functools import lru_cache

from pfinbox.domain.text.words import fits, words

WIDTH = 120
# Further in nobody looks, and a page of fifty long mails must not be slow.
_LOOK = 20_000
_RUN = re.compile(r"\S+")


def snippet(
    text: str, phrases: Sequence[tuple[Sequence[str], bool]], width: int = WIDTH
) -> str | None:
    """About ``width`` characters of ``text`` in one line, around the first phrase that it holds.

    A phrase is words and whether the last one may go on, as in ``stands_in``. None when no phrase
    stands in the text: it was found by its title, say.
    """
    at = _first(text[:_LOOK], phrases)
    if at is None:
        return None
    if at < width * 2 // 3:
        return beginning(text, width)
    return "… " + beginning(text[_word_start(text, at - width // 3) :], width - 2)


def beginning(text: str, width: int = WIDTH) -> str:
    """The first ``width`` characters of ``text`` in one line."""
    # Blanks are squeezed, so that more is taken than is shown.
    line = " ".join(text[: width * 4].split())
    if len(line) <= width and len(text) <= width * 4:
        return line
    return line[: width - 1].rstrip() + "…"


def _first(text: str, phrases: Sequence[tuple[Sequence[str], bool]]) -> int | None:
    """Where the earliest phrase begins."""
    longest = max((len(phrase) for phrase, _prefix in phrases), default=0)
    # The last words before this one, as many as a phrase may have, and where each began.
    window: deque[tuple[str, int]] = deque(maxlen=longest or 1)
    for run in _RUN.finditer(text):
        for word in _of_run(run.group()):
            window.append((word, run.start()))
            for phrase, prefix in phrases:
                size = len(phrase)
                if not word.startswith(phrase[-1]) or size > len(window):
                    continue
                here = list(window)[-size:]
                if fits(phrase, prefix, [one for one, _at in here]):
                    return here[0][1]
    return None


@lru_cache(maxsize=10_000)
def _of_run(run: str) -> tuple[str, ...]:
    """The same words come again and again in a page of hits."""
    return tuple(words(run))


def _word_start(text: str, at: int) -> int:
    """The beginning of the first whole word behind ``at``, unless words are endless."""
    blank = re.compile(r"\s").search(text, at, at + 30)
    return blank.end() if blank else at
