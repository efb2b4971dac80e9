"""The border to a process that may be anybody's: what a mail says comes through, nothing else."""

import contextlib
import json
import tracemalloc
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pfinbox.channels.mail.apart import frames
from pfinbox.channels.mail.apart.frames import LENGTH, FrameError
from pfinbox.channels.mail.apart.shapes import ShapeError, Taker, Writer
from pfinbox.domain.contract.files import Encoding, File, Slice
from pfinbox.domain.contract.incoming import Message, Original, Sort
from pfinbox.domain.contract.party import Party
from pfinbox.domain.contract.reason import Reason

RAW = bytes(range(256)) * 4
# Everything that a decoder may leave in a text, halves of surrogate pairs included.
_text = st.text(st.characters(), max_size=20)
_texts = st.lists(_text, max_size=3).map(tuple)
_moments = st.datetimes(
    # Others cannot be said in UTC.
    datetime(1, 1, 2),
    datetime(9999, 12, 30),
    timezones=st.sampled_from([UTC, timezone(timedelta(hours=-3, minutes=-7, seconds=-5))]),
)
_parties = st.builds(Party, _text, _text, st.none() | _text)
_reasons = st.builds(Reason, _text, st.dictionaries(_text, st.integers() | _text | st.none()))
_slices = st.integers(0, 99).map(lambda at: Slice(at * 10, 10, Encoding.NONE))
_cut = st.builds(
    lambda where, name: File(name, "text/plain", where.of(RAW), None, where), _slices, _text
)
_files = st.lists(
    st.builds(File, _text, _text, st.binary(max_size=20), st.none() | _text) | _cut, max_size=4
).map(tuple)
_originals = st.builds(
    Original, sender=_parties, text=_text, claimed_at=st.none() | _moments, files=_files
)
_messages = st.builds(
    Message,
    source_id=_text,
    also=_texts,
    chat_key=st.none() | _text,
    sender=_parties,
    sent_at=_moments,
    text=_text,
    new_text=st.none() | _text,
    claimed_at=st.none() | _moments,
    answer_to=st.none() | _parties,
    to=st.lists(_parties, max_size=2).map(tuple),
    files=_files,
    references=_texts,
    task_number=st.none() | st.integers(-(1 << 63), (1 << 63) - 1),
    sort=st.sampled_from(Sort),
    bounce_reason=st.none() | _reasons,
    verified=st.none() | st.booleans(),
    spam=st.booleans(),
    original=st.none() | _originals,
    warnings=st.lists(_reasons, max_size=2).map(tuple),
)
_json: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | _text,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_text, inner, max_size=3),
    max_leaves=6,
)


@given(_messages)
def test_any_message_comes_through(message: Message) -> None:
    writer = Writer()
    value = writer.value(message)
    frame = frames.pack(value, writer.blobs)
    (size,) = LENGTH.unpack_from(frame)
    assert size == len(frame) - LENGTH.size
    came, blobs = frames.unpack(frame[LENGTH.size :])
    found = Taker(blobs, RAW).take(Message, came)
    assert found == message
    assert [file.slice for file in found.files] == [file.slice for file in message.files]


@given(_messages, st.data())
def test_whatever_else_comes_is_an_error_and_nothing_more(
    message: Message, data: st.DataObject
) -> None:
    """A field of another type, a field too many, one too few, and bytes of any kind."""
    writer = Writer()
    value = writer.value(message)
    name = data.draw(st.sampled_from([*value, "another"]))
    value[name] = data.draw(_json)
    try:
        taken = Taker(writer.blobs, RAW).take(Message, json.loads(json.dumps(value)))
    except ShapeError:
        pass
    else:
        # It happened to be right, or it is what any message may hold.
        assert type(taken) is Message
        assert Writer().value(replace(taken)) is not None
    garbage = data.draw(st.binary(max_size=60))
    with contextlib.suppress(FrameError):
        frames.unpack(garbage)


MADE: dict[str, Any] = {
    "source_id": "1",
    "chat_key": None,
    "sender": {"value": "a"},
    "text": "",
    "sent_at": "2026-11-02T09:00:00+00:00",
}


@pytest.mark.parametrize(
    "value",
    [
        None,
        [],
        {"source_id": "1"},
        MADE | {"sent_at": "x"},
        MADE | {"sent_at": "0001-01-01T00:00:00+14:00"},
        MADE | {"task_number": 1 << 63},
        MADE | {"task_number": True},
        MADE | {"sort": "__class__"},
        MADE | {"files": [{"name": "x", "media_type": "x/y", "content": 1}]},
        MADE | {"by_page": {"task_id": 1}},
    ],
)
def test_what_is_no_message_is_an_error(value: Any) -> None:
    with pytest.raises(ShapeError):
        Taker().take(Message, value)


def test_files_are_cut_from_the_mail_and_never_more_than_it_holds() -> None:
    whole = {"start": 0, "length": len(RAW), "encoding": "none"}
    for slices, right in (
        ([whole, whole], True),
        ([whole, whole | {"start": 1, "length": len(RAW) - 1}], False),
        ([whole | {"length": len(RAW) + 1}], False),
        ([whole | {"start": -1, "length": 1}], False),
    ):
        files = [{"name": "f", "media_type": "x/y", "slice": one} for one in slices]
        message = {"source_id": "", "chat_key": None, "sender": {"value": ""}, "text": ""}
        value = message | {"sent_at": datetime.now(UTC).isoformat(), "files": files}
        if right:
            assert Taker((), RAW).take(Message, value).files[1].content == RAW
        else:
            with pytest.raises(ShapeError):
                Taker((), RAW).take(Message, value)


def test_a_frame_that_is_too_long_is_not_waited_for() -> None:
    with pytest.raises(FrameError):
        frames.receive_packed(lambda size: LENGTH.pack(1 << 60)[:size], most=1 << 20)
    # Deep beyond reason, as no message is; and 40 times as much in memory.
    for text in (b"[" * 100_000, b"[[%s],[]]" % b",".join([b"[]"] * 2_000_000)):
        tracemalloc.start()
        with pytest.raises(FrameError):
            frames.unpack(len(text).to_bytes(4) + text)
        assert tracemalloc.get_traced_memory()[1] < 3 * len(text) + (1 << 20)
        tracemalloc.stop()
    words = frames.pack('[{"' * 2_000_000)
    assert frames.unpack(words[LENGTH.size :]) == ('[{"' * 2_000_000, [])
