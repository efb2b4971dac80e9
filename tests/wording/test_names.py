"""Words for what is stored as a kind."""

from collections.abc import Callable

from pfinbox.domain.outbound.delivery import State
from pfinbox.domain.state_words import account_state, delivery_state
from pfinbox.wording.names import byte_size, counts, status_name


def test_states_and_statuses_of_our_own_have_a_word_and_others_stay() -> None:
    assert [delivery_state(state) for state in State] == [str(state) for state in State]
    assert delivery_state("something else") == "something else"
    assert account_state("retrying") == "retrying"
    assert status_name("rejected") == "rejected"
    assert status_name("ждём запчасти") == "ждём запчасти"


def test_counts_leave_out_what_there_is_none_of() -> None:
    assert counts({"tasks": 1, "comments": 12, "files": 0, "bytes": 1_500_000}) == (
        "1 task, 12 comments, 1.5 MB"
    )
    assert counts({"tasks": 0}) == "nothing"
    assert byte_size(999) == "999 Bytes"
    assert byte_size(1) == "1 Byte"


def test_sizes_are_written_as_the_language_does(speak: Callable[[str], None]) -> None:
    speak("ru")
    assert [byte_size(n) for n in (1, 2, 5, 48_213, 1_500_000)] == [
        "1 байт", "2 байта", "5 байт", "48,2 кБ", "1,5 МБ",
    ]  # fmt: skip
    speak("pl")
    assert [byte_size(n) for n in (1, 2, 5, 48_213)] == ["1 bajt", "2 bajty", "5 bajtów", "48,2 kB"]
