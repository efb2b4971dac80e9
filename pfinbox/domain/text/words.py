"""Words as the search index holds them: folded, without punctuation, alike for every database.

The database sees ready words with single spaces between them, so its own idea of what a word is
(which differs between SQLite, PostgreSQL and their versions) does not matter.
"""

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache

from pfinbox.domain.text.cleaning import clean, fold

# A line of base64 is one word; nobody types more than its beginning.
MAX_WORD = 64
# Of one entry. PostgreSQL refuses a tsvector of more than a megabyte.
MAX_DOCUMENT = 100_000

# Neither can be typed: they are no letters, so no query contains them, and no phrase crosses one.
BETWEEN = "·"
FROM, TO = "←", "→"
AGENT_FROM, AGENT_TO = "⇐", "⇒"

# Chinese and Japanese have no blanks: every character is a word, and a word of theirs a phrase.
_ALONE = (
    r"\u3041-\u3096\u309d-\u309f\u30a1-\u30fa\u30fc-\u30ff"
    r"\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003134f"
)
_BLANKS = {code: " " for code in range(128) if not chr(code).isalnum()}
_WORD = re.compile(rf"[{_ALONE}]|[^\W_{_ALONE}]+")


def words(text: str) -> list[str]:
    """The words of ``text``: letters and digits only, case, accents, ё/е and ł/l do not matter."""
    if text.isascii():
        found = text.lower().translate(_BLANKS).split()
    else:
        # Some signs come apart into capitals (℡) only after the first folding of case.
        found = _WORD.findall(fold(text).casefold())
    if max(map(len, found), default=0) > MAX_WORD:
        return [word[:MAX_WORD] for word in found]
    return found


@lru_cache(2000)
def _again(line: str) -> tuple[str, ...]:
    """The words of a line that stands in many entries: a name, an address, a subject."""
    return tuple(words(line))


def words_of(text: str) -> str:
    """The words of a comment's text, as :func:`document` takes them: it takes a while."""
    return " ".join(words(clean(text)[: 2 * MAX_DOCUMENT]))


def are_words(text: str) -> bool:
    """Whether somebody else's :func:`words_of` may be believed: no sign of ours is in it."""
    return text.replace(" ", "").isalnum()


def document(
    lines: Iterable[str],
    text: str = "",
    *,
    ready: str | None = None,
    authors: Iterable[str] = (),
    recipients: Iterable[str] = (),
    author_agent: int | None = None,
    recipient_agents: Iterable[int] = (),
) -> str:
    """What is indexed of one entry: ``lines`` and ``text``, and under marks who wrote it to whom.

    Agents stand in it by their id: a renamed one is found by the new name at once. ``ready``: the
    words of ``text``, where they are known.
    """
    found: list[str] = []
    for line in lines:
        found += [*_again(line), BETWEEN]
    for mark, people in ((FROM, authors), (TO, recipients)):
        for person in people:
            found += [*(mark + word for word in _again(person)), BETWEEN]
    if author_agent is not None:
        found.append(f"{AGENT_FROM}{author_agent}")
    found += [f"{AGENT_TO}{agent_id}" for agent_id in recipient_agents]
    found.append(BETWEEN)
    # The text comes last: it alone can be so long that something must be left out.
    if ready is None:
        found += words(text[: 2 * MAX_DOCUMENT])
    elif ready:
        found.append(ready)
    whole = " ".join(found)
    return whole if len(whole) <= MAX_DOCUMENT else whole[:MAX_DOCUMENT].rpartition(" ")[0]


def stands_in(phrase: Sequence[str], prefix: bool, among: Sequence[str]) -> bool:
    """Whether ``phrase`` stands in ``among``; with ``prefix`` its last word may go on there."""
    size = len(phrase)
    return any(
        fits(phrase, prefix, among[start : start + size]) for start in range(len(among) - size + 1)
    )


def fits(phrase: Sequence[str], prefix: bool, here: Sequence[str]) -> bool:
    """Whether these very words are the phrase."""
    if len(here) != len(phrase) or list(here[:-1]) != list(phrase[:-1]):
        return False
    return here[-1].startswith(phrase[-1]) if prefix else here[-1] == phrase[-1]
