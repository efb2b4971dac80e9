"""Whatever is typed to find something is a value: no SQL, no operator of LIKE or of the index."""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pfinbox.errors import PfinboxError
from pfinbox.services import queries
from pfinbox.services.people import contacts, saved_searches
from pfinbox.store import read
from pfinbox.store.search.search import search
from tests.builders import Inbox

_PIECES = [
    *("'", '"', ";", "--", "/*", "\\", "%", "_", "*", "(", ")", "{", "}", "[", "^", ":", "-", "+"),
    *(" OR ", " AND ", " NOT ", "NEAR(a b)", "' OR '1'='1", '"; DROP TABLE task; --', "\0"),
    *("\ud800", "a", "Maria", "from:", "tag:", "before:", "is:", "$1", ":id", "%s", "{x}", "é"),
    *("<->", "a:*", "&"),
]
_TYPED = st.lists(st.sampled_from(_PIECES), min_size=1, max_size=5).map("".join)
few = settings(max_examples=25, suppress_health_check=list(HealthCheck), deadline=None)


async def tried(inbox: Inbox, use: Callable[..., Awaitable[Any]], **values: Any) -> None:
    with suppress(PfinboxError):
        await inbox.acting("anna").read(use, **values)


@few
@given(_TYPED)
async def test_no_words_that_are_looked_for_act(inbox: Inbox, typed: str) -> None:
    anna = inbox.acting("anna")
    await tried(inbox, search, query=typed)
    await tried(inbox, queries.contacts, query=typed)
    for view in ("inbox", f"tag:{typed}", f"account:{typed}", f"saved:{typed}", typed):
        await tried(inbox, queries.tasks, view=view, query=typed)
    await tried(inbox, read.saved_search, name=typed)
    assert (await anna.read(queries.myself))[0].login == "anna"


async def test_signs_of_patterns_stand_for_themselves(inbox: Inbox) -> None:
    anna = inbox.acting("anna")
    for name in ("100% sure", "a_b", "back\\slash", "plain"):
        await anna.write(contacts.new, name)
    for typed, names in (
        ("%", ["100% sure"]),
        ("_", ["a_b"]),
        ("\\", ["back\\slash"]),
        ("a%n", []),
    ):
        assert [one.name for one in await anna.read(queries.contacts, query=typed)] == names
    await anna.write(saved_searches.save, "x' OR 1=1 --", "inbox", "Maria")
    assert len(await anna.read(read.saved_searches)) == 1
