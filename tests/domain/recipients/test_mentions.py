"""``@name`` in a text (R13): who is meant, and what is no name at all."""

import pytest

from pfinbox.domain.model import Who
from pfinbox.domain.recipients.mentions import Named, begun, complete, fitting, mentioned

ANNA, BORIS, MARIA, MARIO = (Who("agent", 1), Who("agent", 2), Who("contact", 3), Who("contact", 4))
PEOPLE = (
    Named(ANNA, ("Anna Lis", "anna", "Anna")),
    Named(BORIS, ("Borys Łoś", "boris")),
    Named(MARIA, ("Maria Lopez",)),
    Named(MARIO, ("Maria",)),
)


@pytest.mark.parametrize(
    ("text", "who"),
    [
        ("@boris look", [BORIS]),
        ("(@Boris, @ANNA: see)", [BORIS, ANNA]),
        ("thanks @borys los.", [BORIS]),
        ("@Maria Lopez and @Maria", [MARIA, MARIO]),
        ("end @anna", [ANNA]),
        ("write to anna@boris.example or x@anna", []),
        ("@anna.example is a host, @anna@boris too, @annab nobody", []),
        ("a.@anna b/@anna c%@anna d+@anna -@anna", []),
        ("@ anna, @\nanna, @@anna", []),
        ("twice @anna @anna", [ANNA]),
    ],
)
def test_r13_who_is_meant(text: str, who: list[Who]) -> None:
    assert list(mentioned(text, PEOPLE)) == who


def test_r13_a_name_that_may_go_on_is_still_being_typed() -> None:
    assert mentioned("hi @maria", PEOPLE, len("hi @maria")) == ()
    assert mentioned("hi @maria ", PEOPLE, len("hi @maria ")) == (MARIO,)
    assert mentioned("hi @boris", PEOPLE, len("hi @boris")) == (BORIS,)
    assert mentioned("hi @maria", PEOPLE) == (MARIO,)


def test_r13_one_name_of_two_people_means_nobody() -> None:
    twins = (Named(ANNA, ("Anna",)), Named(BORIS, ("anna", "boris")))
    assert mentioned("@anna @boris", twins) == (BORIS,)


def test_what_is_being_typed() -> None:
    assert begun("hello @bo") == "bo"
    assert begun("@") == ""
    assert begun("@Maria L") == "Maria L"
    assert begun("anna@bo") is None
    assert begun("no name") is None
    assert begun("@ no") is None
    assert begun("@" + "x" * 100) is None
    assert fitting("", PEOPLE) == (ANNA, BORIS, MARIA, MARIO)
    assert fitting("l", PEOPLE) == (ANNA, BORIS, MARIA)
    assert fitting("maria l", PEOPLE) == (MARIA,)
    assert fitting("zz", PEOPLE) == ()
    assert complete("ANNA", PEOPLE)
    assert not complete("ann", PEOPLE)


def test_a_text_full_of_them_takes_no_time() -> None:
    assert mentioned("@x " * 300_000, PEOPLE) == ()
