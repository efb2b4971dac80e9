"""Albums: what belongs together, and that a half seen before a crash hides no other half (R12)."""

from datetime import UTC, datetime

from pfinbox.channels.telegram.album import merged, runs
from pfinbox.channels.telegram.reading.reading import Reading
from pfinbox.domain.contract.files import File
from pfinbox.domain.contract.incoming import Ignored, Incoming, Message
from pfinbox.domain.contract.party import Party
from pfinbox.domain.contract.reason import Reason


def photo(key: str, text: str = "") -> Incoming:
    event = Message(
        source_id=f"42:{key}",
        chat_key="42",
        sender=Party("42"),
        sent_at=datetime(2026, 11, 22, tzinfo=UTC),
        text=text,
        files=(File(key, "image/jpeg", key.encode()),),
        warnings=(Reason("file_not_fetched", {"name": key}),),
    )
    return Incoming(key=key, raw=b"", event=event)


def test_only_neighbours_of_one_album_and_chat_belong_together() -> None:
    quiet = Ignored(reason=Reason("ignored"))
    albums = [None, ("42", "1"), ("42", "1"), ("43", "1"), None, None, ("42", "1")]
    readings = [Reading(quiet, album=album) for album in albums]
    assert list(runs(readings)) == [(0, 1), (1, 3), (3, 4), (4, 5), (5, 6), (6, 7)]


def test_the_message_is_named_after_the_picture_that_has_the_caption() -> None:
    *parts, whole = merged([photo("a"), photo("b", "подпись"), photo("c")])
    assert [p.event for p in parts] == [Ignored(reason=Reason("album"))] * 2
    assert isinstance(whole.event, Message)
    assert (whole.key, whole.event.source_id, whole.event.text) == ("c", "42:b", "подпись")
    assert [f.name for f in whole.event.files] == ["a", "b", "c"]
    assert len(whole.event.warnings) == 3


def test_r12_a_second_half_is_new_after_the_first_was_stored() -> None:
    stored = {item.key for item in merged([photo("a"), photo("b")])}
    again = merged([photo("a"), photo("b"), photo("c")])
    (new,) = [item for item in again if item.key not in stored]
    assert isinstance(new.event, Message)
    assert [f.name for f in new.event.files] == ["a", "b", "c"]


def test_one_picture_alone_is_an_ordinary_message() -> None:
    alone = photo("a")
    assert merged([alone]) == [alone]
