"""R21: whatever the services write down has a sentence, and shows nothing raw."""

import pkgutil
import re
from datetime import UTC
from importlib import import_module

from pfinbox.domain import events as room
from pfinbox.domain.events.event import Event
from pfinbox.store.rows import ActivityRow, Person
from pfinbox.wording.activities import activity_words, sentences
from pfinbox.wording.times import Clock
from tests.builders import START

CLOCK = Clock(START, UTC)


def test_r21_every_activity_has_a_sentence_and_every_event_a_name_of_its_own() -> None:
    for module in pkgutil.iter_modules(room.__path__, f"{room.__name__}."):
        import_module(module.name)
    events = Event.__subclasses__()
    assert len({event.public for event in events}) == len(events)
    kept = [event.activity for event in events if event.activity is not None]
    kinds = set(kept)
    assert len(kinds) == len(kept)
    # Another sentence for the same event: nobody stands in for an assignee who is away, and a
    # snoozed task woke by a failed comment; nobody knows since when messages are missing.
    assert kinds == sentences().keys() - {
        "put_before_nobody",
        "woken_by_delivery",
        "messages_missing_until",
    }


def test_r21_a_sentence_names_who_did_it_and_shows_times_in_the_agents_zone() -> None:
    by = Person("agent", 1, "Anna Lis")
    args = {"until": "2026-11-03T09:00:00+00:00"}
    row = ActivityRow("snoozed", args, START, by)
    assert activity_words(row, {}, CLOCK) == "Anna Lis snoozed it until tomorrow 09:00"
    erased = ActivityRow("comments_erased", {"count": 3}, START, by)
    assert activity_words(erased, {}, CLOCK).endswith("3 comments are gone")
    # What a newer version wrote is shown as it is, and never stops the screen.
    strange = ActivityRow("unheard_of", {"a": "[/]"}, START, None)
    assert activity_words(strange, {}, CLOCK) == "pfinbox: unheard_of a: [/]"
    assert all(re.fullmatch(r"[a-z_]+", kind) for kind in sentences())
