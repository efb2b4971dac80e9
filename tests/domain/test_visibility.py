"""What a contact with access sees (R37-R39), as a table of cases and as properties."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pfinbox.domain.visibility import SETTINGS, Entry, Reader, visible

MARIA, COLLEAGUE, GUEST, STRANGER = 1, 2, 3, 4
READER = Reader(MARIA, company=frozenset({MARIA, COLLEAGUE}))
TASK = (MARIA, GUEST)

HERS = Entry(said_by=MARIA)
TO_HER = Entry(got_by=frozenset({MARIA}))
TO_COLLEAGUE = Entry(got_by=frozenset({COLLEAGUE}))
TO_GUEST = Entry(got_by=frozenset({GUEST}))
BY_GUEST = Entry(said_by=GUEST)
BY_STRANGER = Entry(said_by=STRANGER)
INTERNAL = Entry()


@pytest.mark.parametrize(
    ("entry", "seen_with"),
    [
        (HERS, {"notified", "company", "contacts", "all"}),
        (TO_HER, {"notified", "company", "contacts", "all"}),
        (TO_COLLEAGUE, {"company", "all"}),
        (TO_GUEST, {"contacts", "all"}),
        (BY_GUEST, {"contacts", "all"}),
        (BY_STRANGER, {"all"}),
        (INTERNAL, {"all"}),
        (replace(HERS, deleted=True), set()),
        (replace(TO_HER, hidden=True), set()),
        (replace(TO_HER, waits=True), set()),
        (replace(INTERNAL, system=True), set()),
    ],
)
def test_r37_who_sees_what_with_which_setting(entry: Entry, seen_with: set[str]) -> None:
    seen = {s for s in SETTINGS if visible(entry, READER, s, TASK).shown}
    assert seen == seen_with


@pytest.mark.parametrize(
    ("entry", "setting", "kind"),
    [
        (HERS, "notified", "own_message"),
        (TO_HER, "all", "was_notified"),
        (TO_COLLEAGUE, "company", "company_saw_it"),
        (TO_GUEST, "contacts", "contacts_saw_it"),
        (INTERNAL, "all", "everything_shown"),
        (INTERNAL, "notified", "not_notified"),
        (replace(HERS, hidden=True), "all", "hidden_from_contacts"),
        (replace(INTERNAL, system=True), "all", "system_entry"),
        (replace(TO_HER, waits=True), "all", "not_sent_yet"),
        (replace(TO_HER, deleted=True), "all", "deleted_comment"),
    ],
)
def test_r37_the_reason_is_told(entry: Entry, setting: str, kind: str) -> None:
    reason = visible(entry, READER, setting, TASK).reason
    assert reason.kind == kind
    assert reason.sentence() != kind, "every reason has its sentence"


def test_r37_a_card_overrides_the_company_both_ways() -> None:
    assert visible(INTERNAL, replace(READER, override="all"), "notified").shown
    assert not visible(INTERNAL, replace(READER, override="notified"), "all").shown


def test_r37_an_unknown_setting_shows_as_little_as_the_default() -> None:
    assert not visible(TO_GUEST, READER, "everybody", TASK).shown


ids = st.sampled_from([MARIA, COLLEAGUE, GUEST, STRANGER])
entries = st.builds(
    Entry,
    said_by=st.none() | ids,
    got_by=st.frozensets(ids),
    system=st.booleans(),
    hidden=st.booleans(),
    deleted=st.booleans(),
    waits=st.booleans(),
)


@given(entries)
def test_r39_with_notified_only_what_the_contact_wrote_or_got(entry: Entry) -> None:
    if visible(entry, READER, "notified", TASK).shown:
        assert MARIA in entry.between


@given(entries)
def test_r38_hidden_and_system_entries_are_shown_with_no_setting(entry: Entry) -> None:
    for setting in SETTINGS:
        if entry.hidden or entry.system:
            assert not visible(entry, READER, setting, TASK).shown


@given(entries)
def test_r37_every_setting_shows_at_least_what_notified_shows_and_all_the_most(
    entry: Entry,
) -> None:
    shown = {s: visible(entry, READER, s, TASK).shown for s in SETTINGS}
    assert all(shown[s] >= shown["notified"] for s in SETTINGS)
    assert all(shown["all"] >= shown[s] for s in SETTINGS)
